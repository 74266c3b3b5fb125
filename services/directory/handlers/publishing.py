"""Publishing what differs from what was published last, as one revision."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import delete, select

from services.directory.data import District, Gap, Wrong, caused, refused, wrong
from services.directory.handlers.sessions import end_ways_in
from services.directory.models import (
    ENTRIES,
    Entry,
    last_revision,
    publications,
    traits,
    traits_of,
    turns,
    whole_district,
)
from shared.auth.actor import Actor
from shared.clock import day_in_china
from shared.db.transaction import Transaction
from shared.errors import Rejected
from shared.events.directory import DirectoryEvent, MemberPublished
from shared.web.i18n import N_

UNCOVERED = N_("Nobody could do some things any more. Look at the list, and confirm it.")

Key = tuple[type[DirectoryEvent], str]


@dataclass(frozen=True, kw_only=True)
class Changed:
    """``gaps`` are what nobody can do any more, because of this change."""

    revision: int
    gaps: tuple[Gap, ...] = ()


class Uncovered(Rejected):
    """Nobody could do these things any more, and that was not confirmed."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        super().__init__(UNCOVERED, fields={"confirmed": UNCOVERED})
        self.gaps = gaps
        for number, gap in enumerate(gaps):
            words = (gap.kind, gap.code, gap.area, gap.organisation_id)
            self.fields[f"gaps.{number}"] = " ".join(word for word in words if word)


def publish_district(tx: Transaction, district: District) -> int:
    """Publish what differs from what was published last, as one revision; nothing if nothing does.

    An entry that the district lacks is published once more, as not active. Returns the revision
    that holds the district.
    """
    take_turn(tx)
    known = _known(tx)
    changes = tuple(_changes(known, district))
    last = last_revision(tx.session)
    if not changes:
        return last
    revision = last + 1
    for remaining, entry in zip(reversed(range(len(changes))), changes, strict=True):
        event = replace(entry, revision=revision, remaining=remaining)
        _store(tx, known, event)
        tx.emit(event)
        if isinstance(event, MemberPublished) and not event.active:
            end_ways_in(tx, event.id)
    row = {"revision": revision, "published_at": tx.now, "entries": len(changes)}
    tx.insert(publications, row)
    return revision


def change_district(
    tx: Transaction,
    by: Actor,
    edit: Callable[[District], District],
    *,
    confirmed: bool = True,
    day: date | None = None,
) -> Changed:
    """One change by an administrator: the rules hold for the whole directory after it.

    Raises Rejected when they do not, when it is not the administrator's to make, or when nobody
    could do something any more and that was not confirmed. ``day``: from when it counts, if that
    is not today.
    """
    take_turn(tx)
    before = whole_district(tx.session)
    after = edit(before)
    for found in (*refused(by, before, after), *_newly_wrong(before, after)):
        raise rejection(found)
    lost = caused(before, after, max(day or date.min, day_in_china(tx.now)))
    if lost and not confirmed:
        raise Uncovered(lost)
    return Changed(revision=publish_district(tx, after), gaps=lost)


def rejection(found: Wrong) -> Rejected:
    """One thing that is wrong, as the answer to who asked for it."""
    return Rejected(found.text, fields={found.field: found.text}, value=found.value)


def take_turn(tx: Transaction) -> None:
    """Changes happen one after the other; each sees what the one before made."""
    tx.execute(select(turns.c.only).with_for_update())


def _newly_wrong(before: District, after: District) -> list[Wrong]:
    """A rule that is stricter than it was does not forbid every other change."""
    found = list(wrong(after))
    if found:
        known = set(wrong(before))
        found = [one for one in found if one not in known]
    return found


def _known(tx: Transaction) -> Mapping[Key, Entry]:
    return {
        (event_class, entry.id): entry
        for event_class, model in ENTRIES.items()
        for entry in tx.session.scalars(select(model))
    }


def _changes(known: Mapping[Key, Entry], district: District) -> Iterator[DirectoryEvent]:
    """New and changed entries, what is referred to first; then those that are gone, last first."""
    wanted = {(type(entry), entry.id): entry for entry in district.entries()}
    for key, entry in wanted.items():
        if key not in known or known[key].state() != entry:
            yield entry
    for key in sorted(known.keys() - wanted.keys(), key=lambda key: (key[0].__name__, key[1])):
        if known[key].active:
            yield replace(known[key].state(), active=False)


def _store(tx: Transaction, known: Mapping[Key, Entry], event: DirectoryEvent) -> None:
    entry = known.get((type(event), event.id))
    if entry is None:
        entry = ENTRIES[type(event)]()
        tx.add(entry)
    else:
        tx.execute(delete(traits).where(traits.c.entry_id == event.id))
    entry.take(event)
    for name, value in traits_of(event):
        tx.insert(traits, {"entry_id": event.id, "name": name, "value": value})
