"""Pages of organisations: the tree, one of them, and the forms that change it."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from services.directory import handlers, queries
from services.directory.data import AGENCY, BUILDING, PLACES, SPECIAL_COMMITTEE, responsibilities_of
from services.directory.handlers import Seen
from services.directory.models import Organisation
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
    ChangeOrganisationSchema,
    ConfirmationSchema,
    OpenOrganisationSchema,
)
from services.directory.schemas.lists import TreeFilters, TreeFiltersSchema
from shared.clock import day_in_china
from shared.db import Transaction
from shared.events.directory import OrganisationPublished
from shared.web.answer import Answer
from shared.web.context import current_actor, language, platform, reading
from shared.web.forms import nested
from shared.web.operation import expected_version, page
from shared.words import codes

blueprint = Blueprint("organisations", __name__)

OPENING = OpenOrganisationSchema()
CHANGING = ChangeOrganisationSchema()
CONFIRMING = ConfirmationSchema()
SPARE_ROWS = 3
"""Empty rows for more duties, behind those that an agency has."""

FIRST_LEVELS = tuple(code for code in codes("category") if "." not in code)


@blueprint.get("/organisations")
@page("organisation.look", query=TreeFiltersSchema())
def organisations(wanted: TreeFilters) -> str:
    """The tree, or what of it a part of a name finds."""
    actor = current_actor()
    with reading() as session:
        found = queries.tree(session, actor, wanted.q)
    return render_template(
        "directory/organisations.html",
        found=found,
        named=named,
        q=wanted.q or "",
        kinds=options("organisation_kind"),
        may=_may,
    )


@blueprint.get("/organisations/new")
@page("organisation.open", query=TreeFiltersSchema())
def new_organisation(wanted: TreeFilters) -> str:
    """The form depends on the kind."""
    kind = wanted.kind or "agency"
    return _form(kind, filled({"kind": kind, "parent_id": wanted.parent}), None)


@blueprint.post("/organisations/new")
@page("organisation.open")
def open_organisation() -> ResponseReturnValue | Answer:
    def work(tx: Transaction) -> Answer:
        made = handlers.open_organisation(tx, current_actor(), OPENING.read(nested(request.form)))
        return Answer(None, location=url_for(".organisation", organisation_id=made))

    kind = request.form.get("kind", "")
    known = kind if kind in codes("organisation_kind") else AGENCY
    return submitted(work, lambda form: _form(known, form, None))


@blueprint.get("/organisations/<organisation_id>")
@page("organisation.look")
def organisation(organisation_id: str) -> str:
    return _show(organisation_id, Form())


@blueprint.get("/organisations/<organisation_id>/change")
@page("organisation.change")
def change_form(organisation_id: str) -> str:
    with reading() as session:
        found = queries.organisation_seen(session, current_actor(), organisation_id).organisation
    return _form(found.kind, _as_typed(found), found)


@blueprint.post("/organisations/<organisation_id>/change")
@page("organisation.change")
def change_organisation(organisation_id: str) -> ResponseReturnValue | Answer:
    seen = Seen(id=organisation_id, version=expected_version())
    with reading() as session:
        found = queries.organisation_seen(session, current_actor(), organisation_id).organisation

    def work(tx: Transaction) -> Answer:
        command = CHANGING.read(nested(request.form))
        handlers.change_organisation(tx, current_actor(), seen, command)
        return Answer(None, location=url_for(".organisation", organisation_id=organisation_id))

    return submitted(work, lambda form: _form(found.kind, form, found))


@blueprint.post("/organisations/<organisation_id>/close")
@page("organisation.close")
def close_organisation(organisation_id: str) -> ResponseReturnValue | Answer:
    seen = Seen(id=organisation_id, version=expected_version())

    def work(tx: Transaction) -> Answer:
        command = CONFIRMING.read(nested(request.form))
        handlers.close_organisation(tx, current_actor(), seen, command)
        return Answer(None, location=url_for(".organisations"))

    return submitted(work, lambda form: _show(organisation_id, form))


def _show(organisation_id: str, form: Form) -> str:
    """``form`` is the one that closes it."""
    with reading() as session:
        found = queries.organisation_seen(session, current_actor(), organisation_id)
        known = queries.names(session, language())
    return render_template(
        "directory/organisation.html",
        found=found,
        organisation=found.organisation,
        responsibilities=_each(found.organisation),
        known=known,
        named=named,
        form=form,
        today=day_in_china(platform().clock()),
        may=_may,
    )


def _form(kind: str, form: Form, changed: Organisation | None) -> str:
    """For a new organisation, or the one that is changed."""
    with reading() as session:
        known = queries.names(session, language())
        parents = organisation_options(queries.tree(session, current_actor()))
    if changed and changed.parent_id and changed.parent_id not in dict(parents):
        parents = [(changed.parent_id, known.of(changed.parent_id)), *parents]
    return render_template(
        "directory/organisation_form.html",
        kind=kind,
        form=form,
        changed=changed,
        named=named,
        known=known,
        parents=parents,
        areas=area_options(known, [""]),
        categories=options("category", FIRST_LEVELS),
        duties=options("duty"),
        duty_rows=_duty_rows(form.values),
        is_place=kind in PLACES,
        is_building=kind == BUILDING,
        is_agency=kind == AGENCY,
        is_special=kind == SPECIAL_COMMITTEE,
    )


def _as_typed(found: Organisation) -> Form:
    values: dict[str, object] = {
        name: getattr(found, name) for name in ("name_zh", "name_en", "parent_id")
    }
    for number, one in enumerate(_each(found)):
        for name in ("duty", "area", "valid_from", "valid_to"):
            values[f"responsibilities.{number}.{name}"] = getattr(one, name)
    return filled(values, areas=found.areas, categories=found.categories)


def _duty_rows(values: Mapping[str, str]) -> range:
    typed = [name.split(".")[1] for name in values if name.startswith("responsibilities.")]
    last = max((int(number) for number in typed if number.isdecimal()), default=-1)
    return range(min(last, 400) + 1 + SPARE_ROWS)


def _each(found: Organisation) -> tuple[object, ...]:
    return responsibilities_of(OrganisationPublished(**vars(found.state())))


def _may(action: str) -> bool:
    return POLICY.allows(current_actor(), action)
