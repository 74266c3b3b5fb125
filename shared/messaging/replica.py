"""The directory as every other service knows it: a copy built from ``hemu.directory``.

Entries are kept by revision, and those of a revision that has not arrived whole are not seen: what
``directory`` returns is what the directory was at ``revision``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TypeVar, overload
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, delete, exists, func, insert, select, update
from sqlalchemy.orm import Session

from shared.db.message_tables import directory_entry, directory_revision
from shared.db.transaction import Transaction
from shared.events import Event, decode, encode
from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
)
from shared.events.roster import Roster
from shared.messaging.reactions import NotYet, Reaction, on
from shared.rules import Language

E = TypeVar("E", bound=DirectoryEvent)

LANGUAGES: tuple[Language, ...] = ("zh", "en")
ONLY = 1
PLACES = frozenset({"district", "street", "community", "grid"})
"""Kinds of organisation that stand for a place: each has one area, and that area's name."""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The active entries of one revision, by id; duties in the order of their ids."""

    revision: int = 0
    organisations: Mapping[str, OrganisationPublished] = field(default_factory=dict)
    members: Mapping[str, MemberPublished] = field(default_factory=dict)
    duties: tuple[DutyPublished, ...] = ()

    @cached_property
    def roster(self) -> Roster:
        """Who serves an area; made once for the snapshot."""
        return Roster(self)

    def name(self, entry_id: str, language: str) -> str:
        """Of an organisation or a member; one that is not known any more is named by its id."""
        found = self.organisations.get(entry_id) or self.members.get(entry_id)
        return entry_id if found is None else _name(found, language)

    def area_name(self, area: str, language: str) -> str:
        """Of a district, street, community or grid; an unknown one is named by its code."""
        for found in self.organisations.values():
            if found.kind in PLACES and found.areas == (area,):
                return _name(found, language)
        return area


@dataclass(frozen=True, kw_only=True)
class Named:
    """``name`` is by language; one that is not known any more is named by its id."""

    id: str
    name: Mapping[str, str]


def named(known: Directory, entry_id: str | None) -> Named | None:
    """An organisation or a member with its names; None for nobody."""
    if not entry_id:
        return None
    return Named(
        id=entry_id, name={language: known.name(entry_id, language) for language in LANGUAGES}
    )


@overload
def area_named(known: Directory, area: str) -> Named: ...
@overload
def area_named(known: Directory, area: str | None) -> Named | None: ...
def area_named(known: Directory, area: str | None) -> Named | None:
    """A place with its names; None for none."""
    if area is None:
        return None
    return Named(
        id=area, name={language: known.area_name(area, language) for language in LANGUAGES}
    )


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member and where they belong to, each by language."""

    name: Mapping[str, str]
    organisation: Mapping[str, str] | None


def person(session: Session, member_id: str) -> Person | None:
    """None for who is no member (any more), and before the directory has arrived."""
    known = directory(session)
    found = known.members.get(member_id)
    if found is None:
        return None
    where = known.organisations.get(found.organisation_id)
    return Person(name=_names(found), organisation=None if where is None else _names(where))


def _names(entry: OrganisationPublished | MemberPublished) -> dict[str, str]:
    return {language: _name(entry, language) for language in LANGUAGES}


def _name(entry: OrganisationPublished | MemberPublished, language: str) -> str:
    return entry.name_zh if language.startswith("zh") else entry.name_en


class _Snapshots:
    """The newest snapshot of each database of this process; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_engine: WeakKeyDictionary[Engine, Directory] = WeakKeyDictionary()

    def get(self, engine: Engine, revision: int) -> Directory | None:
        with self._lock:
            found = self._by_engine.get(engine)
        return found if found is not None and found.revision == revision else None

    def put(self, engine: Engine, snapshot: Directory) -> None:
        with self._lock:
            self._by_engine[engine] = snapshot


_SNAPSHOTS = _Snapshots()


def directory(reader: Session | Transaction) -> Directory:
    """The directory at the applied revision; empty, with revision 0, before the first.

    A revision always holds the same entries, so a snapshot that was read inside a transaction
    which is rolled back afterwards is none the worse.
    """
    engine = reader.engine if isinstance(reader, Transaction) else reader.get_bind().engine
    found = _SNAPSHOTS.get(engine, applied_revision(reader))
    if found is None:
        found = _read(reader)
        _SNAPSHOTS.put(engine, found)
    return found


def applied_revision(reader: Session | Transaction) -> int:
    """0 before the first has arrived whole."""
    found: int | None = reader.execute(select(directory_revision.c.applied)).scalar()
    return found or 0


def wait_for(tx: Transaction, revision: int) -> None:
    """Raises NotYet until this revision has arrived whole."""
    if applied_revision(tx) < revision:
        raise NotYet(f"the directory's revision {revision} has not arrived")


def keep(tx: Transaction, event: DirectoryEvent) -> None:
    """Keep the entry unless it is old; with the last one of a revision, the revision counts."""
    newest = tx.execute(
        select(func.max(directory_entry.c.revision)).where(
            directory_entry.c.kind == event.event_type, directory_entry.c.id == event.id
        )
    ).scalar()
    if newest is None or newest < event.revision:
        row = {"kind": event.event_type, "id": event.id, "revision": event.revision}
        tx.insert(directory_entry, row | {"body": encode(event)})
    applied = applied_revision(tx)
    if event.remaining == 0 and event.revision > applied:
        _advance(tx, event.revision, first=applied == 0)


def _advance(tx: Transaction, revision: int, *, first: bool) -> None:
    if first:
        tx.execute(insert(directory_revision).values(only=ONLY, applied=revision))
    else:
        tx.execute(update(directory_revision).values(applied=revision))
    newer = directory_entry.alias()
    superseded = exists().where(
        newer.c.kind == directory_entry.c.kind,
        newer.c.id == directory_entry.c.id,
        newer.c.revision > directory_entry.c.revision,
        newer.c.revision <= revision,
    )
    tx.execute(delete(directory_entry).where(superseded))


def _read(reader: Session | Transaction) -> Directory:
    """In one statement: between two, the next revision could begin to count."""
    rows = reader.execute(
        select(
            directory_revision.c.applied, directory_entry.c.kind, directory_entry.c.body
        ).join_from(
            directory_revision,
            directory_entry,
            directory_entry.c.revision <= directory_revision.c.applied,
        )
    ).all()
    events = [decode(row.kind, bytes(row.body)) for row in rows]
    return snapshot_of(events, revision=rows[0].applied if rows else 0)


def snapshot_of(events: Iterable[Event | None], *, revision: int = 0) -> Directory:
    """The directory that these entries make."""
    found = list(events)
    return Directory(
        revision=revision,
        organisations=_active(found, OrganisationPublished),
        members=_active(found, MemberPublished),
        duties=tuple(_active(found, DutyPublished).values()),
    )


def _active(events: Iterable[Event | None], wanted: type[E]) -> dict[str, E]:
    found = [event for event in events if isinstance(event, wanted) and event.active]
    return {event.id: event for event in sorted(found, key=lambda event: event.id)}


DIRECTORY_REACTIONS: tuple[Reaction, ...] = (
    on(OrganisationPublished, keep),
    on(MemberPublished, keep),
    on(DutyPublished, keep),
)
