"""Pages of members: the list, one of them, and the forms that change them."""

from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.directory import handlers, queries
from services.directory.data import roles_for
from services.directory.handlers import Seen
from services.directory.models import CONFLICT, Member, Organisation
from services.directory.pages.forms import (
    Form,
    area_options,
    filled,
    named,
    options,
    organisation_options,
    submitted,
)
from services.directory.policy import POLICY
from services.directory.schemas.changes import (
    ChangeMemberSchema,
    InviteMemberSchema,
    SetLeaveSchema,
)
from services.directory.schemas.lists import (
    NO_TIME,
    MembersListed,
    MembersListedSchema,
    NewMember,
    NewMemberSchema,
)
from shared.clock import day_in_china
from shared.db import Transaction
from shared.web.answer import Answer
from shared.web.context import current_actor, language, platform, reading, sealer
from shared.web.forms import nested
from shared.web.operation import expected_version, page
from shared.web.paging import Cursor, cut
from shared.words import label

blueprint = Blueprint("members", __name__)

INVITING = InviteMemberSchema()
CHANGING = ChangeMemberSchema()
LEAVE = SetLeaveSchema()


@blueprint.get("/members")
@page("member.look", query=MembersListedSchema())
def members(wanted: MembersListed) -> str:
    actor = current_actor()
    with reading() as session:
        rows = queries.members_seen(session, actor, wanted.filters())
        known = queries.names(session, language())
        organisations = organisation_options(queries.tree(session, actor))
    shown, following = cut(rows, wanted.limit, lambda row: Cursor(NO_TIME, row.id))
    kept = {name: value for name, value in request.args.items() if name != "cursor" and value}
    return render_template(
        "directory/members.html",
        found=shown,
        known=known,
        named=named,
        wanted=kept,
        roles=options("role"),
        organisations=organisations,
        areas=area_options(known, [""]),
        chips=_chips(kept, known),
        paged=wanted.cursor is not None,
        today=day_in_china(platform().clock()),
        next_url=_following(kept, following),
        may=_may,
    )


@blueprint.get("/members/new")
@page("member.invite", query=NewMemberSchema())
def new_member(wanted: NewMember) -> str:
    with reading() as session:
        found = queries.organisation_seen(session, current_actor(), wanted.organisation)
    return _form(found.organisation, filled({}, areas=found.organisation.areas), None)


@blueprint.post("/members/new")
@page("member.invite", query=NewMemberSchema())
def invite_member(wanted: NewMember) -> ResponseReturnValue | Answer:
    with reading() as session:
        found = queries.organisation_seen(session, current_actor(), wanted.organisation)

    def work(tx: Transaction) -> Answer:
        given = {**nested(request.form), "organisation_id": wanted.organisation}
        made = handlers.invite_member(tx, current_actor(), INVITING.read(given))
        return Answer(None, location=url_for(".member", member_id=made))

    return submitted(work, lambda form: _form(found.organisation, form, None))


@blueprint.get("/members/<member_id>")
@page("member.look", shows=("conflicts",))
def member(member_id: str) -> str:
    return _show(member_id, None)


@blueprint.get("/members/<member_id>/change")
@page("member.change")
def change_form(member_id: str) -> str:
    found, organisation = _with_organisation(member_id)
    values = {"name_zh": found.name_zh, "name_en": found.name_en}
    return _form(organisation, filled(values, roles=found.roles, areas=found.areas), found)


@blueprint.post("/members/<member_id>/change")
@page("member.change")
def change_member(member_id: str) -> ResponseReturnValue | Answer:
    seen = Seen(id=member_id, version=expected_version())
    found, organisation = _with_organisation(member_id)

    def work(tx: Transaction) -> Answer:
        handlers.change_member(tx, current_actor(), seen, CHANGING.read(nested(request.form)))
        return Answer(None, location=url_for(".member", member_id=member_id))

    return submitted(work, lambda form: _form(organisation, form, found))


@blueprint.post("/members/<member_id>/leave")
@page("member.set_leave", shows=("conflicts",))
def set_leave(member_id: str) -> ResponseReturnValue | Answer:
    seen = Seen(id=member_id, version=expected_version())

    def work(tx: Transaction) -> Answer:
        handlers.set_leave(tx, current_actor(), seen, LEAVE.read(nested(request.form)))
        return Answer(None, location=url_for(".member", member_id=member_id))

    return submitted(work, lambda form: _show(member_id, form))


def _show(member_id: str, form: Form | None) -> str:
    """``form`` is the one of leave, if it was refused."""
    actor = current_actor()
    with reading() as session:
        found = queries.member_seen(session, actor, member_id)
        known = queries.names(session, language())
        declared = None
        if _may("conflict.read"):
            declared = queries.conflicts(session, member_id, sealer(CONFLICT))
    leave = {"leave_from": found.leave_from, "leave_to": found.leave_to}
    return render_template(
        "directory/member.html",
        member=found,
        known=known,
        named=named,
        conflicts=declared,
        form=form or filled(leave),
        today=day_in_china(platform().clock()),
        may=_may,
    )


def _form(organisation: Organisation, form: Form, changed: Member | None) -> str:
    """For a new member of the organisation, or the one that is changed."""
    with reading() as session:
        known = queries.names(session, language())
    return render_template(
        "directory/member_form.html",
        organisation=organisation,
        form=form,
        changed=changed,
        named=named,
        known=known,
        roles=[option for option in options("role") if option[0] in roles_for(organisation.kind)],
        areas=area_options(known, organisation.areas),
    )


def _with_organisation(member_id: str) -> tuple[Member, Organisation]:
    actor = current_actor()
    with reading() as session:
        found = queries.member_seen(session, actor, member_id)
        view = queries.organisation_seen(session, actor, found.organisation_id)
    return found, view.organisation


def _chips(kept: dict[str, str], known: queries.Names) -> list[tuple[str, str, str]]:
    """The filters that count: which, in words, and the address without it."""
    words = {
        "role": lambda code: label("role", code, language()),
        "organisation": known.of,
        "area": known.area,
    }
    return [
        (
            name,
            words.get(name, str)(value),
            _address({other: kept[other] for other in kept if other != name}),
        )
        for name, value in kept.items()
        if name in {"q", *words}
    ]


def _following(kept: dict[str, str], cursor: str | None) -> str | None:
    if cursor is None:
        return None
    return _address({**kept, "cursor": cursor})


def _address(wanted: dict[str, str]) -> str:
    return url_for(".members") + (f"?{urlencode(wanted)}" if wanted else "")


def _may(action: str) -> bool:
    return POLICY.allows(current_actor(), action)
