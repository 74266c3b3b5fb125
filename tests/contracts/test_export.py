"""``hemu events``: a topic as it is, for whoever wants it as text."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.commands.events import events
from shared.events import CASES
from shared.events.codec import STRUCTURED, headers, structured
from shared.messaging.log import Record
from shared.messaging.sqlite_log import SqliteLog
from shared.settings import Settings
from tests.contracts.test_cloudevents import ENVELOPE


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_env({"HEMU_HOME": str(tmp_path), "HEMU_LOG": f"sqlite:{tmp_path}/log"})


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    found = SqliteLog(tmp_path / "log")
    yield found
    found.close()


def export(settings: Settings, *arguments: str) -> Result:
    result = CliRunner().invoke(events, arguments, obj=settings)
    assert result.exit_code == 0, result.output
    return result


def test_an_empty_log_is_exported_as_nothing(settings: Settings, log: SqliteLog) -> None:
    log.ensure_topics()

    assert export(settings).output == ""


def test_events_of_both_modes_are_exported_and_what_is_none_is_told(
    settings: Settings, log: SqliteLog
) -> None:
    key, whole = ENVELOPE.subject, structured(ENVELOPE)
    log.append(
        [
            Record(CASES, key, ENVELOPE.data, headers(ENVELOPE)),
            Record(CASES, key, b"\x90", ()),
            Record(CASES, key, whole, (("content-type", STRUCTURED.encode()),)),
        ]
    )

    result = export(settings)

    assert result.stdout_bytes.splitlines() == [whole, whole]
    assert f"{CASES} " in result.stderr
    assert "ce_specversion" in result.stderr


def test_more_than_one_batch_is_exported_in_the_order_of_the_log(
    settings: Settings, log: SqliteLog
) -> None:
    keys = [f"case-{number % 7}" for number in range(1000)]
    records = []
    for number, key in enumerate(keys):
        given = {**dict(headers(ENVELOPE)), "ce_subject": key.encode()}
        given["ce_sequence"] = str(number + 1).encode()
        records.append(Record(CASES, key, ENVELOPE.data, tuple(given.items())))
    log.append(records)

    found = [json.loads(line) for line in export(settings).stdout.splitlines()]
    one = [json.loads(line) for line in export(settings, "--subject", "case-3").stdout.splitlines()]

    assert len(found) == len(keys)
    for key in set(keys):
        numbers = [int(each["sequence"]) for each in found if each["subject"] == key]
        assert numbers == [number + 1 for number, each in enumerate(keys) if each == key]
    assert one == [each for each in found if each["subject"] == "case-3"]
