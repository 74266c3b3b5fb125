"""``hemu rules lint | replay``: whether the routing rules hold, and what other rules would do."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from services.commands import events
from services.commands.directory import directory
from services.directory.data import DEMO, load_district
from services.directory.queries import published_entries
from services.mediation import routing as mediation
from services.referral import routing as referral
from shared.events import CASES, Event, Undecodable
from shared.events.decisions import Explanation
from shared.events.directory import DirectoryEvent
from shared.events.intake import DisputeRegistered, LeadRegistered
from shared.events.mediation import DisputeRouted
from shared.messaging.delivery import read
from shared.messaging.log import EventLog, LogUnavailable, StoredRecord
from shared.messaging.open_log import open_log
from shared.messaging.replica import snapshot_of
from shared.rules import Finding, Moved, RuleBook, RuleSet, RuleSetError
from shared.settings import Settings

ROUTING = click.Choice(["mediation", "referral"])


@click.group()
def rules() -> None:
    """Look after the routing rules."""


@rules.command()
@click.pass_obj
def lint(settings: Settings) -> None:
    """Refuse rules with an unreachable row, an unknown fact, a route nobody serves or an area
    without a member; against the published directory, or the demo district before there is one.
    """
    directory = snapshot_of(_directory_entries(settings))
    try:
        findings: list[Finding] = [
            *mediation.lint_findings(directory),
            *referral.lint_findings(directory),
        ]
    except RuleSetError as error:
        raise click.ClickException(str(error)) from error
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise click.ClickException(f"{len(findings)} findings")
    for book in (mediation.rule_book(), referral.rule_book()):
        for version in book.versions:
            click.echo(f"{version.name} {version.version}: {len(version.rows)} rows hold")


@rules.command()
@click.argument("service", type=ROUTING)
@click.option("--from", "old", help="Version to compare with; the newest by default.")
@click.option("--to", "new", required=True, help="Another version, or a file with a draft.")
@click.pass_obj
def replay(settings: Settings, service: str, old: str | None, new: str) -> None:
    """Decide all cases of the log again with other rules; print which would go elsewhere."""
    try:
        log = open_log(settings)
        moved = list(_moved(log, service, old, new))
    except (RuleSetError, LogUnavailable) as error:
        raise click.ClickException(str(error)) from error
    for case in moved:
        click.echo(
            f"{case.subject}: {case.old_route} ({case.old_rule}) -> "
            f"{case.new_route} ({case.new_rule})"
        )
    click.echo(f"{len(moved)} cases would go elsewhere.")


def _moved(log: EventLog, service: str, old: str | None, new: str) -> Iterator[Moved]:
    if service == "mediation":
        before, after = _versions(mediation.rule_book(), old, new, mediation.draft)
        yield from mediation.replay(_disputes(log), old=before, new=after)
    else:
        before, after = _versions(referral.rule_book(), old, new, referral.draft)
        leads = (event for event in history(log) if isinstance(event, LeadRegistered))
        yield from referral.replay(leads, old=before, new=after)


def _versions(
    book: RuleBook, old: str | None, new: str, draft: Callable[[Path], RuleSet]
) -> tuple[RuleSet, RuleSet]:
    before = book.version(old) if old else book.versions[-1]
    after = draft(Path(new)) if Path(new).is_file() else book.version(new)
    return before, after


def _disputes(log: EventLog) -> Iterator[tuple[DisputeRegistered, Explanation]]:
    """Each routed dispute with its published decision."""
    registered: dict[str, DisputeRegistered] = {}
    for event in history(log):
        if isinstance(event, DisputeRegistered):
            registered[event.subject] = event
        elif isinstance(event, DisputeRouted) and event.subject in registered:
            yield registered.pop(event.subject), event.decision


def history(log: EventLog) -> Iterator[Event]:
    """All events about cases, from the beginning of the log to its present end."""
    for record in events.history(log, CASES):
        yield from _readable(record)


def _readable(record: StoredRecord) -> Iterator[Event]:
    try:
        event = read(record).event
    except Undecodable:
        return
    if event is not None:
        yield event


def _directory_entries(settings: Settings) -> list[DirectoryEvent]:
    try:
        with directory(settings) as database, database.reading() as session:
            found = published_entries(session)
    except OperationalError:
        found = []  # nothing is installed here
    return found or list(load_district(DEMO).entries())
