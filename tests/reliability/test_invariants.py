"""Each invariant holds for a system that ran well, and finds what is planted against it."""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.reliability import invariants
from tests.reliability.clients import Account
from tests.reliability.evidence import Evidence
from tests.reliability.invariants import INVARIANTS, Invariant, violations
from tests.reliability.replies import contradictions, unbalanced
from tests.reliability.soak import Size, Soak
from tests.reliability.target_embedded import EmbeddedTarget, engines, logged, unsound

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

CALM = Size(cases=40, rate=0.0)
DOUBLE = """
CREATE TEMP TABLE copied AS SELECT * FROM {table} WHERE {which} LIMIT 1;
UPDATE copied SET {changed};
INSERT INTO {table} SELECT * FROM copied;
"""
"""Puts a row into a table once more, with some columns changed."""
OTHER_ID = "lower(hex(randomblob(16)))"
AGAIN = f"seq = 99999, event_id = {OTHER_ID}, kseq = 99999"
ORPHANED = "UPDATE orders SET lead_id = lower(hex(randomblob(16)))"
UNEMITTED = """
INSERT INTO inbox VALUES
('referral', lower(hex(randomblob(16))), '2026-01-01 00:00:00.000000')
"""
PARKED = """
INSERT INTO parked_key VALUES
('intake', 'k', '2026-01-01 00:00:00.000000', 'r', 'E', 1, NULL)
"""

PLANTED = [
    ("accepted_cases_exist", "intake", "DELETE FROM disputes WHERE seq = 1"),
    ("accepted_cases_exist", "intake", "DELETE FROM leads WHERE seq = 1"),
    (
        "keys_have_one_case",
        "intake",
        DOUBLE.format(
            table="disputes", which="1", changed=f"seq = 99999, id = {OTHER_ID}, receipt = 'x'"
        ),
    ),
    ("keys_have_one_case", "intake", "DELETE FROM idempotency"),
    ("acts_happened_once", "mediation", "DELETE FROM outbox WHERE type LIKE '%concluded%'"),
    (
        "acts_happened_once",
        "mediation",
        DOUBLE.format(table="outbox", which="type LIKE '%accepted%'", changed=AGAIN),
    ),
    ("cases_have_one_home", "mediation", "DELETE FROM mediations WHERE rowid = 1"),
    ("cases_have_one_home", "referral", "DELETE FROM leads WHERE rowid = 1"),
    ("cases_have_one_home", "mediation", "UPDATE decisions SET route = 'x' WHERE rowid = 1"),
    ("cases_have_one_home", "intake", "UPDATE leads SET route = 'x' WHERE seq = 1"),
    (
        "cases_have_one_home",
        "mediation",
        DOUBLE.format(table="outbox", which="type LIKE '%routed%'", changed=AGAIN),
    ),
    (
        "effects_have_a_cause",
        "mediation",
        DOUBLE.format(table="mediations", which="1", changed=f"case_id = {OTHER_ID}"),
    ),
    ("effects_have_a_cause", "referral", ORPHANED),
    ("effects_have_a_cause", "ops", "DELETE FROM flows WHERE rowid = 1"),
    ("effects_happened_once", "intake", "UPDATE disputes SET version = version + 1"),
    ("effects_happened_once", "intake", "UPDATE leads SET version = version - 1"),
    ("effects_happened_once", "mediation", "UPDATE workloads SET open = open + 1"),
    ("effects_happened_once", "mediation", "DELETE FROM sessions WHERE rowid = 1"),
    ("effects_happened_once", "ops", "DELETE FROM hops WHERE sequence = 1"),
    ("events_reach_everybody", "intake", "UPDATE outbox SET published_at = NULL WHERE seq = 1"),
    ("events_reach_everybody", "intake", "DELETE FROM outbox WHERE seq = 1"),
    ("events_reach_everybody", "log", "DELETE FROM log WHERE off = 0"),
    ("events_reach_everybody", "mediation", "DELETE FROM inbox"),
    ("events_reach_everybody", "referral", UNEMITTED),
    ("sequences_have_no_gap", "intake", "UPDATE outbox SET kseq = kseq + 1 WHERE seq = 1"),
    ("sequences_have_no_gap", "mediation", "UPDATE key_counter SET last = last + 1"),
    ("sequences_have_no_gap", "ops", "UPDATE key_cursor SET kseq = kseq - 1"),
    ("nothing_is_set_aside", "intake", PARKED),
    ("the_log_keeps_the_order", "log", "UPDATE log SET off = 100000 - off"),
]

Past = tuple[Path, Account]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """What a system without faults left behind."""
    folder = tmp_path_factory.mktemp("past")
    soak = Soak(EmbeddedTarget(folder, chance=random.Random(1)), 1, CALM)
    result = soak.run()
    assert result.violations == []
    return folder / "home", soak.account


@pytest.fixture
def home(past: Past, tmp_path: Path) -> Path:
    """A copy, to plant something in."""
    return Path(shutil.copytree(past[0], tmp_path / "home"))


def evidence(home: Path, account: Account) -> Evidence:
    return Evidence(account, engines(home), logged(home / "log.sqlite"))


def test_a_system_that_ran_well_violates_nothing(past: Past, home: Path) -> None:
    with evidence(home, past[1]) as found:
        assert violations(found) == []
    assert list(unsound(sorted(home.glob("*.sqlite")))) == []


@pytest.mark.parametrize("name, database, planted", PLANTED)
def test_what_is_planted_is_found(
    name: str, database: str, planted: str, past: Past, home: Path
) -> None:
    with closing(sqlite3.connect(home / f"{database}.sqlite")) as connection:
        before = connection.total_changes
        connection.executescript(planted)
        assert connection.total_changes > before

    invariant: Invariant = getattr(invariants, name)
    with evidence(home, past[1]) as found:
        assert list(invariant(found))


def test_every_invariant_has_something_planted_against_it() -> None:
    known = {one.__name__ for each in INVARIANTS.values() for one in each}

    assert {name for name, _, _ in PLANTED} == known


def test_a_case_on_both_sides_is_found(past: Past, home: Path) -> None:
    dispute = next(one.id for one in past[1].accepted if one.kind == "dispute")
    with closing(sqlite3.connect(home / "referral.sqlite")) as connection:
        connection.executescript(
            DOUBLE.format(table="leads", which="1", changed=f"lead_id = '{dispute.hex}'")
        )

    with evidence(home, past[1]) as found:
        assert any("wrong side" in text for text in invariants.cases_have_one_home(found))


def test_an_act_that_was_answered_twice_but_asked_once_is_found(past: Past, home: Path) -> None:
    account = replace(past[1], acts=past[1].acts[1:])

    with evidence(home, account) as found:
        assert any("done twice" in text for text in invariants.acts_happened_once(found))


def test_a_damaged_file_is_found(home: Path) -> None:
    path = home / "mediation.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek(3 * page)
        file.write(b"\x55" * page * 4)

    assert list(unsound([path]))


def right() -> dict[str, object]:
    return {
        "accepted": 7,
        "routed": 7,
        "waiting": 0,
        "parked": 0,
        "unexplained": 0,
        "balanced": True,
        "away": [],
        "gaps": [],
    }


def test_a_ledger_that_balances_is_no_violation() -> None:
    assert list(unbalanced(right(), 7)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"accepted": 8},
        {"routed": 6},
        {"waiting": 1},
        {"parked": 1},
        {"unexplained": 1},
        {"balanced": None},
        {"away": ["intake"]},
    ],
)
def test_a_ledger_that_does_not_balance_is_found(wrong: dict[str, object]) -> None:
    assert list(unbalanced(right() | wrong, 7))


def answers() -> Iterator[dict[str, object]]:
    yield {"route": "r", "state": "closed", "sessions": 1}
    yield {"route": "r", "state": "closed", "sessions": 1}
    yield {"route": "r", "concluded_at": "2026-01-01T00:00:00Z"}


def test_answers_that_agree_are_no_violation() -> None:
    assert list(contradictions(*answers())) == []


@pytest.mark.parametrize(
    "who, wrong",
    [
        (0, {"route": None}),
        (0, {"sessions": 0}),
        (0, {"state": "accepted"}),
        (2, {"route": "q"}),
        (2, {"concluded_at": None}),
    ],
)
def test_answers_that_differ_are_found(who: int, wrong: dict[str, object]) -> None:
    given = list(answers())
    given[who] |= wrong

    assert list(contradictions(*given))
