"""A small district for tests: entries of the directory, built in one line each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from services.directory.data import DEMO, load_district
from shared.db import Transaction
from shared.db.message_tables import directory_entry
from shared.events import encode
from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
)
from shared.messaging.replica import Directory, keep

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


def organisation(
    name: str,
    kind: str,
    *areas: str,
    categories: tuple[str, ...] = (),
    duties: tuple[str, ...] = (),
    active: bool = True,
) -> OrganisationPublished:
    return OrganisationPublished(
        id=name,
        revision=1,
        remaining=0,
        active=active,
        kind=kind,
        name_zh=name,
        name_en=name,
        areas=areas,
        categories=categories,
        duties=duties,
    )


def member(
    name: str, role: str, organisation_id: str, *areas: str, active: bool = True
) -> MemberPublished:
    return MemberPublished(
        id=name,
        revision=1,
        remaining=0,
        active=active,
        name_zh=name,
        name_en=name,
        organisation_id=organisation_id,
        roles=(role,),
        areas=areas,
    )


def duty(
    name: str,
    role: str,
    member_id: str,
    area: str,
    *weekdays: int,
    valid_from: date = date(2026, 1, 1),
    valid_to: date | None = None,
) -> DutyPublished:
    return DutyPublished(
        id=name,
        revision=1,
        remaining=0,
        role=role,
        member_id=member_id,
        area=area,
        weekdays=weekdays or EVERY_DAY,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def directory(*entries: DirectoryEvent) -> Directory:
    """As a service would have it, but that entries which are not active are in it too."""
    return Directory(
        revision=1,
        organisations={one.id: one for one in entries if isinstance(one, OrganisationPublished)},
        members={one.id: one for one in entries if isinstance(one, MemberPublished)},
        duties=tuple(one for one in entries if isinstance(one, DutyPublished)),
    )


def learn(tx: Transaction, entries: Sequence[DirectoryEvent], *, revision: int = 1) -> None:
    """A service hears these as one revision, newer than all before: what ``keep`` makes of them,
    but in one statement.
    """
    left = reversed(range(len(entries)))
    heard = [
        replace(entry, revision=revision, remaining=remaining)
        for remaining, entry in zip(left, entries, strict=True)
    ]
    if heard[:-1]:
        tx.execute(directory_entry.insert(), [_row(entry) for entry in heard[:-1]])
    keep(tx, heard[-1])


@cache
def _row(entry: DirectoryEvent) -> Mapping[str, object]:
    row = {"kind": entry.event_type, "id": entry.id, "revision": entry.revision}
    return row | {"body": encode(entry)}


@cache
def demo() -> tuple[DirectoryEvent, ...]:
    """The entries of the demo district."""
    return load_district(DEMO).entries()
