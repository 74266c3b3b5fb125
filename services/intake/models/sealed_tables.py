"""The tables of the sealed database: who reported something, and which lead a dispute led to.

Everything in them is encrypted besides, and nothing outside can be followed into them without the
service's secret.
"""

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, Uuid

sealed_metadata = MetaData()

informants = Table(
    "informants",
    sealed_metadata,
    Column("ref", Uuid, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""``ref`` is all that a lead says of its informant."""

links = Table(
    "links",
    sealed_metadata,
    Column("dispute", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""``dispute`` is a fingerprint of the case id. Its primary key is what makes a dispute lead to one
lead at most.
"""
