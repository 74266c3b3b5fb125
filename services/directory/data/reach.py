"""How far an administrator reaches: the own organisation and all below it, but not themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from services.directory.data.checking import Wrong
from services.directory.data.district import DISTRICT, District, below
from shared.auth.actor import Actor
from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
)
from shared.web.i18n import N_


def refused(by: Actor, before: District, after: District) -> Iterator[Wrong]:
    """What this administrator may not change so."""
    organisation_id = by.organisation_id or ""
    old = {entry.id: entry for entry in before.entries()}
    new = {entry.id: entry for entry in after.entries()}
    reached = below(before.organisations, organisation_id)
    then = reached | below(after.organisations, organisation_id)
    for entry_id in sorted(old.keys() | new.keys()):
        was, becomes = old.get(entry_id), new.get(entry_id)
        if was == becomes:
            continue
        if was is not None and _belongs(was, old) not in reached:
            yield Wrong(entry_id=entry_id, field="id", text=N_("This is not yours to change."))
        elif becomes is not None and _belongs(becomes, new) not in then:
            yield Wrong(
                entry_id=entry_id,
                field=_field(becomes),
                text=N_("This organisation is not yours to change."),
            )
        if entry_id == organisation_id and not _only_names(was, becomes):
            yield Wrong(
                entry_id=entry_id,
                field="id",
                text=N_("An administrator above your organisation must change more than its name."),
            )
        if entry_id == by.id and not _only_leave(was, becomes):
            yield Wrong(
                entry_id=entry_id,
                field="id",
                text=N_("Another administrator must change what you are yourself."),
            )


def _belongs(entry: DirectoryEvent, known: Mapping[str, DirectoryEvent]) -> str | None:
    """The organisation that an entry is of; of an organisation, itself."""
    match entry:
        case OrganisationPublished():
            return entry.id
        case MemberPublished():
            return entry.organisation_id
        case DutyPublished():
            member = known.get(entry.member_id)
            return member.organisation_id if isinstance(member, MemberPublished) else None
        case _:
            return None


def _field(entry: DirectoryEvent) -> str:
    if isinstance(entry, OrganisationPublished):
        return "parent_id"
    return "organisation_id" if isinstance(entry, MemberPublished) else "member_id"


def _only_leave(was: DirectoryEvent | None, becomes: DirectoryEvent | None) -> bool:
    """One's own leave is one's own to note."""
    if not isinstance(was, MemberPublished) or not isinstance(becomes, MemberPublished):
        return False
    return (was.roles, was.areas, was.organisation_id) == (
        becomes.roles,
        becomes.areas,
        becomes.organisation_id,
    )


def _only_names(was: DirectoryEvent | None, becomes: DirectoryEvent | None) -> bool:
    """All that is left to an organisation's own people, but where nothing is above it."""
    if not isinstance(was, OrganisationPublished):
        return True
    if not isinstance(becomes, OrganisationPublished):
        return False
    named = replace(was, name_zh=becomes.name_zh, name_en=becomes.name_en)
    return was.kind == DISTRICT or named == becomes
