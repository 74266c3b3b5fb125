"""Other people's programs on our topics: they read all of it, and are read when they write."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka import Consumer, KafkaError, Message, Producer

from shared.clock import utc_now
from shared.events import CASES, EVENT_CLASSES, TOPICS, encode
from shared.messaging.topics import TOPIC_PARTITIONS
from tests.conftest import needed
from tests.contracts.document import faults
from tests.e2e.filing import reconciled
from tests.e2e.system import System
from tests.eventually import eventually
from tests.messaging.samples import lead
from tests.servers import KafkaNode

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(240)]

MODES = {"binary": to_binary, "structured": to_structured}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    node = needed(KafkaNode, tmp_path_factory.mktemp("broker"))
    with node:
        yield node


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, broker: KafkaNode) -> Iterator[System]:
    home: Path = tmp_path_factory.mktemp("strangers") / "home"
    with System(home, HEMU_LOG=broker.url) as found:
        done = found.run("demo")
        assert done.returncode == 0, done.stdout + done.stderr
        eventually(partial(reconciled, found), 60)
        yield found


@pytest.fixture(scope="module")
def records(system: System, broker: KafkaNode) -> list[Message]:
    return list(everything(broker))


@pytest.fixture(scope="module")
def events(records: list[Message]) -> list[BaseCloudEvent]:
    """What the package makes of each record."""
    return [from_binary(message_of(record), JSONFormat()) for record in records]


def everything(broker: KafkaNode) -> Iterator[Message]:
    """All records of all topics, to their present ends."""
    settings = {
        "bootstrap.servers": broker.bootstrap,
        "group.id": f"stranger-{uuid4()}",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
    with Consumer(settings) as consumer:
        consumer.subscribe(list(TOPICS))
        ends: set[tuple[str | None, int | None]] = set()
        while len(ends) < sum(TOPIC_PARTITIONS.values()):
            message = consumer.poll(30)
            assert message is not None, f"{len(ends)} ends found"
            error = message.error()
            if error is None:
                yield message
                continue
            assert error.code() == KafkaError._PARTITION_EOF, error
            ends.add((message.topic(), message.partition()))


def message_of(record: Message) -> KafkaMessage:
    return KafkaMessage(headers=headers_of(record), key=record.key(), value=record.value() or b"")


def headers_of(record: Message) -> dict[str, bytes]:
    found = dict(record.headers() or [])
    return {name: value for name, value in found.items() if isinstance(value, bytes)}


def texts(record: Message) -> Mapping[str, str]:
    return {name: value.decode() for name, value in headers_of(record).items()}


def test_a_stranger_can_parse_every_record(
    records: list[Message], events: list[BaseCloudEvent]
) -> None:
    kinds = {event.get_type() for event in events}

    assert {record.topic() for record in records} == set(TOPICS)
    assert (
        {"intake.dispute.registered.v1", "referral.lead.routed.v1"} <= kinds <= set(EVENT_CLASSES)
    )
    assert {event.get_specversion() for event in events} == {"1.0"}
    assert {event.get_datacontenttype() for event in events} == {"application/json"}
    assert len({event.get_id() for event in events}) == len(events)


def test_the_key_of_every_record_is_its_subject(
    records: list[Message], events: list[BaseCloudEvent]
) -> None:
    keys = [(record.key() or b"").decode() for record in records]

    assert keys == [event.get_subject() for event in events]


def test_what_a_source_says_of_a_subject_is_numbered_without_a_gap(
    events: list[BaseCloudEvent],
) -> None:
    numbers = defaultdict(list)
    for event in events:
        place = (event.get_source(), event.get_subject())
        numbers[place].append(int(event.get_extension("sequence")))

    assert max(map(len, numbers.values())) > 1
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_every_record_holds_against_the_published_schemas(records: list[Message]) -> None:
    for record in records:
        headers = texts(record)
        name = EVENT_CLASSES[headers["ce_type"]].__name__

        assert faults(headers, "messages", name, "headers") == []
        assert faults(json.loads(record.value() or b""), "messages", name, "payload") == []


def test_an_export_says_what_the_records_say(
    system: System, records: list[Message], events: list[BaseCloudEvent]
) -> None:
    exported = []
    for topic in TOPICS:
        done = system.run("events", "--topic", topic)
        assert done.returncode == 0, done.stderr
        exported += [JSONFormat().read(None, line) for line in done.stdout.splitlines()]

    found = {event.get_id(): event for event in exported}
    assert len(exported) == len(records)
    for record, event in zip(records, events, strict=True):
        trace = {name: text for name, text in texts(record).items() if name == "traceparent"}
        wanted = {**event.get_attributes(), **trace}
        del wanted["partitionkey"]  # the package's word for Kafka's key
        assert found[event.get_id()].get_attributes() == wanted
        assert found[event.get_id()].get_data() == event.get_data()


def test_an_export_can_be_of_one_case_alone(system: System, events: list[BaseCloudEvent]) -> None:
    subject = next(event.get_subject() for event in events if event.get_source() == "/referral")

    lines = system.run("events", "--subject", str(subject)).stdout.splitlines()

    wanted = [event.get_id() for event in events if event.get_subject() == subject]
    assert [json.loads(line)["id"] for line in lines] == wanted


@pytest.mark.parametrize("mode", MODES)
def test_what_a_stranger_writes_is_heard_in_either_mode(
    system: System, broker: KafkaNode, mode: str
) -> None:
    lead_id = uuid4()
    message = MODES[mode](registration(lead_id), JSONFormat(), lambda each: each.get_subject())

    settings = {"bootstrap.servers": broker.bootstrap, "partitioner": "murmur2_random"}
    with Producer(settings) as producer:
        producer.produce(CASES, key=message.key, value=message.value, headers={**message.headers})
        assert producer.flush(30) == 0

    with system.client("referral_officer") as officer:
        found = eventually(partial(decision, officer, lead_id), 30)
    assert found["route"] == "agency_follow_up"


def decision(officer: httpx.Client, lead_id: UUID) -> Mapping[str, str]:
    response = officer.get(f"/referral/api/v1/leads/{lead_id}/routing")
    assert response.status_code == httpx.codes.OK, response.text
    found: Mapping[str, str] = response.json()
    return found


def registration(lead_id: UUID) -> CloudEvent:
    event = lead(lead_id)
    first = str(uuid4())
    return CloudEvent(
        {
            "specversion": "1.0",
            "id": first,
            "source": "/intake",
            "type": event.event_type,
            "time": utc_now(),
            "subject": event.subject,
            "datacontenttype": "application/json",
            "sequence": "000000000001",
            "correlationid": first,
        },
        json.loads(encode(event)),
    )
