"""What organisations, members and areas are called on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.data import PLACES
from services.directory.models import Member, Organisation
from services.directory.policy import POLICY
from shared.auth.actor import Actor, Viewer
from shared.messaging.replica import Person
from shared.service import Known
from shared.web.i18n import language


@dataclass(frozen=True, kw_only=True)
class Names:
    """One that is not known is named by its id or code."""

    entries: Mapping[str, str]
    areas: Mapping[str, str]

    def of(self, entry_id: str | None) -> str:
        return self.entries.get(entry_id or "", entry_id or "")

    def area(self, code: str) -> str:
        return self.areas.get(code, code)


def records(session: Session, viewer: Viewer, ids: Sequence[str]) -> Mapping[str, Known]:
    """The members and organisations; those who administer them look at them."""
    entries = [
        *session.scalars(select(Member).where(Member.id.in_(ids))),
        *session.scalars(select(Organisation).where(Organisation.id.in_(ids))),
    ]
    return {one.id: _known(one, viewer.actor) for one in entries}


def _known(one: Member | Organisation, by: Actor) -> Known:
    kind = "member" if isinstance(one, Member) else "organisation"
    return Known(
        text=one.name_zh if language() == "zh" else one.name_en,
        path=f"/directory/{kind}s/{one.id}" if POLICY.allows(by, f"{kind}.look") else None,
    )


def names(session: Session, language: str) -> Names:
    """Of everything active."""
    chinese = language == "zh"
    entries: dict[str, str] = {}
    areas: dict[str, str] = {}
    for one in session.scalars(select(Organisation).where(Organisation.active)):
        entries[one.id] = one.name_zh if chinese else one.name_en
        if one.kind in PLACES:
            areas |= dict.fromkeys(one.areas, entries[one.id])
    named = Member.name_zh if chinese else Member.name_en
    rows = session.execute(select(Member.id, named).where(Member.active))
    return Names(entries=entries | dict(rows.all()), areas=areas)


def person(session: Session, member_id: str) -> Person | None:
    """Whom the head of a page names; None for who is no member (any more)."""
    found = session.get(Member, member_id)
    if found is None:
        return None
    where = session.get(Organisation, found.organisation_id)
    return Person(
        name={"zh": found.name_zh, "en": found.name_en},
        organisation={"zh": where.name_zh, "en": where.name_en} if where else None,
    )
