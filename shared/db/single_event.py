"""Writing one event, which is what nearly every request emits, with as little as it takes."""

from typing import Any

from sqlalchemy import Connection, UpdateBase, bindparam, insert, select

from shared.db.message_tables import key_counter, outbox
from shared.db.prepared import Prepared, Row
from shared.db.upsert import upsert

WRITTEN_LATER = frozenset({"seq", "published_at", "pub_partition", "pub_offset"})


def write_event(connection: Connection, row: Row) -> None:
    """A row of the outbox with the ``kseq`` and ``correlation_id`` of a first event on its key; if
    there were others before it, it gets the next number and their correlation id.
    """
    if connection.dialect.name == "postgresql":
        _RAISE_AND_INSERT.run(connection, [row])
        return
    counter = {name: row[of] for name, of in _COUNTER.items()}
    told = _RAISE.returned(connection, counter) or ()
    last, correlation_id = told
    _INSERT.run(connection, [{**row, "kseq": last, "correlation_id": correlation_id}])


def _raise(dialect: str, **values: Any) -> Any:
    """The row lock on the counter makes the order of numbers the order of commits."""
    new = upsert(dialect, key_counter)
    raised = new.on_conflict_do_update(
        index_elements=["key"], set_={"last": key_counter.c.last + new.excluded.last}
    )
    if values:
        raised = raised.values(**values)
    return raised.returning(key_counter.c.last, key_counter.c.correlation_id)


def _raise_and_insert(dialect: str) -> UpdateBase:
    """Both in one statement; SQLite has no such."""
    columns = [column for column in outbox.columns if column.name not in WRITTEN_LATER]
    given = {column.name: bindparam(column.name, type_=column.type) for column in columns}
    counter = {name: given[of] for name, of in _COUNTER.items()}
    raised = _raise(dialect, **counter).cte("raised")
    told = {**given, "kseq": raised.c.last, "correlation_id": raised.c.correlation_id}
    return insert(outbox).from_select(list(told), select(*told.values()))


_COUNTER = {"key": "key", "last": "kseq", "correlation_id": "correlation_id"}
"""Columns of the counter by what stands in the row of a first event."""

_RAISE = Prepared(_raise)
_INSERT = Prepared(lambda _dialect: insert(outbox).inline())
_RAISE_AND_INSERT = Prepared(_raise_and_insert)
