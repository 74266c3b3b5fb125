"""What programs are told: flows, lag, what is set aside; and having it tried again."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.auth.actor import service_actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from shared.errors import Rejected
from shared.events import CASES
from shared.events.mediation import DisputeConcluded
from shared.messaging.log import Partition, Record
from tests.ops.system import START, System, dispute_routed, lead_routed
from tests.registrations import dispute

READS = (
    "/api/v1/flows",
    "/api/v1/flows/JF350599-2026-000001",
    "/api/v1/lag",
    "/api/v1/dead-letters",
    "/api/v1/reconciliation",
    "/flows",
    "/flows/JF350599-2026-000001",
    "/find?case=JF350599-2026-000001",
    "/dead-letters",
)
REASON = "The rules do not allow this."


def refuse(*_: object) -> None:
    raise Rejected(REASON)


def subjects(found: dict[str, Any]) -> list[str]:
    return [item["subject"] for item in found["items"]]


def file_several(system: System) -> dict[str, UUID]:
    """One case at each stage, a second apart, the newest last."""
    system.decide = lambda *_: None
    found = {}
    for stage in ("concluded", "parked", "routed", "lead", "waiting"):
        system.clock.move(seconds=1)
        found[stage] = system.file_lead() if stage == "lead" else system.file_dispute()
    system.publish()
    system.consume("ops")
    for stage in ("concluded", "routed"):
        system.say("mediation", dispute_routed(found[stage]))
    system.say("referral", lead_routed(found["lead"]))
    over = DisputeConcluded(case_id=found["concluded"], outcome="failed", state="terminated")
    system.say("mediation", over)
    system.consume("ops")
    system.decide = lambda _tx, event: refuse() if event.case_id == found["parked"] else None
    system.consume("mediation")
    system.later()
    return found


def test_flows_come_newest_first(either: System) -> None:
    filed = file_several(either)

    found = either.json("/api/v1/flows")

    assert subjects(found) == [str(case_id) for case_id in reversed(filed.values())]
    assert [item["stage"] for item in found["items"]] == [
        "waiting",
        "routed",
        "routed",
        "parked",
        "concluded",
    ]


@pytest.mark.parametrize(
    "query, stages",
    [
        ("stage=waiting", ["waiting"]),
        ("stage=routed", ["lead", "routed"]),
        ("stage=concluded", ["concluded"]),
        ("stage=parked", ["parked"]),
        ("kind=lead", ["lead"]),
        ("kind=dispute&stage=routed", ["routed"]),
        ("area=350599&stage=waiting", ["waiting"]),
        ("area=350599001001&stage=waiting", ["waiting"]),
        ("area=350599002", []),
    ],
)
def test_flows_are_filtered(either: System, query: str, stages: list[str]) -> None:
    filed = file_several(either)

    found = either.json(f"/api/v1/flows?{query}")

    assert subjects(found) == [str(filed[stage]) for stage in stages]


def test_flows_go_on_behind_the_last_row_seen(either: System) -> None:
    filed = file_several(either)
    seen: list[str] = []
    path: str | None = "/api/v1/flows?limit=2"

    while path:
        response = either.get(path)
        assert response.json is not None
        seen += subjects(response.json)
        link = response.headers.get("Link", "")
        path = link.partition("<")[2].partition(">")[0] or None

    assert seen == [str(case_id) for case_id in reversed(filed.values())]


@pytest.mark.parametrize("query", ["stage=lost", "kind=rumour", "area=35", "colour=red", "limit=0"])
def test_a_filter_that_is_none_is_refused_by_name(system: System, query: str) -> None:
    response = system.get(f"/api/v1/flows?{query}")

    assert response.status_code == 400
    assert response.json is not None
    assert list(response.json["errors"]) == [query.partition("=")[0]]


def test_a_flow_is_found_by_its_number_or_its_id(either: System) -> None:
    case_id = either.file_dispute()
    either.run()

    for wanted in ("JF350599-2026-000001", "jf350599-2026-000001", str(case_id)):
        found = either.json(f"/api/v1/flows/{wanted}")

        assert found["subject"] == str(case_id)
        assert len(found["hops"]) == 2
        assert found["parked"] is None
        assert found["stands"] == {
            "zh": "社区人民调解，由o-021办理：征求对方意愿",
            "en": "Community mediation; o-021 has it: Waiting for consent",
        }


@pytest.mark.parametrize("wanted", ["JF350599-2026-999999", str(UUID(int=1)), "%00", "x" * 500])
def test_a_flow_nobody_heard_of_is_absent(system: System, wanted: str) -> None:
    assert system.get(f"/api/v1/flows/{wanted}").status_code in {400, 404}


def test_a_waiting_flow_says_for_whom_and_how_long(system: System) -> None:
    case_id = system.file_dispute()
    system.publish()
    system.consume("ops")
    system.clock.move(minutes=42)

    assert system.json(f"/api/v1/flows/{case_id}")["stands"] == {
        "zh": "已登记 42 分钟，等“调解”定去向",
        "en": "Registered 42 min ago; mediation decides",
    }


def test_a_parked_flow_says_where_why_and_since_when(either: System) -> None:
    either.decide = refuse
    case_id = either.file_dispute()
    either.run()

    found = either.json(f"/api/v1/flows/{case_id}")

    assert found["stage"] == "parked"
    assert found["parked"] == {
        "service": "mediation",
        "since": START.isoformat(),
        "reason": REASON,
        "error_class": "Rejected",
        "attempts": 1,
        "next_try": None,
        "waiting": 1,
        "first_type": "intake.dispute.registered.v1",
    }
    assert found["stands"]["en"] == "Set aside in mediation for 5 s"


def test_a_flow_without_a_registration_says_so(system: System) -> None:
    case_id = uuid4()
    system.say("mediation", dispute_routed(case_id))
    system.run()

    assert system.json(f"/api/v1/flows/{case_id}")["stands"]["en"] == (
        "Its registration was never seen"
    )
    assert system.json("/api/v1/flows")["items"] == []


def test_the_lag_is_told_per_service_topic_and_partition(either: System) -> None:
    case_id = either.file_dispute()
    either.publish("intake")
    either.consume("ops")
    either.file_dispute()
    either.clock.move(seconds=8)

    found = {each["service"]: each for each in either.json("/api/v1/lag")["items"]}

    assert list(found) == ["directory", "intake", "mediation", "referral", "ops"]
    assert (found["intake"]["unpublished"], found["intake"]["oldest_unpublished_seconds"]) == (1, 8)
    assert (found["ops"]["total_lag"], found["mediation"]["total_lag"]) == (0, 1)
    assert found["directory"]["partitions"] == []
    [behind] = [each for each in found["mediation"]["partitions"] if each["lag"]]
    place = Partition(behind["topic"], behind["partition"])
    assert (behind["end"], behind["next"]) == (either.log.ends(CASES)[place], 0)
    assert place.topic == CASES
    assert either.json(f"/api/v1/flows/{case_id}")["hops"][0]["partition"] == place.number


def test_a_service_that_is_away_is_shown_as_away(either: System) -> None:
    either.file_dispute()
    either.run()
    either.away.update({"mediation", "referral"})

    found = either.json("/api/v1/lag")

    assert found["away"] == ["mediation", "referral"]
    [mediation] = [each for each in found["items"] if each["service"] == "mediation"]
    assert mediation["away"] is True
    assert mediation["unpublished"] is None
    assert either.json("/api/v1/dead-letters")["away"] == ["mediation", "referral"]
    assert either.json("/api/v1/flows")["items"][0]["stage"] == "routed"


def park_one(system: System) -> UUID:
    """A case whose decision mediation refuses, and whose decision intake could not note."""
    system.decide = refuse
    case_id = system.file_dispute()
    system.run()
    return case_id


def dead_letter(system: System) -> None:
    """A record that is no event of ours: every service that reads the topic sets it aside."""
    system.append(Record(CASES, "somebody", b"hello"))
    system.run()


def test_what_is_set_aside_is_listed_together(either: System) -> None:
    case_id = park_one(either)
    dead_letter(either)

    found = either.json("/api/v1/dead-letters")["items"]

    assert [(each["service"], each["kind"]) for each in found] == [
        ("mediation", "parked"),
        ("intake", "dead_letter"),
        ("mediation", "dead_letter"),
        ("referral", "dead_letter"),
        ("ops", "dead_letter"),
    ]
    assert (found[0]["key"], found[0]["number"]) == (str(case_id), "JF350599-2026-000001")
    assert (found[0]["reason"], found[0]["waiting"], found[0]["attempts"]) == (REASON, 1, 1)
    assert found[1]["reason"] == "header 'ce_specversion' is missing"
    assert found[1]["id"] == 1


def test_a_case_is_tried_again_by_the_service_that_set_it_aside(either: System) -> None:
    case_id = park_one(either)
    either.decide = lambda tx, event: tx.emit(dispute_routed(event.case_id))

    response = either.post(
        "/api/v1/dead-letters/retry", {"service": "mediation", "key": str(case_id)}
    )

    assert response.json == {"retrying": 1}
    assert either.consumers["mediation"].unpark() == 1
    either.run()
    assert either.json(f"/api/v1/flows/{case_id}")["stage"] == "routed"
    assert either.json("/api/v1/dead-letters")["items"] == []


def test_all_that_a_service_has_set_aside_is_tried_again_at_once(system: System) -> None:
    park_one(system)
    park_one(system)
    dead_letter(system)

    response = system.post("/api/v1/dead-letters/retry", {"service": "mediation"})

    assert response.json == {"retrying": 3}


def test_a_dead_letter_is_tried_again_by_its_id(system: System) -> None:
    dead_letter(system)

    response = system.post("/api/v1/dead-letters/retry", {"service": "referral", "id": 1})

    assert response.json == {"retrying": 1}
    found = system.json("/api/v1/dead-letters")["items"]
    assert [each["service"] for each in found if each["retrying"]] == ["referral"]


def test_operations_tries_its_own_again_too(either: System) -> None:
    dead_letter(either)

    response = either.post("/api/v1/dead-letters/retry", {"service": "ops", "id": 1})

    assert response.json == {"retrying": 1}
    [own] = [each for each in either.json("/api/v1/dead-letters")["items"] if each["retrying"]]
    assert own["service"] == "ops"


def test_what_is_not_there_is_not_tried_again(system: System) -> None:
    body = {"service": "mediation", "key": str(uuid4())}

    assert system.post("/api/v1/dead-letters/retry", body).json == {"retrying": 0}


def test_a_service_that_is_away_cannot_try_anything_again(system: System) -> None:
    system.away.add("mediation")

    response = system.post("/api/v1/dead-letters/retry", {"service": "mediation"})

    assert response.status_code == 503
    assert response.headers["Retry-After"]


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "service"),
        ({"service": "police"}, "service"),
        ({"service": "ops", "key": "a", "id": 1}, "id"),
        ({"service": "ops", "id": "1"}, "id"),
        ({"service": "ops", "why": "because"}, "why"),
    ],
)
def test_a_retry_that_cannot_be_understood_is_refused_by_field(
    system: System, body: object, field: str
) -> None:
    response = system.post("/api/v1/dead-letters/retry", body)

    assert response.status_code == 422
    assert response.json is not None
    assert list(response.json["errors"]) == [field]


@pytest.mark.parametrize("path", READS)
def test_operations_and_auditors_look_and_nobody_else(system: System, path: str) -> None:
    system.file_dispute()
    system.run()

    def status(role: str) -> int:
        return system.get(path, role).status_code

    assert {status(role) for role in ("ops", "auditor")} <= {200, 303}
    assert {status(role) for role in ("mediator", "pmc_director", "prosecutor", "resident")} == {
        403
    }
    assert system.client().get(path).status_code == 401


@pytest.mark.parametrize("path", ["/dead-letters/retry", "/flows/x/retry", "/api/v1/flows/x/retry"])
def test_a_form_of_somebody_else_changes_nothing(system: System, path: str) -> None:
    response = system.client().post(
        path, data={"service": "ops"}, headers=system.headers("auditor")
    )

    assert response.status_code in {403, 404}


def test_an_auditor_has_nothing_tried_again(system: System) -> None:
    response = system.post("/api/v1/dead-letters/retry", {"service": "ops"}, role="auditor")

    assert response.status_code == 403


def test_another_service_does_not_look(system: System) -> None:
    token = signer(system.keys, "mediation", system.clock).sign(
        service_actor("mediation"), audience="ops"
    )

    assert system.client().get("/api/v1/flows", headers={HEADER: token}).status_code == 403


def test_no_answer_holds_more_than_ids_codes_numbers_and_times(system: System) -> None:
    """What a registration says of the matter and of the people stays out of here."""
    case_id = system.file_dispute()
    system.run()

    asked = [*READS, f"/api/v1/flows/{case_id}"]
    told = "".join(system.get(path).text for path in asked if not path.startswith("/find"))

    filed = dispute()
    assert filed.category not in told
    assert "applicant" not in told
    assert str(filed.amount_fen) not in told


def test_the_api_describes_itself(system: System) -> None:
    found = system.json("/api/v1/openapi.json")

    paths = ("flows", "flows/{wanted}", "lag", "dead-letters", "dead-letters/retry")
    assert set(found["paths"]) == {
        f"/api/v1/{path}" for path in (*paths, "reconciliation", "audit/mine")
    }
