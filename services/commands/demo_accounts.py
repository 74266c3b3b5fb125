"""Accounts of the demo district: one per member, with generated passwords that lie in a file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from services.commands.directory import directory
from services.directory.handlers import NewAccount, open_account
from services.directory.models import Member
from services.directory.queries import members, organisations
from shared.db import Transaction
from shared.durable import write_new
from shared.settings import Settings
from shared.words import label

FILE = "accounts.txt"
EVERYBODY = 10_000
AGENCY_ROLE = "agency_handler"
SAMPLED_DUTY = "food_drug"
FIRST_ROLES = (
    "mediator",
    "pmc_director",
    "prosecutor",
    "proc_intake",
    "referral_officer",
    AGENCY_ROLE,
    "org_admin",
    "ops",
)
"""Those who do the work of a case, then everybody else."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A line of the file: how somebody signs in, and as what."""

    login: str
    password: str
    role: str
    member_id: str


def make_accounts(tx: Transaction, home: Path) -> None:
    """For every member. The passwords need not be changed at the first sign-in: they were drawn at
    random, and whoever reads the file is the operator.
    """
    lines = []
    for member in members(tx.session, limit=EVERYBODY):
        login = _login(member)
        password = open_account(tx, NewAccount(member_id=member.id, login=login), initial=False)
        lines.append(f"{login} {password} {member.roles[0]} {member.id}\n")
    place = home / FILE
    place.unlink(missing_ok=True)
    write_new(place, "".join(lines).encode())  # before the commit: else nobody knows them


def print_accounts(settings: Settings, address: str) -> None:
    """One per role, for a newcomer; the file has all."""
    place = settings.home / FILE
    click.echo(f"Sign in at {address}directory/sign-in")
    if not place.exists():
        return
    shown = _one_per_role(settings, _read(place))
    for entry in shown:
        zh, en = (label("role", entry.role, language) for language in ("zh", "en"))
        click.echo(f"  {entry.login:24} {entry.password}  {zh} {en}")
    click.echo(f"All accounts of the demo district: {place}")


def _login(member: Member) -> str:
    """``Mediator A-1`` signs in as ``mediator-a-1``."""
    return re.sub(r"[^a-z0-9]+", "-", member.name_en.lower()).strip("-")


def _read(place: Path) -> Iterator[Entry]:
    for line in place.read_text().splitlines():
        login, password, role, member_id = line.split()
        yield Entry(login=login, password=password, role=role, member_id=member_id)


def _one_per_role(settings: Settings, entries: Iterator[Entry]) -> Sequence[Entry]:
    found: dict[str, Entry] = {}
    known = list(entries)
    for entry in known:
        found.setdefault(entry.role, entry)
    busy = _busy_agency(settings)
    found.update({entry.role: entry for entry in known if entry.member_id == busy})
    return [found[role] for role in sorted(found, key=_usual_first)]


def _busy_agency(settings: Settings) -> str | None:
    """Of the demo district's agencies, one that the sample cases give an order to."""
    with directory(settings) as database, database.reading() as session:
        for agency in organisations(session, kind="agency", duty=SAMPLED_DUTY, limit=1):
            for member in members(session, role=AGENCY_ROLE, organisation_id=agency.id, limit=1):
                return member.id
    return None


def _usual_first(role: str) -> tuple[int, str]:
    return (FIRST_ROLES.index(role) if role in FIRST_ROLES else len(FIRST_ROLES)), role
