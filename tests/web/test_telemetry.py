"""Logs hold what operations need and nothing about people; traces go on."""

import io
import json
import logging
from collections.abc import Iterator
from uuid import uuid4

import pytest
import structlog

from shared import telemetry
from tests.web.conftest import Site

CANARY = "王小兰"
PHONE = "13800001111"
RECEIPT = "HM7K3Q"


def fail(text: str) -> None:
    raise ValueError(text)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    telemetry.configure("debug", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers, _ = before
    root.setLevel(before[1])


def records(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_each_request_is_one_line(site: Site, lines: io.StringIO) -> None:
    answer = site.write()

    (record,) = records(lines)
    assert record["event"] == "request.answered"
    assert record["method"] == "POST"
    assert record["rule"] == "/api/v1/notes"
    assert record["status"] == 201
    assert record["service"] == "notes"
    assert record["request_id"] == answer.headers["X-Request-ID"]
    assert isinstance(record["ms"], float)


def test_no_request_leaves_personal_data_in_the_logs(site: Site, lines: io.StringIO) -> None:
    client, headers = site.client(), site.mediator
    strange = f"{PHONE}{RECEIPT}"
    client.post("/api/v1/notes", json={"text": CANARY, "area": PHONE}, headers=headers)
    client.post("/api/v1/notes", json={CANARY: PHONE}, headers=headers)
    client.post("/api/v1/notes", data=f'{{"text": "{CANARY}', headers=headers)
    client.post("/notes/new", data={"text": CANARY, "kind": PHONE}, headers=headers)
    client.get(f"/api/v1/notes?text={CANARY}&wrong={PHONE}", headers=headers)
    client.get(f"/api/v1/notes/{PHONE}", headers=headers)
    client.get(f"/{CANARY}/{RECEIPT}", headers=headers)
    client.get("/api/v1/broken", headers=headers)
    client.get("/broken", headers=headers)
    client.get("/", headers={"X-Request-ID": strange, "User-Agent": strange, "Referer": strange})
    client.get("/", headers={"traceparent": strange, "Hemu-Actor": strange})
    client.post(
        "/api/v1/notes", json={"text": "a"}, headers={**headers, "Idempotency-Key": strange}
    )
    client.open("/", method=PHONE)

    text = lines.getvalue()

    assert len(records(lines)) == 15
    for canary in (CANARY, PHONE, RECEIPT, json.dumps(CANARY).strip('"')):
        assert canary not in text


def test_a_bug_is_logged_by_class_and_place(site: Site, lines: io.StringIO) -> None:
    site.client().get("/api/v1/broken", headers=site.mediator)

    failed = records(lines)[0]
    assert failed["event"] == "request.failed"
    assert failed["error"] == "RuntimeError"
    assert any("service.py" in place for place in failed["where"])  # type: ignore[attr-defined]


def test_only_known_keys_with_plain_values_pass(lines: io.StringIO) -> None:
    case_id = uuid4()

    telemetry.logger().info(
        "case.routed",
        case_id=case_id,
        name=CANARY,
        reason="a sentence about somebody",
        state="routed",
        count=3,
        attempts=[CANARY],
        rule="x" * 300,
        error=ValueError(CANARY),
    )

    (record,) = records(lines)
    assert record["case_id"] == str(case_id)
    assert record["reason"] == "<text>"
    assert record["state"] == "routed"
    assert record["count"] == 3
    assert record["attempts"] == "<list>"
    assert record["rule"] == "x" * 200
    assert record["error"] == "ValueError"
    assert "name" not in record


def test_a_sentence_instead_of_an_event_name_is_withheld(lines: io.StringIO) -> None:
    telemetry.logger().warning(f"{CANARY} has called")

    assert records(lines)[0]["event"] == "text.withheld"


def test_libraries_are_logged_without_what_they_put_into_their_texts(lines: io.StringIO) -> None:
    logging.getLogger("library").warning("cannot reach %s", PHONE)
    logging.getLogger("library").info("chatter")
    try:
        fail(CANARY)
    except ValueError:
        logging.getLogger("library").exception("failed with %s", PHONE)

    first, second = records(lines)
    assert first["logger"] == "library"
    assert first["reason"] == "cannot reach %s"
    assert second["error"] == "ValueError"
    assert PHONE not in lines.getvalue()
    assert CANARY not in lines.getvalue()


def test_context_counts_until_its_end(lines: io.StringIO) -> None:
    token = telemetry.begin_context(service="notes")
    telemetry.add_context(case_id="c-1")
    with telemetry.context(event_type="x.y.v1"):
        telemetry.logger().info("inner.seen")
    telemetry.logger().info("outer.seen")
    telemetry.end_context(token)
    telemetry.logger().info("after.seen")

    inner, outer, after = records(lines)
    assert (inner["service"], inner["case_id"], inner["event_type"]) == ("notes", "c-1", "x.y.v1")
    assert "event_type" not in outer
    assert "service" not in after


def test_a_request_inside_a_request_leaves_the_outer_context_alone(
    site: Site, lines: io.StringIO
) -> None:
    token = telemetry.begin_context(service="intake")
    site.client().get("/")
    telemetry.logger().info("outer.seen")
    telemetry.end_context(token)

    assert records(lines)[-1]["service"] == "intake"


def test_unconfigured_logs_are_safe_too(capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    secret = CANARY
    try:
        fail(secret)
    except ValueError as error:
        telemetry.logger().error("thing.failed", exc_info=error, name=secret)
    structlog.reset_defaults()

    printed = capsys.readouterr().err
    assert json.loads(printed)["error"] == "ValueError"
    assert CANARY not in printed


def test_a_request_goes_on_in_its_callers_trace() -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    step = telemetry.continued(parent)

    assert telemetry.trace_id(step) == "0af7651916cd43dd8448eb211c80319c"
    assert step.split("-")[2] != "b7ad6b7169203331"


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "00-x-y-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    ],
)
def test_a_trace_that_cannot_be_read_begins_anew(parent: str | None) -> None:
    step = telemetry.continued(parent)

    assert len(telemetry.trace_id(step)) == 32
    assert telemetry.trace_id("nonsense") == ""


def test_a_well_formed_request_id_is_kept(site: Site) -> None:
    given = uuid4().hex

    answer = site.client().get("/", headers={"X-Request-ID": given})

    assert answer.headers["X-Request-ID"] == given
