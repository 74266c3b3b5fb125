"""The tables of messaging, the same in every service's database (docs/events.md says how they
work together).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from shared.db.types import UtcDateTime

metadata = MetaData()

BIG_KEY = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite counts by itself only on a column of type INTEGER."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", String(80), primary_key=True),
    Column("route", String(120), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer),
    Column("answer", LargeBinary),
    Column("created", UtcDateTime, nullable=False),
)

Index("idempotency_age", idempotency.c.created)

key_counter = Table(
    "key_counter",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("correlation_id", Uuid, nullable=False),
    sqlite_with_rowid=False,
)
"""How many events this service has emitted on a key; raised by each emit."""

outbox = Table(
    "outbox",
    metadata,
    Column("seq", BIG_KEY, primary_key=True, autoincrement=True),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("topic", String(60), nullable=False),
    Column("key", String(64), nullable=False),
    Column("kseq", BigInteger, nullable=False),
    Column("type", String(120), nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("correlation_id", Uuid, nullable=False),
    Column("causation_id", Uuid),
    Column("traceparent", String(55)),
    Column("data", LargeBinary, nullable=False),
    Column("published_at", UtcDateTime),
    Column("pub_partition", Integer),
    Column("pub_offset", BigInteger),
    UniqueConstraint("key", "kseq"),
    sqlite_autoincrement=True,
)
Index(
    "outbox_unpublished",
    outbox.c.seq,
    sqlite_where=outbox.c.published_at.is_(None),
    postgresql_where=outbox.c.published_at.is_(None),
)
Index(
    "outbox_published",
    outbox.c.published_at,
    sqlite_where=outbox.c.published_at.is_not(None),
    postgresql_where=outbox.c.published_at.is_not(None),
)
Index(
    "outbox_position",
    outbox.c.topic,
    outbox.c.pub_partition,
    outbox.c.pub_offset,
    sqlite_where=outbox.c.pub_offset.is_not(None),
    postgresql_where=outbox.c.pub_offset.is_not(None),
)

consumer_offset = Table(
    "consumer_offset",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("topic", String(60), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("topic_id", String(64), nullable=False),
    Column("next_off", BigInteger, nullable=False),
    Column("mark", String(24)),
    Column("updated", UtcDateTime, nullable=False),
)
"""``mark`` is the fingerprint of the record before ``next_off``: a log that has lost its end and
grown again is known by it.
"""

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("processed_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

Index("inbox_age", inbox.c.processed_at)

key_cursor = Table(
    "key_cursor",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("key", String(64), primary_key=True),  # before the source: they are asked for by keys
    Column("source", String(40), primary_key=True),
    Column("kseq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The last sequence number seen of each source on each key: finds loss and disorder."""

parked_key = Table(
    "parked_key",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("error_class", String(120), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", UtcDateTime),
)
"""``next_try`` NULL: only an operator can make it go on."""

parked_event = Table(
    "parked_event",
    metadata,
    Column("consumer", String(40), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("type", String(120), nullable=False),
    Column("topic", String(60), nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("headers", Text, nullable=False),
    Column("appended_at", UtcDateTime, nullable=False),
    Column("parked_at", UtcDateTime, nullable=False),
    UniqueConstraint("consumer", "key", "event_id"),
)
"""The events that wait behind a parked one, in order of ``n``."""

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", BIG_KEY, primary_key=True, autoincrement=True),
    Column("consumer", String(40), nullable=False),
    Column("topic", String(60), nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    Column("raw_key", LargeBinary),
    Column("raw_value", LargeBinary),
    Column("headers", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("appended_at", UtcDateTime, nullable=False),
    Column("set_aside_at", UtcDateTime, nullable=False),
    Column("retry", Integer, nullable=False, default=0, server_default="0"),
)
"""Records that are not events of ours, raw. ``retry`` 1: an operator wants it tried again."""

directory_entry = Table(
    "directory_entry",
    metadata,
    Column("kind", String(120), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
"""``kind`` is the event type, ``body`` the event's own JSON."""

directory_revision = Table(
    "directory_revision",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("applied", BigInteger, nullable=False),
)
"""One row: the newest revision that has arrived whole. No row: none has."""
