"""Everything the directory can be told to do."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlalchemy import delete, func, select

from services.directory.data import District
from services.directory.models import ENTRIES, Entry, publications, traits, traits_of
from shared.db.transaction import Transaction
from shared.events.directory import DirectoryEvent

Key = tuple[type[DirectoryEvent], str]


def publish_district(tx: Transaction, district: District) -> int:
    """Publish what differs from what was published last, as one revision; nothing if nothing does.

    An entry that the district lacks is published once more, as not active. Returns the revision
    that holds the district.
    """
    known = _known(tx)
    changes = tuple(_changes(known, district))
    last = tx.execute(select(func.max(publications.c.revision))).scalar() or 0
    if not changes:
        return last
    revision = last + 1
    for remaining, entry in zip(reversed(range(len(changes))), changes, strict=True):
        event = replace(entry, revision=revision, remaining=remaining)
        _store(tx, known, event)
        tx.emit(event)
    row = {"revision": revision, "published_at": tx.now, "entries": len(changes)}
    tx.insert(publications, row)
    return revision


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
