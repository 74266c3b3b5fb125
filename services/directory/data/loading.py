"""A whole district from a folder: ``organisations.csv``, ``members.csv`` and ``rota.csv``."""

from collections.abc import Iterator
from pathlib import Path

from services.directory.data.checking import wrong
from services.directory.data.district import District
from services.directory.data.tables import TABLES, BadRow, Table, Unreadable, read
from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
)

DEMO = Path(__file__).parents[1] / "demo"


class DistrictInvalid(Exception):
    """The data of a district contradict themselves; the text lists everything that is wrong."""


def load_district(folder: Path) -> District:
    """A file that is not there is an empty table. Raises DistrictInvalid."""
    bad: list[str] = []
    entries = [entry for table in TABLES.values() for entry in _entries(folder, table, bad)]
    district = District(
        organisations=tuple(one for one in entries if isinstance(one, OrganisationPublished)),
        members=tuple(one for one in entries if isinstance(one, MemberPublished)),
        duties=tuple(one for one in entries if isinstance(one, DutyPublished)),
    )
    bad += sorted({str(one) for one in wrong(district)})
    if bad:
        raise DistrictInvalid("; ".join(bad))
    return district


def _entries(folder: Path, table: Table, bad: list[str]) -> Iterator[DirectoryEvent]:
    """What cannot be read is added to ``bad``."""
    path = folder / f"{table.name}.csv"
    try:
        for line, cells in read(table, path.read_bytes()) if path.exists() else ():
            try:
                yield table.entry(cells)
            except BadRow as error:
                for cell in error.cells:
                    said = cell.text % {"value": cell.value}
                    bad.append(f"{path.name}, line {line}: {cell.field}: {said}")
    except Unreadable as error:
        bad.append(f"{path.name}: {error}")
