"""``hemu up``: the whole system on this machine, with the demo district when it is empty."""

import subprocess
import sys
import time

import click

from services import registry
from services.assembly import prepare, wakeups
from services.commands.demo_accounts import print_accounts
from services.commands.installation import publish_demo
from services.embedded import Embedded
from shared.settings import Settings


@click.command()
@click.pass_obj
def up(settings: Settings) -> None:
    """Run everything here and print the address when it is ready; Ctrl-C stops it.

    Databases, log and keys lie in HEMU_HOME; a second start goes on where the first ended.
    """
    started = time.monotonic()
    services = registry.load_all()
    prepare(settings, services)
    publish_demo(settings)
    make_topics(settings)

    def when_ready(address: str) -> None:
        click.echo(f"Hemu is ready after {time.monotonic() - started:.1f} s: {address}")
        print_accounts(settings, address)
        click.echo("Ctrl-C stops it.")

    Embedded(settings, services, wakeups(), when_ready).run()


def make_topics(settings: Settings) -> None:
    """In a process of its own: a Kafka client must not live through the fork of the workers."""
    if settings.log_url.startswith("kafka:"):
        command = [sys.executable, "-m", "services", "topics"]
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603
            raise click.ClickException("the event log cannot be used")
