"""``hemu up``: the whole system on this machine, with the demo district when it is empty."""

import subprocess
import sys
import time
from urllib.parse import quote

import click
from sqlalchemy.orm import Session

from services import registry
from services.assembly import prepare, wakeups
from services.commands.installation import publish
from services.directory.data import DEMO
from services.directory.models import Member
from services.directory.queries import link_token, members, one_member_per_role, organisations
from services.embedded import Embedded
from shared.auth.keys import Keyring
from shared.clock import utc_now
from shared.db import Database
from shared.settings import Settings
from shared.words import label

AGENCY_ROLE = "agency_handler"
SAMPLED_DUTY = "food_drug"
FIRST_ROLES = (
    "mediator",
    "pmc_director",
    "prosecutor",
    "proc_intake",
    "referral_officer",
    AGENCY_ROLE,
    "ops",
)


@click.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Run everything here and print the address when it is ready; Ctrl-C stops it.

    Databases, log and keys lie in HEMU_HOME; a second start goes on where the first ended.
    """
    started = time.monotonic()
    services = registry.load_all()
    prepare(settings, services)
    publish(settings, DEMO)
    make_topics(settings)

    def when_ready(address: str) -> None:
        click.echo(f"Hemu is ready after {time.monotonic() - started:.1f} s: {address}")
        print_sign_in_links(settings, address)
        click.echo("Ctrl-C stops it.")

    Embedded(settings, services, wakeups(), when_ready).run()


def make_topics(settings: Settings) -> None:
    """In a process of its own: a Kafka client must not live through the fork of the workers."""
    if settings.log_url.startswith("kafka:"):
        command = [sys.executable, "-m", "services", "topics"]
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603
            raise click.ClickException("the event log cannot be used")


def print_sign_in_links(settings: Settings, address: str) -> None:
    for role, link in _sign_in_links(settings, address):
        click.echo(f"  {label('role', role, 'zh')} {label('role', role, 'en')}: {link}")


def _sign_in_links(settings: Settings, address: str) -> list[tuple[str, str]]:
    """One link per demo role, good for half a day."""
    database = Database(settings.database_url("directory"), name="directory")
    try:
        with database.reading() as session:
            shown = one_member_per_role(session) | _agency_with_work(session)
        keys = Keyring(settings.keys)
        return [
            (
                role,
                f"{address}directory/sign-in?link=" + quote(link_token(keys, shown[role], utc_now)),
            )
            for role in sorted(shown, key=_usual_first)
        ]
    finally:
        database.close()


def _agency_with_work(session: Session) -> dict[str, Member]:
    """Of the demo district's agencies, one that the sample cases give an order to."""
    found: dict[str, Member] = {}
    for agency in organisations(session, kind="agency", duty=SAMPLED_DUTY, limit=1):
        for member in members(session, role=AGENCY_ROLE, organisation_id=agency.id, limit=1):
            found[AGENCY_ROLE] = member
    return found


def _usual_first(role: str) -> tuple[int, str]:
    """Those who do the work of a case, then everybody else."""
    return (FIRST_ROLES.index(role) if role in FIRST_ROLES else len(FIRST_ROLES)), role
