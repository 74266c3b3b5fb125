"""The directory as a whole, as it was last published."""

from collections.abc import Iterable
from itertools import chain
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.directory.data import District
from services.directory.models.entries import ENTRIES, publications
from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
)

E = TypeVar("E", bound=DirectoryEvent)


def whole_district(session: Session) -> District:
    """All active entries, and the ids of the others."""
    entries = [
        entry.state()
        for model in ENTRIES.values()
        for entry in session.scalars(select(model).where(model.active))
    ]
    gone = (
        session.scalars(select(model.id).where(model.active.is_(False)))
        for model in ENTRIES.values()
    )
    return District(
        gone=frozenset(chain.from_iterable(gone)),
        organisations=_of(entries, OrganisationPublished),
        members=_of(entries, MemberPublished),
        duties=_of(entries, DutyPublished),
    )


def last_revision(session: Session) -> int:
    """0 before the first."""
    return session.scalar(select(func.max(publications.c.revision))) or 0


def _of(entries: Iterable[DirectoryEvent], kind: type[E]) -> tuple[E, ...]:
    found = [entry for entry in entries if isinstance(entry, kind)]
    return tuple(sorted(found, key=lambda entry: entry.id))
