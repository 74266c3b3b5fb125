"""The passwords of the database roles: one file per service, which libpq reads by itself.

The address of a database names the file: no password stands in an address, in an environment or on
a command line. ``postgresql/pgpass`` has all of them, for who looks after the installation.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

from services.topology import DATABASE_SERVER, databases_of
from shared.durable import sync_folder, write_new
from shared.settings import DATABASES, SERVICES

SUPERUSER = "postgres"
BYTES = 24


def role_of(database: str) -> str:
    """The role that owns a database; the database has the same name."""
    return f"hemu_{database}"


def password_file(folder: Path, owner: str) -> Path:
    """Of a service, or of the database server for all of them."""
    return folder / owner / "pgpass"


def superuser_file(folder: Path) -> Path:
    """For the server, when it is made."""
    return folder / DATABASE_SERVER / "password"


def make_passwords(folder: Path) -> None:
    """Make those that are missing; the others stay as they are."""
    known = read_passwords(folder)
    roles = [SUPERUSER, *(role_of(name) for name in DATABASES)]
    passwords = {role: known.get(role) or secrets.token_urlsafe(BYTES) for role in roles}
    _write(password_file(folder, DATABASE_SERVER), _lines(passwords))
    _write(superuser_file(folder), passwords[SUPERUSER])
    for service in SERVICES:
        own = {role_of(name): passwords[role_of(name)] for name in databases_of(service)}
        _write(password_file(folder, service), _lines(own))


def read_passwords(folder: Path) -> Mapping[str, str]:
    """Password by role; empty before they were made."""
    path = password_file(folder, DATABASE_SERVER)
    if not path.exists():
        return {}
    fields = (line.split(":") for line in path.read_text().splitlines())
    return {role: password for _host, _port, _database, role, password in fields}


def _lines(passwords: Mapping[str, str]) -> str:
    return "".join(f"*:*:*:{role}:{password}\n" for role, password in passwords.items())


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and durable: PostgreSQL will know these passwords for good. libpq passes
    over a file that others can read. The folder may be the server's: what lies in wait there is
    not written through.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    write_new(draft, text.encode())
    draft.replace(path)
    sync_folder(path.parent)
