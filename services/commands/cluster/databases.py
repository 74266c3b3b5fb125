"""A role and a database per service on one PostgreSQL server."""

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from services.commands.cluster.passwords import SUPERUSER, password_file, read_passwords
from services.topology import DATABASE_SERVER
from shared.settings import DATABASES, Settings

OPEN_TO_ALL = ("postgres", "template1")
"""Databases of every server, which PostgreSQL lets every role connect to."""


def make_databases(settings: Settings) -> tuple[str, ...]:
    """Make each database and the role that owns it; no other role may connect to it. Safe to
    repeat. Raises psycopg.Error.
    """
    urls = [make_url(settings.database_url(name)) for name in DATABASES]
    passwords = read_passwords(settings.passwords)
    with _superuser(urls[0], settings.passwords) as connection:
        for url in urls:
            _make(connection, url, passwords)
        for name in OPEN_TO_ALL:
            _close_to_others(connection, name)
    return tuple(str(url.database) for url in urls)


def _superuser(server: URL, folder: Path) -> psycopg.Connection:
    return psycopg.connect(
        host=server.host,
        port=server.port,
        user=SUPERUSER,
        dbname="postgres",
        passfile=str(password_file(folder, DATABASE_SERVER)),
        autocommit=True,
    )


def _make(connection: psycopg.Connection, url: URL, passwords: Mapping[str, str]) -> None:
    role, database = str(url.username), str(url.database)
    if not _there(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        _run(connection, "CREATE ROLE {} LOGIN", role)
    # what goes over the wire, and into a log of failed statements, is no password but a verifier
    verifier = connection.pgconn.encrypt_password(
        passwords[role].encode(), role.encode(), b"scram-sha-256"
    )
    alter = sql.SQL("ALTER ROLE {} PASSWORD {}")
    connection.execute(alter.format(sql.Identifier(role), sql.Literal(verifier.decode())))
    if not _there(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
        _run(connection, "CREATE DATABASE {} OWNER {}", database, role)
    _close_to_others(connection, database)


def _close_to_others(connection: psycopg.Connection, database: str) -> None:
    _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)


def _there(connection: psycopg.Connection, question: str, name: str) -> bool:
    return connection.execute(question.encode(), (name,)).fetchone() is not None


def _run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    identifiers = (sql.Identifier(name) for name in names)
    connection.execute(sql.SQL(statement).format(*identifiers))
