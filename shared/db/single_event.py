"""Counter and outbox row of one event in one statement, where the database can do that."""

from sqlalchemy import UpdateBase, bindparam, insert, select

from shared.db.message_tables import key_counter, outbox
from shared.db.prepared import Prepared
from shared.db.upsert import upsert

WRITTEN_LATER = frozenset({"seq", "published_at", "pub_partition", "pub_offset"})


def _raise_and_insert(dialect: str) -> UpdateBase:
    """The row lock on the counter makes the order of numbers the order of commits."""
    columns = [column for column in outbox.columns if column.name not in WRITTEN_LATER]
    given = {column.name: bindparam(column.name, type_=column.type) for column in columns}
    new = upsert(dialect, key_counter).values(
        key=given["key"], last=given["kseq"], correlation_id=given["correlation_id"]
    )
    raised = (
        new.on_conflict_do_update(
            index_elements=["key"], set_={"last": key_counter.c.last + new.excluded.last}
        )
        .returning(key_counter.c.last, key_counter.c.correlation_id)
        .cte("raised")
    )
    told = {**given, "kseq": raised.c.last, "correlation_id": raised.c.correlation_id}
    return insert(outbox).from_select(list(told), select(*told.values()))


WRITE_EVENT = Prepared(_raise_and_insert)
"""For the row of a first event on its key; where there were others before it, it gets the next
number and their correlation id. SQLite cannot insert within a query.
"""
