"""Writes through the product's own database and log, and says on stdout what became durable.

``python -m tests.reliability.power_writer FOLDER [MUTANT]``. For each number on stdin two processes
begin to write, numbering from there, with a line for each commit at once after it; the word ``cut``
kills them, and is said when they are dead. With the mutant ``NORMAL`` a commit does not wait for
the disk.
"""

import os
import signal
import sys
import threading
from itertools import count
from pathlib import Path
from sqlite3 import Connection
from uuid import UUID

from shared.db import Database, database
from shared.db.migrate import migrate
from shared.messaging import sqlite_log
from shared.messaging.log import Record
from shared.messaging.sqlite_file import SqliteFile
from shared.messaging.sqlite_log import SqliteLog
from tests.messaging.samples import lead

PROCESSES = 2
WRITERS = 4
STRIDE = 1_000_000
"""Numbers of one process; none comes twice."""


def main(folder: Path, mutant: str = "") -> None:
    if mutant == "NORMAL":
        _make_normal()
    writing: list[int] = []
    for line in sys.stdin:
        if line.strip() == "cut":
            for process in writing:
                os.kill(process, signal.SIGKILL)
            for process in writing:
                os.waitpid(process, 0)
            writing.clear()
            _say("cut")
        else:
            writing += [_forked(folder, int(line) + n * STRIDE) for n in range(PROCESSES)]


def _forked(folder: Path, first: int) -> int:
    process = os.fork()
    if process == 0:
        _write(folder, first)
    return process


def _write(folder: Path, first: int) -> None:
    url = f"sqlite:///{folder / 'intake.sqlite'}"
    migrate(url)
    intake, log = Database(url, name="intake"), SqliteLog(folder / "log.sqlite")
    numbers = count(first)
    writers = [threading.Thread(target=_commit, args=(intake, numbers)) for _ in range(WRITERS)]
    appender = threading.Thread(target=_append, args=(log, count(first)))
    for each in (*writers, appender):
        each.start()
    appender.join()


def _commit(intake: Database, numbers: "count[int]") -> None:
    while True:
        number = next(numbers)
        with intake.transaction() as tx:
            tx.emit(lead(UUID(int=number), revision=number))
        _say(f"row {number}")


def _append(log: SqliteLog, numbers: "count[int]") -> None:
    while True:
        records = [Record("hemu.cases", str(next(numbers)), b"x" * 300) for _ in range(3)]
        for record, at in zip(records, log.append(records), strict=True):
            _say(f"log {record.key} {at.partition} {at.offset}")


def _say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def _make_normal() -> None:
    real, real_file = database._pragmas, SqliteFile

    def relaxed(connection: Connection, *pragmas: str) -> None:
        real(connection, *(each.replace("FULL", "NORMAL") for each in pragmas))

    def careless(path: Path, schema: str, *, durable: bool, busy_seconds: float) -> SqliteFile:
        return real_file(path, schema, durable=False, busy_seconds=busy_seconds)

    database._pragmas = relaxed
    setattr(sqlite_log, "SqliteFile", careless)  # noqa: B010 – its type says that it is a class


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
