"""The tables of intake: codes that can be searched, and everything that was filed, sealed.

A dispute and the lead that was registered because of it share nothing here.
"""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
)

from shared.db.message_tables import BIG_KEY
from shared.db.types import UtcDateTime

metadata = MetaData()

CODE = String(64)
AREA = String(15)
FINGERPRINT = String(64)

disputes = Table(
    "disputes",
    metadata,
    Column("seq", BIG_KEY, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("receipt", FINGERPRINT, nullable=False, unique=True),
    Column("filer", String(80)),
    Column("filed_at", UtcDateTime, nullable=False),
    Column("category", CODE, nullable=False),
    Column("community", String(12), nullable=False),
    Column("area", AREA, nullable=False),
    Column("grid", AREA),
    Column("state", CODE, nullable=False),
    Column("route", CODE),
    Column("organisation_id", CODE),
    Column("mediator_id", CODE),
    Column("prosecutor_id", CODE),
    Column("sessions", Integer, nullable=False, default=0),
    Column("outcome", CODE),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""``receipt`` is a fingerprint, ``filer`` the opaque id of a signed-in member. From ``state`` to
``outcome``: what became of it elsewhere.
"""

leads = Table(
    "leads",
    metadata,
    Column("seq", BIG_KEY, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("receipt", FINGERPRINT, nullable=False, unique=True),
    Column("filer", FINGERPRINT),
    Column("informant_ref", Uuid),
    Column("filed_at", UtcDateTime, nullable=False),
    Column("field", CODE),
    Column("community", String(12), nullable=False),
    Column("area", AREA, nullable=False),
    Column("grid", AREA),
    Column("state", CODE, nullable=False),
    Column("route", CODE),
    Column("officer_id", CODE),
    Column("organisation_id", CODE),
    Column("member_id", CODE),
    Column("order_id", Uuid),
    Column("order_state", CODE),
    Column("review_state", CODE),
    Column("outcome", CODE),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""``filer`` is a fingerprint: who reported something must not be read from this table, nor be
compared with the filers of disputes. ``filed_at`` is cut to the minute, so that the moment does not
point to a dispute either.
"""

for _table, _kind, _holders in (
    (disputes, "category", ("mediator_id", "prosecutor_id", "organisation_id")),
    (leads, "field", ("member_id", "organisation_id")),
):
    _name, _place = _table.name, (_table.c.filed_at, _table.c.id)
    Index(f"{_name}_newest", *_place)
    Index(f"{_name}_state", _table.c.state, *_place)
    Index(f"{_name}_{_kind}", _table.c[_kind], *_place)
    Index(f"{_name}_area", _table.c.area, *_place)
    Index(
        f"{_name}_grid",
        _table.c.grid,
        *_place,
        sqlite_where=_table.c.grid.is_not(None),
        postgresql_where=_table.c.grid.is_not(None),
    )
    for _column in (_table.c.filer, *(_table.c[_holder] for _holder in _holders)):
        Index(
            f"{_name}_{_column.name}",
            _column,
            *_place,
            _table.c.state,  # so that no row is fetched for being in another state
            sqlite_where=_column.is_not(None),
            postgresql_where=_column.is_not(None),
        )
