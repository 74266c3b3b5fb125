"""Lies that one check of the verifier finds, and no other one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.audit.manipulating import Copy, Row, Rows, moved

LATE = 38
"""A row that no witness has; in the middle of a batch."""
EARLY = 8


@dataclass(frozen=True)
class Target:
    """``says``: how the verifier's words begin."""

    says: str
    apply: Callable[[Copy, Rows], None]

    @property
    def name(self) -> str:
        return self.apply.__name__.strip("_")


def _row(copy: Copy, seq: int) -> Row:
    return next(row for row in copy.rows if row["seq"] == seq)


def _signed_again(copy: Copy) -> None:
    copy.chain_again()
    copy.seal_again()


def _leave_a_gap(copy: Copy, _held: Rows) -> None:
    copy.rows.remove(_row(copy, LATE))
    _signed_again(copy)


def _point_elsewhere(copy: Copy, _held: Rows) -> None:
    _row(copy, EARLY)["prev"] = bytes(32)


def _hash_otherwise(copy: Copy, _held: Rows) -> None:
    _row(copy, LATE)["suite"] = 2
    _signed_again(copy)


def _say_otherwise(copy: Copy, _held: Rows) -> None:
    _row(copy, EARLY)["actor"] = "m-0001"


def _take_the_last_seal(copy: Copy, _held: Rows) -> None:
    copy.seals.pop()


def _be_late(copy: Copy, _held: Rows) -> None:
    _move(_row(copy, LATE), timedelta(days=1))
    _signed_again(copy)


def _chain_without_the_key(copy: Copy, _held: Rows) -> None:
    _row(copy, LATE)["actor"] = "m-0001"
    copy.chain_again()


def _sign_what_was_witnessed(copy: Copy, _held: Rows) -> None:
    _row(copy, EARLY)["actor"] = "m-0001"
    _signed_again(copy)


def _cut_below_the_seal(copy: Copy, _held: Rows) -> None:
    copy.rows.pop()


def _restore(copy: Copy, _held: Rows) -> None:
    copy.rows = [row for row in copy.rows if row["seq"] <= 10]
    copy.seals = [seal for seal in copy.seals if seal["seq"] <= 10]


def _take_a_seal(copy: Copy, _held: Rows) -> None:
    del copy.seals[1]


def _go_back_in_time(copy: Copy, _held: Rows) -> None:
    for row in copy.rows[-5:]:
        _move(row, -timedelta(hours=1))
    _move(copy.seals[-1], -timedelta(hours=1))
    _signed_again(copy)


def _forge(copy: Copy, _held: Rows) -> None:
    copy.seals[1]["signature"] = bytes(64)


def _forge_the_witness(_copy: Copy, held: Rows) -> None:
    held[-1]["signature"] = bytes(64)


def _lose_the_witness(_copy: Copy, held: Rows) -> None:
    held.clear()


def _write_nonsense(copy: Copy, _held: Rows) -> None:
    copy.seals[1]["at"] = 7


def _move(row: Row, by: timedelta) -> None:
    row["at"] = moved(row["at"], by)


TARGETED = (
    Target("rows are missing before", _leave_a_gap),
    Target("it does not follow the row before it", _point_elsewhere),
    Target("it is hashed in a way", _hash_otherwise),
    Target("it does not say what it said", _say_otherwise),
    Target("it is not sealed", _take_the_last_seal),
    Target("it tells a later time", _be_late),
    Target("it is not what was sealed", _chain_without_the_key),
    Target("it is not what the witness holds", _sign_what_was_witnessed),
    Target("rows were sealed up to", _cut_below_the_seal),
    Target("the witness holds rows up to", _restore),
    Target("a seal is missing", _take_a_seal),
    Target("it was sealed earlier", _go_back_in_time),
    Target("a seal of it is not signed", _forge),
    Target("a seal of it is not signed", _forge_the_witness),
    Target("no witness vouches", _lose_the_witness),
    Target("something is not of its kind", _write_nonsense),
)
