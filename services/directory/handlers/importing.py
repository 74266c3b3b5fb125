"""Importing tables: all of a file, or nothing of it."""

from functools import partial
from pathlib import Path

from services.directory.data import (
    TABLES,
    District,
    DistrictInvalid,
    Plan,
    Table,
    Unreadable,
    fingerprint,
    plan,
    refused,
)
from services.directory.handlers.publishing import publish_district, take_turn
from services.directory.models import last_revision, whole_district
from shared.auth.actor import Actor
from shared.db.transaction import Transaction
from shared.errors import Conflict, Rejected


def import_table(tx: Transaction, by: Actor, table: Table, raw: bytes, seen: str) -> Plan:
    """``seen`` is the fingerprint of the dry run: what was looked at is what is done. Raises
    Unreadable; Conflict when the file or the directory is another; Rejected for a wrong row.
    """
    take_turn(tx)
    if seen != fingerprint(table, raw, last_revision(tx.session)):
        raise Conflict("The file or the directory has changed since you looked. Look again.")
    made = plan(whole_district(tx.session), table, raw, partial(refused, by))
    if not made.sound:
        raise Rejected("Some rows are wrong, so nothing was changed.")
    publish_district(tx, made.district)
    return made


def import_folder(tx: Transaction, folder: Path) -> int:
    """The tables of a folder as one change, for whoever installs. Raises DistrictInvalid."""
    take_turn(tx)
    known = whole_district(tx.session)
    for table in TABLES.values():
        path = folder / f"{table.name}.csv"
        if path.exists():
            known = _planned(path, table, known).district
    return publish_district(tx, known)


def _planned(path: Path, table: Table, known: District) -> Plan:
    try:
        made = plan(known, table, path.read_bytes())
    except Unreadable as error:
        raise DistrictInvalid(f"{path.name}: {error}") from error
    bad = [f"line {row.line}: {one}" for row in made.rows for one in row.wrong]
    bad += [str(one) for one in made.elsewhere]
    if bad:
        raise DistrictInvalid(f"{path.name}: " + "; ".join(bad))
    return made
