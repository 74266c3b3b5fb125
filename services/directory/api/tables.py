"""Tables over the API: a dry run, the import, and the export."""

from flask import Blueprint, Response

from services.directory import handlers, queries
from services.directory.data import Table, Unreadable
from services.directory.schemas.tables import Import, ImportedSchema, ImportSchema
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Rejected
from shared.web.answer import Answer
from shared.web.context import current_actor, platform, reading
from shared.web.idempotency import once
from shared.web.operation import operation

blueprint = Blueprint("tables_api", __name__, url_prefix="/api/v1")

CSV = "text/csv"


@blueprint.post("/imports/<table_name>")
@operation("table.import", raw=CSV, query=ImportSchema(), answer=ImportedSchema())
def import_table(raw: bytes, wanted: Import, table_name: str) -> Answer:
    """Says row by row what would change; with ``seen``, the answer of that, changes it."""
    table = queries.table_named(table_name)
    try:
        return _dry_run(table, raw) if wanted.seen is None else _import(table, raw, wanted.seen)
    except Unreadable as error:
        raise Rejected(error.text, value=error.value) from error


@blueprint.get("/exports/<table_name>")
@operation("table.export")
def export_table(table_name: str) -> Response:
    """The rows within reach, as an import takes them."""
    with reading() as session:
        found = queries.exported(session, current_actor(), queries.table_named(table_name))
    return Response(found, mimetype=CSV)


def _dry_run(table: Table, raw: bytes) -> Answer:
    with reading() as session:
        today = day_in_china(platform().clock())
        found = queries.dry_run(session, current_actor(), table, raw, today)
    seen = found.seen if found.plan.sound else None
    rows = {"rows": found.plan.rows, "elsewhere": found.plan.elsewhere}
    return Answer({**rows, "gaps": found.gaps, "seen": seen, "done": False})


def _import(table: Table, raw: bytes, seen: str) -> Answer:
    def work(tx: Transaction) -> Answer:
        made = handlers.import_table(tx, current_actor(), table, raw, seen)
        rows = {"rows": made.rows, "elsewhere": made.elsewhere}
        return Answer({**rows, "gaps": (), "seen": None, "done": True})

    return once(work)
