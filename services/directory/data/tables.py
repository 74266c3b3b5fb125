"""A district's tables as CSV: which columns there are, and how their cells are read and written.

Cells that hold several codes part them with spaces. A cell that a spreadsheet would take for a
formula is written with an apostrophe before it, which reading takes away.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from typing import get_type_hints

import msgspec

from services.directory.data.district import normal, responsibilities_of
from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
    Responsibility,
)
from shared.web.i18n import N_
from shared.words import codes, label

MAX_ROWS = 20_000
MAX_CELL = 4000
FORMULA = re.compile(r"'*[=+\-@\t\r]")

_DUTY = re.compile(
    r"(?P<duty>[a-z_]{1,64})(@(?P<area>[0-9]{6,15}))?"
    r"(:(?P<valid_from>[0-9]{4}-[0-9]{2}-[0-9]{2})?"
    r"\.\.(?P<valid_to>[0-9]{4}-[0-9]{2}-[0-9]{2})?)?"
)

_WORDS = re.compile(r"[^@:]+")
DAY = N_("This must be a day, such as 2026-05-01.")

Cells = Mapping[str, str]


class Unreadable(Exception):
    """The file as a whole is no such table; ``text`` may be shown, ``value`` fills it."""

    def __init__(self, text: str, value: str = "") -> None:
        super().__init__(text % {"value": value})
        self.text = text
        self.value = value


class BadCell(Exception):
    """A cell does not hold what its column is for; ``text`` may be shown."""

    def __init__(
        self,
        field: str,
        text: str,
        value: str = "",
        *,
        kind: str = "",
        allowed: tuple[str, ...] = (),
    ) -> None:
        """``allowed`` are the codes, of this ``kind`` of words, that it may hold."""
        super().__init__(field)
        self.field = field
        self.text = text
        self.value = value
        self.kind = kind
        self.allowed = allowed


class BadRow(Exception):
    """All cells of a row that do not hold what they are for."""

    def __init__(self, cells: Sequence[BadCell]) -> None:
        super().__init__(*cells)
        self.cells = tuple(cells)


@dataclass(frozen=True, kw_only=True)
class Table:
    """``columns`` are the names of the entry's fields, with the Chinese names of the columns.
    ``coded`` are those that hold codes of a kind, which may be given by their Chinese words too.
    """

    name: str
    entry_class: type[DirectoryEvent]
    columns: Mapping[str, str]
    several: frozenset[str] = frozenset()
    coded: Mapping[str, str] = field(default_factory=dict)

    def entry(self, cells: Cells) -> DirectoryEvent:
        """What a row says; raises BadRow. An empty cell counts as left out."""
        given = self._given(cells)
        bad: list[BadCell] = []
        for take in (_take_duties, _take_weekdays):
            try:
                take(given)
            except BadCell as error:
                bad.append(error)
        named = {cell.field for cell in bad}
        bad += [cell for cell in _unfit(given, self.entry_class) if cell.field not in named]
        if bad:
            raise BadRow([*bad, *self._uncoded(given)])
        found = msgspec.convert(given, type=self.entry_class)
        return normal(found) if isinstance(found, OrganisationPublished) else found

    def _given(self, cells: Cells) -> dict[str, object]:
        given: dict[str, object] = {"revision": 0, "remaining": 0}
        for name, text in cells.items():
            if name in self.several:
                given[name] = tuple(self._code(name, one) for one in text.split())
            elif text:
                given[name] = self._code(name, text)
        return given

    def _uncoded(self, given: Mapping[str, object]) -> Iterator[BadCell]:
        """Of a row that is not looked at any further: what it has that is no code."""
        for name, kind in self.coded.items():
            value = given.get(name)
            for one in value if isinstance(value, tuple) else (value,):
                if one is not None and one not in codes(kind):
                    text = N_("There is no %(value)s here.")
                    yield BadCell(name, text, str(one)[:60], kind=kind, allowed=codes(kind))

    def _code(self, name: str, text: str) -> str:
        """Behind the words of a duty may stand its area and days."""
        if name not in self.coded:
            return text
        words = _WORDS.match(text)
        found = _codes_by_words(self.coded[name]).get(words[0] if words else "")
        return text if words is None or found is None else found + text[words.end() :]

    def cells(self, entry: DirectoryEvent) -> Cells:
        """The row that says this."""
        return {name: self._cell(entry, name) for name in self.columns}

    def _cell(self, entry: DirectoryEvent, name: str) -> str:
        if name == "duties" and isinstance(entry, OrganisationPublished):
            return " ".join(_duty_cells(entry))
        value = getattr(entry, name)
        if value is None:
            return ""
        return " ".join(map(str, value)) if name in self.several else str(value)


ORGANISATIONS = Table(
    name="organisations",
    entry_class=OrganisationPublished,
    columns={
        "id": "编号",
        "kind": "类型",
        "name_zh": "中文名称",
        "name_en": "英文名称",
        "parent_id": "上级机构",
        "areas": "服务区域",
        "categories": "纠纷类别",
        "duties": "职责",
    },
    several=frozenset({"areas", "categories", "duties"}),
    coded={"kind": "organisation_kind", "categories": "category", "duties": "duty"},
)
MEMBERS = Table(
    name="members",
    entry_class=MemberPublished,
    columns={
        "id": "编号",
        "name_zh": "中文姓名",
        "name_en": "英文姓名",
        "organisation_id": "所属机构",
        "roles": "角色",
        "areas": "服务区域",
        "leave_from": "休假开始",
        "leave_to": "休假结束",
    },
    several=frozenset({"roles", "areas"}),
    coded={"roles": "role"},
)
ROTA = Table(
    name="rota",
    entry_class=DutyPublished,
    columns={
        "id": "编号",
        "role": "角色",
        "member_id": "人员",
        "area": "区域",
        "weekdays": "星期",
        "valid_from": "起始日期",
        "valid_to": "截止日期",
    },
    several=frozenset({"weekdays"}),
    coded={"role": "role"},
)
TABLES: Mapping[str, Table] = {table.name: table for table in (ORGANISATIONS, MEMBERS, ROTA)}
"""By name, in an order in which what is referred to comes first."""


@cache
def _codes_by_words(kind: str) -> Mapping[str, str]:
    return {label(kind, code, "zh"): code for code in codes(kind)}


def read(table: Table, raw: bytes) -> Iterator[tuple[int, Cells]]:
    """The rows with the numbers of their lines. Raises Unreadable."""
    text = _decoded(raw)
    first = text.partition("\n")[0]
    lines = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=";" if first.count(";") > first.count(",") else ",",
        strict=True,
    )
    try:
        names = _names(table, next(lines, []))
        for count, row in enumerate(lines, start=1):
            if count > MAX_ROWS:
                raise Unreadable(N_("There are more than %(value)s rows."), str(MAX_ROWS))
            if any(cell.strip() for cell in row):
                yield lines.line_num, _row(names, row, lines.line_num)
    except csv.Error as error:
        raise Unreadable(N_("Line %(value)s is no CSV."), str(lines.line_num)) from error


def written(table: Table, entries: Sequence[DirectoryEvent]) -> bytes:
    """With a byte order mark, by which spreadsheets know that it is UTF-8."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(table.columns)
    for entry in entries:
        writer.writerow([_harmless(cell) for cell in table.cells(entry).values()])
    return target.getvalue().encode("utf-8-sig")


def canonical(raw: bytes) -> bytes:
    """The same text, however it was encoded and its lines were ended. Raises Unreadable."""
    return _decoded(raw).replace("\r\n", "\n").replace("\r", "\n").strip("\n").encode()


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable(N_("This is neither UTF-8 nor GB18030."))


def _names(table: Table, header: Sequence[str]) -> list[str]:
    known = {chinese: name for name, chinese in table.columns.items()}
    names = [known.get(cell.strip(), cell.strip().lower()) for cell in header]
    for name in names:
        if name not in table.columns:
            raise Unreadable(N_("There is no column %(value)s."), name[:60])
        if names.count(name) > 1:
            raise Unreadable(N_("The column %(value)s stands there twice."), name)
    if "id" not in names:
        raise Unreadable(N_("The column %(value)s is missing."), "id")
    return names


def _row(names: Sequence[str], row: Sequence[str], line: int) -> Cells:
    if len(row) > len(names) or any(len(cell) > MAX_CELL for cell in row):
        raise Unreadable(N_("Line %(value)s has too many cells, or too much in one."), str(line))
    cells = [*row, *("" for _ in range(len(names) - len(row)))]
    return {name: _plain(cell.strip()) for name, cell in zip(names, cells, strict=True)}


def _harmless(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def _take_duties(given: dict[str, object]) -> None:
    """The duties of an organisation become responsibilities for its areas."""
    if "duties" not in given:
        return
    areas, duties = _texts(given.get("areas")), _texts(given.pop("duties"))
    each = [one for text in duties for one in _responsibilities(text, areas)]
    if duties and not each:
        raise BadCell("areas", N_("Say which areas it serves."))
    given["responsibilities"] = [msgspec.to_builtins(one) for one in each]


def _responsibilities(text: str, areas: Sequence[str]) -> Iterator[Responsibility]:
    """``duty``, ``duty@area``, each with ``:from..to`` behind it if it is not for ever."""
    found = _DUTY.fullmatch(text)
    if found is None:
        raise BadCell("duties", N_("%(value)s is no duty."), text[:60])
    told = found.groupdict()
    for area in [told["area"]] if told["area"] else areas:
        try:
            yield msgspec.convert({**told, "area": area}, type=Responsibility)
        except msgspec.ValidationError as error:
            raise BadCell("duties", N_("%(value)s is no duty."), text[:60]) from error


def _duty_cells(agency: OrganisationPublished) -> Iterator[str]:
    if not agency.responsibilities:
        yield from agency.duties
        return
    for one in responsibilities_of(agency):
        days = f":{one.valid_from or ''}..{one.valid_to or ''}"
        yield f"{one.duty}@{one.area}" + (days if one.valid_from or one.valid_to else "")


def _take_weekdays(given: dict[str, object]) -> None:
    if "weekdays" not in given:
        return
    days = " ".join(_texts(given.pop("weekdays"))).replace(",", " ").split()
    if not all(day in {"1", "2", "3", "4", "5", "6", "7"} for day in days):
        raise BadCell("weekdays", N_("Days of the week are 1 (Monday) to 7."))
    given["weekdays"] = tuple(sorted({int(day) for day in days}))


def _texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _unfit(given: Mapping[str, object], entry_class: type[DirectoryEvent]) -> Iterator[BadCell]:
    """What is missing, and what is not of its type."""
    types = get_type_hints(entry_class, include_extras=True)
    for one in fields(entry_class):
        if one.name in given:
            try:
                msgspec.convert(given[one.name], type=types[one.name])
            except msgspec.ValidationError:
                day = "date" in str(types[one.name])
                yield BadCell(one.name, DAY if day else N_("This is not valid."))
        elif one.default is MISSING:
            yield BadCell(one.name, N_("Please fill this in."))
