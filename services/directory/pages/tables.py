"""The page on which tables are imported and exported."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from services.directory import handlers, queries
from services.directory.data import TABLES, Table, Unreadable, canonical
from services.directory.pages.forms import options
from services.directory.policy import POLICY
from services.directory.schemas.tables import result_of, said
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Conflict, Malformed, Rejected
from shared.web.answer import Answer
from shared.web.context import current_actor, language, platform, reading
from shared.web.i18n import translate
from shared.web.idempotency import once
from shared.web.operation import page
from shared.web.reading import Upload, read_upload

blueprint = Blueprint("tables", __name__)

CSV = "text/csv"
FILE, TEXT, TABLE, SEEN = "file", "text", "table", "seen"
MOST_SHOWN = 500
"""Rows; what is wrong comes first."""

WEIGHT = {"error": 0, "changed": 1, "new": 2, "same": 3}


@blueprint.get("/import")
@page("table.export")
def import_form() -> str:
    return _show()


@blueprint.post("/import")
@page("table.import", upload=True)
def import_table() -> ResponseReturnValue:
    """First the dry run; with its fingerprint, what it said."""
    upload = read_upload()
    table = TABLES.get(upload.form.get(TABLE, ""))
    if table is None:
        return _show(problem=translate("Choose what the table holds.")), 422
    given = _given(upload)
    if not given.strip():
        return _show(problem=translate("Choose a file, or paste the table."), table=table), 422
    try:
        raw = canonical(given)
        if seen := upload.form.get(SEEN):
            return _do(table, raw, seen)
        return _look(table, raw)
    except Unreadable as error:
        problem = translate(error.text, value=error.value)
        return _show(problem=problem, table=table), 422


@blueprint.get("/export/<table_name>")
@page("table.export")
def export_table(table_name: str) -> Response:
    table = queries.table_named(table_name)
    with reading() as session:
        found = queries.exported(session, current_actor(), table)
    disposition = f'attachment; filename="{table.name}.csv"'
    return Response(found, mimetype=CSV, headers={"Content-Disposition": disposition})


def _given(upload: Upload) -> bytes:
    """The file, or what was typed. Raises Malformed."""
    if unknown := sorted(set(upload.files) - {FILE}):
        raise Malformed("The form cannot be read. Please load it again.", fields={unknown[0]: ""})
    return upload.files.get(FILE) or upload.form.get(TEXT, "").encode()


def _do(table: Table, raw: bytes, seen: str) -> ResponseReturnValue:
    def work(tx: Transaction) -> Answer:
        made = handlers.import_table(tx, current_actor(), table, raw, seen)
        return Answer({"new": made.count("new"), "changed": made.count("changed")})

    try:
        done = once(work).body
    except (Conflict, Rejected) as error:
        return _look(table, raw, problem=translate(error.text, **error.params))
    return _show(done=done, table=table)


def _look(table: Table, raw: bytes, problem: str = "") -> ResponseReturnValue:
    with reading() as session:
        today = day_in_china(platform().clock())
        found = queries.dry_run(session, current_actor(), table, raw, today)
    sound = found.plan.sound
    rows = sorted(found.plan.rows, key=lambda row: (WEIGHT[row.result], row.line))
    shown = _show(
        problem=problem,
        table=table,
        found=found,
        rows=[result_of(row) for row in rows[:MOST_SHOWN]],
        elsewhere=[(one.entry_id, said(one)) for one in found.plan.elsewhere],
        text=raw.decode(),
    )
    return (shown, 200) if sound and not problem else (shown, 422)


def _show(**shown: object) -> str:
    with reading() as session:
        known = queries.names(session, language())
    given = {"problem": "", "table": None, "found": None, "done": None, "rows": (), "text": ""}
    return render_template(
        "directory/tables.html",
        **{**given, "elsewhere": (), **shown},
        known=known,
        tables=options("table"),
        columns={name: table.columns for name, table in TABLES.items()},
        may=lambda action: POLICY.allows(current_actor(), action),
    )
