"""Administering the directory over the API: organisations, members, the rota."""

from collections.abc import Callable

from flask import Blueprint

from services.directory import handlers, queries
from services.directory.handlers import (
    AddDuty,
    Changed,
    ChangeMember,
    ChangeOrganisation,
    Confirmation,
    InviteMember,
    OpenOrganisation,
    Seen,
    SetLeave,
)
from services.directory.schemas.changes import (
    AddDutySchema,
    ChangedSchema,
    ChangeMemberSchema,
    ChangeOrganisationSchema,
    ConfirmationSchema,
    GapsSchema,
    InviteMemberSchema,
    MemberDetailSchema,
    OpenOrganisationSchema,
    OrganisationDetailSchema,
    RotaSchema,
    SetLeaveSchema,
)
from shared.auth.actor import Actor
from shared.clock import day_in_china
from shared.db import Transaction
from shared.web.answer import Answer
from shared.web.context import current_actor, platform, reading
from shared.web.idempotency import once
from shared.web.operation import expected_version, operation

blueprint = Blueprint("changes", __name__, url_prefix="/api/v1")

CREATED = 201
ROOT = "/directory/api/v1"

Change = Callable[[Transaction, Actor, Seen], Changed]


@blueprint.post("/organisations")
@operation(
    "organisation.open", body=OpenOrganisationSchema(), answer=ChangedSchema(), status=CREATED
)
def open_organisation(command: OpenOrganisation) -> Answer:
    """A new organisation, below one that the administrator reaches."""
    return _made("organisations", lambda tx, by: handlers.open_organisation(tx, by, command))


@blueprint.get("/organisations/<organisation_id>")
@operation("organisation.look", answer=OrganisationDetailSchema(), conditional=True)
def organisation(organisation_id: str) -> Answer:
    """With what it is below, and an agency's duties by area and time."""
    with reading() as session:
        found = queries.organisation_seen(session, current_actor(), organisation_id).organisation
        return Answer(found, etag=found.revision)


@blueprint.post("/organisations/<organisation_id>/change")
@operation(
    "organisation.change",
    body=ChangeOrganisationSchema(),
    answer=ChangedSchema(),
    conditional=True,
)
def change_organisation(command: ChangeOrganisation, organisation_id: str) -> Answer:
    """Everything but its kind is said anew."""
    return _changed(
        organisation_id, lambda tx, by, seen: handlers.change_organisation(tx, by, seen, command)
    )


@blueprint.post("/organisations/<organisation_id>/close")
@operation(
    "organisation.close", body=ConfirmationSchema(), answer=ChangedSchema(), conditional=True
)
def close_organisation(command: Confirmation, organisation_id: str) -> Answer:
    """It is no more; it must have no members, and nothing below it."""
    return _changed(
        organisation_id, lambda tx, by, seen: handlers.close_organisation(tx, by, seen, command)
    )


@blueprint.post("/members")
@operation("member.invite", body=InviteMemberSchema(), answer=ChangedSchema(), status=CREATED)
def invite_member(command: InviteMember) -> Answer:
    """A new member of an organisation."""
    return _made("members", lambda tx, by: handlers.invite_member(tx, by, command))


@blueprint.get("/members/<member_id>")
@operation("member.look", answer=MemberDetailSchema(), conditional=True)
def member(member_id: str) -> Answer:
    """With their leave."""
    with reading() as session:
        found = queries.member_seen(session, current_actor(), member_id)
        return Answer(found, etag=found.revision)


@blueprint.post("/members/<member_id>/change")
@operation("member.change", body=ChangeMemberSchema(), answer=ChangedSchema(), conditional=True)
def change_member(command: ChangeMember, member_id: str) -> Answer:
    """Name, roles and areas are said anew."""
    return _changed(member_id, lambda tx, by, seen: handlers.change_member(tx, by, seen, command))


@blueprint.post("/members/<member_id>/leave")
@operation("member.set_leave", body=SetLeaveSchema(), answer=ChangedSchema(), conditional=True)
def set_leave(command: SetLeave, member_id: str) -> Answer:
    """Between these days nothing new comes to them; without a first day there is no leave."""
    return _changed(member_id, lambda tx, by, seen: handlers.set_leave(tx, by, seen, command))


@blueprint.get("/rota")
@operation("rota.look", answer=RotaSchema())
def rota() -> Answer:
    """Who is on duty where, on which days of the week."""
    with reading() as session:
        found = [duty for duty, _ in queries.rota_seen(session, current_actor())]
    return Answer({"items": found})


@blueprint.post("/rota")
@operation("rota.change", body=AddDutySchema(), answer=ChangedSchema(), status=CREATED)
def add_duty(command: AddDuty) -> Answer:
    """A place on the rota."""
    return _made("rota", lambda tx, by: handlers.add_duty(tx, by, command))


@blueprint.post("/rota/<duty_id>/end")
@operation("rota.change", body=ConfirmationSchema(), answer=ChangedSchema(), conditional=True)
def end_duty(command: Confirmation, duty_id: str) -> Answer:
    """The place on the rota is no more."""
    return _changed(duty_id, lambda tx, by, seen: handlers.end_duty(tx, by, seen, command))


@blueprint.get("/gaps")
@operation("member.look", answer=GapsSchema())
def gaps() -> Answer:
    """What nobody can do today, in the whole directory."""
    with reading() as session:
        found = queries.present_gaps(session, day_in_china(platform().clock()))
    return Answer({"items": found})


def _made(collection: str, make: Callable[[Transaction, Actor], str]) -> Answer:
    def work(tx: Transaction) -> Answer:
        made = make(tx, current_actor())
        return Answer({"id": made, "gaps": ()}, location=f"{ROOT}/{collection}/{made}")

    return once(work)


def _changed(entry_id: str, change: Change) -> Answer:
    seen = Seen(id=entry_id, version=expected_version())

    def work(tx: Transaction) -> Answer:
        changed = change(tx, current_actor(), seen)
        return Answer({"id": entry_id, "gaps": changed.gaps}, etag=changed.revision)

    return once(work)
