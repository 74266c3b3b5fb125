"""What a table would change, row by row, before anything is changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from services.directory.data.checking import Wrong, wrong
from services.directory.data.district import District
from services.directory.data.tables import BadRow, Table, canonical, read
from shared.events.directory import DirectoryEvent
from shared.web.i18n import N_

NEW, CHANGED, SAME, ERROR = "new", "changed", "same", "error"

Refuse = Callable[[District, District], Iterable[Wrong]]


@dataclass(frozen=True, kw_only=True)
class RowResult:
    """What becomes of one row; ``wrong`` says why it is an error."""

    line: int
    id: str
    result: str
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``elsewhere`` is what the rows would make wrong of entries that are not in the table."""

    rows: tuple[RowResult, ...]
    elsewhere: tuple[Wrong, ...]
    district: District

    @property
    def sound(self) -> bool:
        return not self.elsewhere and all(row.result != ERROR for row in self.rows)

    def count(self, result: str) -> int:
        return sum(row.result == result for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class _Read:
    line: int
    id: str
    entry: DirectoryEvent | None = None
    bad: tuple[Wrong, ...] = ()


def plan(known: District, table: Table, raw: bytes, refuse: Refuse | None = None) -> Plan:
    """Rows add and change, and never take away. Raises Unreadable."""
    rows = list(_marked(_read(table, raw)))
    entries = [row.entry for row in rows if row.entry is not None]
    after = known.with_entries(entries)
    found = [*wrong(after), *(refuse(known, after) if refuse else ())]
    if found:
        before = set(wrong(known))
        found = [one for one in found if one not in before]
    old = {entry.id: entry for entry in known.entries()}
    ids = {row.id for row in rows}
    return Plan(
        rows=tuple(_result(row, old.get(row.id), found) for row in rows),
        elsewhere=tuple(one for one in found if one.entry_id not in ids),
        district=after,
    )


def fingerprint(table: Table, raw: bytes, revision: int) -> str:
    """Of what somebody has looked at: the file, and the directory that it was compared with. Raises
    Unreadable.
    """
    return sha256(f"{table.name}\n{revision}\n".encode() + canonical(raw)).hexdigest()


def _read(table: Table, raw: bytes) -> Iterator[_Read]:
    for line, cells in read(table, raw):
        try:
            entry = table.entry(cells)
        except BadRow as bad:
            found = tuple(Wrong(entry_id=cells["id"], **vars(cell)) for cell in bad.cells)
            yield _Read(line=line, id=cells["id"], bad=found)
        else:
            yield _Read(line=line, id=entry.id, entry=entry)


def _marked(rows: Iterable[_Read]) -> Iterator[_Read]:
    """Two rows about one entry: neither counts."""
    all_rows = list(rows)
    times = Counter(row.id for row in all_rows)
    for row in all_rows:
        if times[row.id] > 1:
            twice = Wrong(entry_id=row.id, field="id", text=N_("This id stands there twice."))
            yield replace(row, entry=None, bad=(*row.bad, twice))
        else:
            yield row


def _result(row: _Read, old: DirectoryEvent | None, found: Sequence[Wrong]) -> RowResult:
    bad = (*row.bad, *(one for one in found if one.entry_id == row.id and not row.bad))
    if bad:
        result = ERROR
    elif old is None:
        result = NEW
    else:
        result = SAME if old == row.entry else CHANGED
    return RowResult(line=row.line, id=row.id, result=result, wrong=bad)
