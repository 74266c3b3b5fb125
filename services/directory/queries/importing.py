"""Looking at a table before it is imported, and writing what is there as one."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from services.directory.data import (
    TABLES,
    Gap,
    Plan,
    Table,
    below,
    caused,
    fingerprint,
    plan,
    refused,
    written,
)
from services.directory.models import last_revision, whole_district
from services.directory.policy import everywhere
from shared.auth.actor import Actor
from shared.errors import NotFound
from shared.events.directory import DirectoryEvent, DutyPublished, MemberPublished


def table_named(name: str) -> Table:
    """Raises NotFound."""
    if name not in TABLES:
        raise NotFound("There is no such record.")
    return TABLES[name]


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """``seen`` is asked for when it is done: what was looked at is what is done."""

    plan: Plan
    seen: str
    gaps: tuple[Gap, ...]


def dry_run(session: Session, actor: Actor, table: Table, raw: bytes, day: date) -> DryRun:
    """Raises Unreadable."""
    known = whole_district(session)
    made = plan(known, table, raw, partial(refused, actor))
    return DryRun(
        plan=made,
        seen=fingerprint(table, raw, last_revision(session)),
        gaps=caused(known, made.district, day) if made.sound else (),
    )


def exported(session: Session, actor: Actor, table: Table) -> bytes:
    """The rows within the actor's reach."""
    known = whole_district(session)
    entries: list[DirectoryEvent] = [
        entry for entry in known.entries() if isinstance(entry, table.entry_class)
    ]
    if not everywhere(actor):
        reached = below(known.organisations, actor.organisation_id or "")
        owners = {member.id: member.organisation_id for member in known.members}
        entries = [entry for entry in entries if _owner(entry, owners) in reached]
    return written(table, entries)


def _owner(entry: DirectoryEvent, owners: dict[str, str]) -> str | None:
    if isinstance(entry, MemberPublished):
        return entry.organisation_id
    return owners.get(entry.member_id) if isinstance(entry, DutyPublished) else entry.id
