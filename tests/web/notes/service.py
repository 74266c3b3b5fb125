"""The notes service: table, schemas, routes, policy and manifest in one file."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

from flask import Blueprint, Response, render_template, request, url_for
from marshmallow import ValidationError, fields
from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid, select, tuple_, update

from shared.auth.policy import ANYONE, Policy
from shared.db.transaction import Transaction
from shared.db.types import UtcDateTime
from shared.errors import IllegalTransition, NotFound, VersionMoved
from shared.service import Service
from shared.web import forms
from shared.web.answer import Answer
from shared.web.context import reading, transaction
from shared.web.idempotency import once
from shared.web.operation import expected_version, operation, page
from shared.web.paging import Cursor, PageSchema, cut
from shared.web.schema import (
    AnswerSchema,
    AreaField,
    CodeField,
    CommandSchema,
    Day,
    Flag,
    Identifier,
    KnownField,
    Length,
    Money,
    Text,
    WholeNumber,
)

metadata = MetaData()

notes = Table(
    "notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", String(200), nullable=False),
    Column("author", String(80), nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    name: str
    phone: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WriteNote:
    text: str
    area: str | None = None
    kind: str | None = None
    amount: Decimal | None = None
    since: date | None = None
    people: tuple[Person, ...] = ()
    urgent: str = "unknown"
    pages: int = 0
    secret: bool = False


@dataclass(frozen=True, kw_only=True)
class ListNotes:
    text: str | None
    cursor: Cursor | None
    limit: int


class PersonSchema(CommandSchema[Person]):
    command = Person

    name = Text(max_length=20, required=True)
    phone = Text(max_length=20)
    needs = fields.List(CodeField(("elder", "minor")), validate=Length(max=2))


class WriteNoteSchema(CommandSchema[WriteNote]):
    command = WriteNote

    text = Text(max_length=200, required=True, multiline=True)
    area = AreaField()
    kind = CodeField(("idea", "wish"))
    amount = Money()
    since = Day()
    people = fields.List(fields.Nested(PersonSchema()), validate=Length(max=3))
    urgent = KnownField()
    pages = WholeNumber(maximum=1000)
    secret = Flag()


class ListNotesSchema(PageSchema[ListNotes]):
    command = ListNotes

    text = Text(max_length=200, load_default=None)


class NoteSchema(AnswerSchema):
    id = Identifier()
    at = fields.AwareDateTime()
    version = fields.Integer()
    text = fields.String()
    author = fields.String()


WRITE = WriteNoteSchema()
LIST = ListNotesSchema()
NOTE = NoteSchema()
NOTES = NoteSchema(many=True)

blueprint = Blueprint("notes", __name__)


def write(tx: Transaction, command: WriteNote) -> dict[str, object]:
    row: dict[str, object] = {
        "id": uuid4(),
        "at": tx.now,
        "version": 1,
        "text": command.text,
        "author": tx.actor,
    }
    tx.insert(notes, row)
    return row


@blueprint.post("/api/v1/notes")
@operation("note.write", body=WRITE, answer=NOTE, status=201)
def write_note(command: WriteNote) -> Answer:
    """Write a note."""

    def work(tx: Transaction) -> Answer:
        row = write(tx, command)
        return Answer(row, location=url_for("notes.show_note", note_id=row["id"]), etag=1)

    return once(work)


@blueprint.get("/api/v1/notes")
@operation("note.read", query=LIST, answer=NOTES)
def list_notes(wanted: ListNotes) -> Answer:
    found = select(notes).order_by(notes.c.at, notes.c.id).limit(wanted.limit + 1)
    if wanted.text:
        found = found.where(notes.c.text == wanted.text)
    if wanted.cursor:
        place = (wanted.cursor.at, UUID(wanted.cursor.id))
        found = found.where(tuple_(notes.c.at, notes.c.id) > place)
    with reading() as session:
        rows = session.execute(found).mappings().all()
    shown, following = cut(rows, wanted.limit, lambda row: Cursor(row["at"], str(row["id"])))
    return Answer(shown, next_cursor=following)


@blueprint.get("/api/v1/notes/<uuid:note_id>")
@operation("note.read", answer=NOTE, conditional=True)
def show_note(note_id: UUID) -> Answer:
    with reading() as session:
        row = session.execute(select(notes).where(notes.c.id == note_id)).mappings().first()
    if row is None:
        raise NotFound("There is no such note.")
    return Answer(row, etag=row["version"])


@blueprint.post("/api/v1/notes/<uuid:note_id>/amend")
@operation("note.write", body=WRITE, answer=NOTE, conditional=True)
def amend_note(command: WriteNote, note_id: UUID) -> Answer:
    seen = expected_version()
    with transaction() as tx:
        changed = tx.execute(
            update(notes)
            .where(notes.c.id == note_id, notes.c.version == seen)
            .values(text=command.text, version=seen + 1)
            .returning(*notes.c)
        )
        row = changed.mappings().first()
        if row is None:
            raise VersionMoved("Someone else has changed it. Please reload.")
    return Answer(row, etag=row["version"])


@blueprint.post("/api/v1/notes/<uuid:note_id>/burn")
@operation("note.write")
def burn_note(note_id: UUID) -> Answer:
    raise IllegalTransition("closed", "accepted")


@blueprint.get("/internal/v1/notes")
@operation("internal.read", answer=NOTES)
def internal_notes() -> Answer:
    with reading() as session:
        return Answer(session.execute(select(notes)).mappings().all())


@blueprint.get("/api/v1/broken")
@operation("note.read")
def broken() -> Answer:
    raise RuntimeError("the secret of 王小兰 13800001111")


@blueprint.get("/broken")
@page("note.read")
def broken_page() -> str:
    raise RuntimeError("the secret of 王小兰 13800001111")


@blueprint.route("/notes/new", methods=["GET", "POST"])
@page("note.write")
def new_note() -> str | tuple[str, int] | Response:
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            command = WRITE.read(forms.nested(request.form))
        except ValidationError as error:
            errors = forms.form_errors(error, request.form)
            return render_template("notes/new_note.html", errors=errors), 422
        answer = once(lambda tx: Answer(write(tx, command)))
        return Response(render_template("notes/written.html", note=answer.body))
    return render_template("notes/new_note.html", errors=errors)


@blueprint.get("/")
@page("note.front")
def front() -> str:
    return render_template("notes/front.html")


SERVICE = Service(
    name="notes",
    folder=Path(__file__).parent,
    metadata=metadata,
    blueprints=(blueprint,),
    policy=Policy(
        {
            "note.write": frozenset({"mediator"}),
            "note.read": frozenset({"mediator", "prosecutor"}),
            "note.front": ANYONE,
            "internal.read": frozenset({"service:mediation"}),
        }
    ),
)
