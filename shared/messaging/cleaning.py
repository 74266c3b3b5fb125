"""What a service's message tables forget: whatever is older than 35 days."""

from datetime import timedelta

from sqlalchemy import bindparam, delete, select

from shared.db import Database
from shared.db.message_tables import idempotency, inbox, outbox
from shared.failpoints import reach

KEEP = timedelta(days=35)
"""A log that lost data is healed from rows this young; the inbox remembers as long."""
BATCH = 1_000
_AGES = {
    outbox: outbox.c.published_at,
    inbox: inbox.c.processed_at,
    idempotency: idempotency.c.created,
}
_DELETE = {
    table: delete(table).where(*(key == bindparam(key.name) for key in table.primary_key))
    for table in _AGES
}


def clean(database: Database) -> int:
    """Delete a batch of what is old; how many rows: while there are some, there may be more. What
    to delete is found without keeping writers waiting.
    """
    before = database.clock() - KEEP
    with database.looking() as connection:
        old = {
            table: connection.execute(
                select(*table.primary_key).where(column < before).limit(BATCH)
            ).all()
            for table, column in _AGES.items()
        }
    reach("clean.found")
    for table, keys in old.items():
        if keys:
            with database.transaction() as tx:
                # Sorted: two processes that delete the same rows must not wait for each other.
                tx.execute(_DELETE[table], [row._asdict() for row in sorted(keys)])
    return sum(len(keys) for keys in old.values())
