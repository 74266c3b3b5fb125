"""Organisations: new ones, changes, and those that are no more."""

from dataclasses import dataclass
from secrets import token_hex

from services.directory.data import AGENCY, District, normal
from services.directory.handlers.publishing import Changed, change_district
from services.directory.handlers.seen import Seen, take
from services.directory.models import Organisation
from shared.auth.actor import Actor
from shared.db.transaction import Transaction
from shared.errors import Rejected
from shared.events.directory import OrganisationPublished, Responsibility


@dataclass(frozen=True, kw_only=True)
class OrganisationFacts:
    """What people say of an organisation. ``responsibilities`` are an agency's duties; it serves
    the areas that they name.
    """

    name_zh: str
    name_en: str
    parent_id: str | None = None
    areas: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    responsibilities: tuple[Responsibility, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpenOrganisation(OrganisationFacts):
    kind: str


@dataclass(frozen=True, kw_only=True)
class ChangeOrganisation(OrganisationFacts):
    """``confirmed``: also if nobody can do something any more."""

    confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """``confirmed``: also if nobody can do something any more."""

    confirmed: bool = False


def open_organisation(tx: Transaction, by: Actor, command: OpenOrganisation) -> str:
    """Returns its id."""
    new = _stated(f"o-{token_hex(5)}", command.kind, command)
    change_district(tx, by, lambda known: known.with_entries([new]))
    return new.id


def change_organisation(
    tx: Transaction, by: Actor, seen: Seen, command: ChangeOrganisation
) -> Changed:
    """Its kind stays what it is."""
    new = _stated(seen.id, take(tx, Organisation, seen, by).kind, command)
    return change_district(
        tx, by, lambda known: known.with_entries([new]), confirmed=command.confirmed
    )


def close_organisation(tx: Transaction, by: Actor, seen: Seen, command: Confirmation) -> Changed:
    """Raises Rejected while it has members, or organisations below it."""
    take(tx, Organisation, seen, by)

    def edit(known: District) -> District:
        if any(one.parent_id == seen.id for one in known.organisations):
            raise Rejected("There are organisations below it: close them, or move them first.")
        if any(member.organisation_id == seen.id for member in known.members):
            raise Rejected("It still has members: let them leave, or move them first.")
        return known.without([seen.id])

    return change_district(tx, by, edit, confirmed=command.confirmed)


def _stated(organisation_id: str, kind: str, command: OrganisationFacts) -> OrganisationPublished:
    stated = OrganisationPublished(
        id=organisation_id,
        revision=0,
        remaining=0,
        kind=kind,
        name_zh=command.name_zh,
        name_en=command.name_en,
        areas=() if kind == AGENCY else command.areas,
        categories=command.categories,
        parent_id=command.parent_id,
        responsibilities=command.responsibilities,
    )
    return normal(stated) if command.responsibilities else stated
