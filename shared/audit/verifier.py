"""Verifies the audit of a database by itself: chain, seals, and what its witness holds.

``python verifier.py --service NAME --database URL --witness URL --key NAME.pub``, or ``--home
FOLDER``. Needs nothing of Hemu, so that it can be read and run apart from what it checks.
"""

import argparse
import json
import sys
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import Connection, NullPool, create_engine, make_url, text

SERVICES = ("directory", "intake", "mediation", "referral", "ops")
BODY = (
    *("id", "at", "kind", "actor", "role", "organisation", "action", "resource", "relation"),
    *("mask", "fields", "filters", "reason", "request_id", "outcome"),
)
SUITE = 1
CLOCKS_DIFFER = timedelta(minutes=1)
OVERDUE = timedelta(minutes=20)  # between checkpoints, if there were rows
moment = datetime.fromisoformat


class Problem(NamedTuple):
    seq: int
    says: str


class Seal(NamedTuple):
    first: int
    seq: int
    hash: bytes
    at: str
    signature: bytes

    def signed_by(self, key: Ed25519PublicKey, service: str) -> bool:
        said = ["audit-seal-v1", service, self.first, self.seq, self.hash.hex(), self.at]
        try:
            return key.verify(self.signature, written(said)) is None
        except InvalidSignature:
            return False


def written(values: list[Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode()


def stamp(value: Any) -> str:
    """A time as it is hashed: SQLite keeps it as text in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return f"{value.replace(' ', 'T')}+00:00"


def hashed(row: Mapping[str, Any], prev: bytes) -> bytes:
    body = sha256(written([row[name] for name in BODY])).digest()
    place = row["seq"].to_bytes(8, "big") + bytes([row["suite"]])
    return sha256(b"audit-v1\0" + prev + place + body).digest()


def rows_of(connection: Connection) -> Iterator[dict[str, Any]]:
    names = ("seq", *BODY, "suite", "prev", "hash")
    query = text(f"SELECT {', '.join(names)} FROM audit_log ORDER BY seq")  # noqa: S608
    for found in connection.execution_options(yield_per=1000).execute(query):
        row = dict(zip(names, found, strict=True))
        plain = row["id"].hex if isinstance(row["id"], UUID) else row["id"]
        yield row | {"at": stamp(row["at"]), "id": plain}


def seals_of(connection: Connection, table: str, where: str = "") -> list[Seal]:
    query = text(f"SELECT first, seq, hash, at, signature FROM {table} {where} ORDER BY seq")  # noqa: S608
    rows = connection.execute(query)
    return [Seal(one.first, one.seq, one.hash, stamp(one.at), one.signature) for one in rows]


def verify(
    service: str, rows: Iterator[dict[str, Any]], seals: list[Seal], held: list[Seal], key: Any
) -> Iterator[Problem]:
    """Everything that is wrong. ``held`` are the seals that the witness has."""
    seq, prev = 0, sha256(b"audit-v1\0genesis\0" + service.encode()).digest()
    ends = [seal.seq for seal in seals]
    witnessed = {seal.seq: seal.hash for seal in held}
    for row in rows:
        yield from of_chain(row, seq, prev)
        seq, prev = row["seq"], row["hash"]
        place = bisect_left(ends, seq)
        yield from of_seal(row, seals[place] if place < len(ends) else None)
        if witnessed.get(seq, prev) != prev:
            yield Problem(seq, "it is not what the witness holds")
    if ends and ends[-1] > seq:
        yield Problem(seq + 1, f"rows were sealed up to {ends[-1]} and are not here")
    if held and held[-1].seq > seq:
        yield Problem(seq + 1, f"the witness holds rows up to {held[-1].seq} that are not here")
    yield from of_signatures(service, seals, held, key)
    yield from of_witness(seals, held)


def of_chain(row: Mapping[str, Any], seq: int, prev: bytes) -> Iterator[Problem]:
    if row["seq"] != seq + 1:
        yield Problem(seq + 1, f"rows are missing before {row['seq']}")
    if row["prev"] != prev:
        yield Problem(row["seq"], "it does not follow the row before it")
    if row["suite"] != SUITE:
        yield Problem(row["seq"], "it is hashed in a way that is not known here")
    if row["hash"] != hashed(row, prev):
        yield Problem(row["seq"], "it does not say what it said when it was hashed")


def of_seal(row: Mapping[str, Any], seal: Seal | None) -> Iterator[Problem]:
    if seal is None:
        yield Problem(row["seq"], "it is not sealed")
        return
    if moment(row["at"]) > moment(seal.at) + CLOCKS_DIFFER:
        yield Problem(row["seq"], "it tells a later time than its seal")
    if row["seq"] == seal.seq and row["hash"] != seal.hash:
        yield Problem(row["seq"], "it is not what was sealed")


def of_signatures(service: str, seals: list[Seal], held: list[Seal], key: Any) -> Iterator[Problem]:
    before = Seal(0, 0, b"", "", b"")
    for seal in seals:
        if seal.first != before.seq + 1:
            yield Problem(before.seq + 1, f"a seal is missing before the one of row {seal.seq}")
        if seal.at < before.at:
            yield Problem(seal.seq, "it was sealed earlier than the rows before it")
        before = seal
    for seal in (*seals, *held):
        if not seal.signed_by(key, service):
            yield Problem(seal.seq, "a seal of it is not signed by the service")


def of_witness(seals: list[Seal], held: list[Seal]) -> Iterator[Problem]:
    alone = [seal for seal in seals if not held or seal.seq > held[-1].seq]
    if alone and moment(alone[-1].at) - moment(alone[0].at) > OVERDUE:
        yield Problem(alone[0].first, f"no witness vouches for the rows since {alone[0].at}")


def problems(service: str, database: str, witness: str, key_file: Path) -> list[Problem]:
    """The witness is read first: what it holds must stand in the database."""
    key = load_pem_public_key(key_file.read_bytes())
    found: list[Problem] = []
    try:
        with opened(witness) as theirs:
            held = seals_of(theirs, "audit_checkpoint", f"WHERE service = '{service}'")
        with opened(database) as ours:
            seals = seals_of(ours, "audit_seal")
            found.extend(verify(service, rows_of(ours), seals, held, key))
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        found.append(Problem(0, f"something is not of its kind ({type(error).__name__})"))
    return found


def opened(url: str) -> Connection:
    """A connection that sees one moment, and changes nothing."""
    if not url.startswith("sqlite"):
        engine = create_engine(url, isolation_level="REPEATABLE READ", poolclass=NullPool)
        return engine.execution_options(postgresql_readonly=True).connect()
    file = f"file:{Path(make_url(url).database or '').resolve(strict=True)}?mode=ro&uri=true"
    engine = create_engine(f"sqlite:///{file}", isolation_level="AUTOCOMMIT", poolclass=NullPool)
    connection = engine.connect()
    connection.exec_driver_sql("BEGIN")
    return connection


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify the audit of a copied database.")
    parser.add_argument("--home", type=Path, help="folder of an installation in files")
    for name in ("service", "database", "witness", "key"):
        parser.add_argument(f"--{name}", choices=SERVICES if name == "service" else None)
    given = parser.parse_args()
    asked = [(given.service, given.database, given.witness, given.key)]
    if given.home:
        url, keys = f"sqlite:///{given.home}/{{}}.sqlite", given.home / "keys"
        ring = zip(SERVICES, (*SERVICES[1:], SERVICES[0]), strict=True)
        asked = [(one, url.format(one), url.format(by), keys / f"{one}.pub") for one, by in ring]
    elif not all(asked[0]):
        parser.error("give --home, or --service, --database, --witness and --key")
    return report({one[0]: problems(one[0], one[1], one[2], Path(one[3])) for one in asked})


def report(found: Mapping[str, list[Problem]]) -> int:
    for service, wrong in found.items():
        print(f"{service}: {'not as it was' if wrong else 'whole'}")  # noqa: T201
        print(*(f"  row {seq}: {says}\n" for seq, says in wrong), sep="", end="")  # noqa: T201
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
