"""The personal access log of every service, and what the audit shows of a record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from marshmallow import fields
from sqlalchemy.orm import Session

from shared.audit.reading import Act, acts_of, acts_on
from shared.audit.rows import VIEW
from shared.auth.actor import Viewer
from shared.auth.policy import ANYONE, Policy
from shared.errors import Malformed, NotFound, Unauthenticated
from shared.messaging.replica import Directory, Named, directory, named
from shared.service import Service
from shared.web.answer import Answer
from shared.web.auditing import looked_at
from shared.web.context import current_actor, reading, service, viewer
from shared.web.i18n import translate
from shared.web.operation import Operation, Page
from shared.web.paging import DEFAULT_LIMIT, Cursor, PageSchema, cut
from shared.web.schema import AnswerSchema, Text

ACTION = "audit.mine"
POLICY = Policy({ACTION: ANYONE})
"""Whoever is signed in; the view asks."""

Find = Callable[[Session, Viewer, str], Sequence[str]]
"""The ids of a case and what belongs to it, by its number, for who may know who saw them. Raises
NotFound.
"""

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""These lists are in the order of the audit's own numbers alone."""
MAX_DIGITS = 18


@dataclass(frozen=True, kw_only=True)
class ActsWanted:
    cursor: Cursor | None = None
    limit: int = DEFAULT_LIMIT

    @property
    def before(self) -> int | None:
        """Raises Malformed for a cursor that was not given out here."""
        if self.cursor is None:
            return None
        number = self.cursor.id
        if not (number.isascii() and number.isdecimal() and len(number) <= MAX_DIGITS):
            raise Malformed("This is not a cursor that was given out here.")
        return int(number)


class ActsWantedSchema(PageSchema[ActsWanted]):
    command = ActsWanted


@dataclass(frozen=True, kw_only=True)
class AuditWanted(ActsWanted):
    """``number``: of the case."""

    number: str | None = None


class AuditWantedSchema(PageSchema[AuditWanted]):
    command = AuditWanted

    number = Text(max_length=64)


class _NamedSchema(AnswerSchema):
    id = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class MyActSchema(AnswerSchema):
    at = fields.AwareDateTime(required=True)
    kind = fields.String(required=True)
    role = fields.String(required=True)
    action = fields.String(required=True)
    resource = fields.String(required=True, allow_none=True)
    mask = fields.String(required=True, allow_none=True)
    fields_ = fields.List(fields.String(), required=True, attribute="fields", data_key="fields")
    filters = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True)


class ActSchema(MyActSchema):
    actor = fields.Nested(_NamedSchema, required=True, allow_none=True)


class MyActsSchema(AnswerSchema):
    items = fields.List(fields.Nested(MyActSchema), required=True)


class ActsSchema(AnswerSchema):
    items = fields.List(fields.Nested(ActSchema), required=True)


@dataclass(frozen=True, kw_only=True)
class Seen(Act):
    """``who`` is None where only the role is told, or a service acted."""

    who: Named | None


WANTED = ActsWantedSchema()
AUDIT_WANTED = AuditWantedSchema()
SHOWS = ("acts",)
"""What the audit hears of a look at itself."""
ON_A_PAGE = 20
"""As many stand on the page of a record."""


def seen_by(resources: Sequence[str], wanted: ActsWanted) -> tuple[Sequence[Seen], str | None]:
    """Who saw or changed these records, the newest first, and the cursor of the next page."""
    with reading() as session:
        rows = acts_on(session, resources, before=wanted.before, limit=wanted.limit + 1)
        known = directory(session)
    shown, following = cut(rows, wanted.limit, _place)
    return [Seen(**vars(row), who=_who(row, known)) for row in shown], following


def _who(row: Act, known: Directory) -> Named | None:
    withheld = row.actor == row.role or row.actor.startswith("service:")
    return None if withheld else named(known, row.actor)


LOOKING = timedelta(minutes=5)
"""Who has looked within this time is taken to look still."""
LATEST = 50


def looking_now(session: Session, resource: str, viewer: Viewer) -> Sequence[Named]:
    """The viewer's colleagues who look at this record just now. Who looks from another
    organisation, as in an emergency, is for those to know who may read the audit.
    """
    known = directory(session)
    here = viewer.actor.organisation_id
    found = {
        act.actor
        for act in acts_on(session, [resource], limit=LATEST)
        if act.kind == VIEW and act.at > viewer.now - LOOKING and act.actor != viewer.actor.id
    }
    colleagues = (
        named(known, member)
        for member in sorted(found & known.members.keys())
        if here is not None and known.members[member].organisation_id == here
    )
    return [one for one in colleagues if one is not None]


def seen_answer(resources: Sequence[str], wanted: ActsWanted) -> Answer:
    """The same as an answer of the JSON API, through ``ActsSchema``; told itself, too."""
    shown, following = seen_by(resources, wanted)
    looked_at(resources[0])
    items = [{**vars(row), "actor": row.who} for row in shown]
    return Answer({"items": items}, next_cursor=following)


def audit_page(wanted: AuditWanted, find: Find) -> str | tuple[str, int]:
    """Who saw or changed a case and what belongs to it, by its number; itself told."""
    if wanted.number is None:
        return _audit_page(wanted)
    try:
        with reading() as session:
            records = find(session, viewer(), wanted.number)
    except NotFound:
        wrong = {"number": [translate("There is no case with this number, or it is not yours.")]}
        return _audit_page(wanted, errors=wrong), 404
    shown, following = seen_by(records, wanted)
    looked_at(records[0])
    endpoint = request.endpoint or ""
    next_url = url_for(endpoint, number=wanted.number, cursor=following) if following else None
    return _audit_page(wanted, rows=shown, next_url=next_url)


def _audit_page(wanted: AuditWanted, **shown: Any) -> str:
    given = {"rows": None, "next_url": None, "errors": {}, **shown}
    return render_template("access/audit.html", number=wanted.number or "", **given)


def _mine(wanted: ActsWanted) -> Answer:
    """What you did and were shown here, the newest first."""
    shown, following = _my_acts(wanted)
    return Answer({"items": shown}, next_cursor=following)


def _my_page(wanted: ActsWanted) -> str:
    shown, following = _my_acts(wanted)
    next_url = url_for(request.endpoint or "", cursor=following) if following else None
    ids = sorted({row.resource for row in shown if row.resource})
    with reading() as session:
        known = service().records(session, viewer(), ids) if ids else {}
    return render_template("access/mine.html", rows=shown, known=known, next_url=next_url)


def _my_acts(wanted: ActsWanted) -> tuple[Sequence[Act], str | None]:
    actor = current_actor()
    if not actor.signed_in:
        raise Unauthenticated("Please sign in.")
    with reading() as session:
        rows = acts_of(session, actor.id, before=wanted.before, limit=wanted.limit + 1)
    return cut(rows, wanted.limit, _place)


def _place(row: Act) -> Cursor:
    return Cursor(NO_TIME, str(row.seq))


class _MyOperation(Operation):
    def policy(self, of: Service) -> Policy:  # noqa: ARG002 – whatever the service
        return POLICY


class _MyPage(Page):
    def policy(self, of: Service) -> Policy:  # noqa: ARG002
        return POLICY


def access_blueprint() -> Blueprint:
    """The routes, for any service."""
    blueprint = Blueprint("access", __name__)
    answer: dict[str, Any] = {"answer": MyActsSchema(), "status": 200, "conditional": False}
    mine: Callable[..., Any] = _MyOperation(_mine, ACTION, body=None, query=WANTED, **answer)
    blueprint.add_url_rule("/api/v1/audit/mine", "mine", mine)
    blueprint.add_url_rule("/audit/mine", "my_page", _MyPage(_my_page, ACTION, query=WANTED))
    return blueprint
