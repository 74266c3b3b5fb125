"""``hemu cluster | passwords | databases``: every process of every service on one machine.

What they need is imported when they run: no other command shall wait for it.
"""

# ruff: noqa: PLC0415

import os
from pathlib import Path

import click

from shared.settings import PREFIX, Settings

FIRST_PORT = 8101


@click.command()
@click.option(
    "--brokers", type=click.Choice(["1", "3"]), help="Kafka nodes, settled at the first start."
)
@click.option(
    "--first-port", type=int, default=FIRST_PORT, show_default=True, help="Of those inside."
)
@click.option("--module", default="services", hidden=True)
@click.pass_obj
def cluster(settings: Settings, brokers: str | None, first_port: int, module: str) -> None:
    """Run PostgreSQL, Kafka, a gateway and all services as processes of their own, until Ctrl-C.

    Data lie in HEMU_HOME/cluster; a second start goes on where the first ended.
    """
    from services.commands.cluster.plan import Plan
    from services.commands.cluster.programs import Unusable
    from services.commands.cluster.running import run

    home = settings.home.absolute()
    plan = Plan(
        home=home,
        address=settings.address,
        first_port=first_port,
        brokers=int(brokers or _known_brokers(home / "cluster" / "brokers")),
        environment={name: text for name, text in os.environ.items() if name.startswith(PREFIX)},
        module=module,
    )
    try:
        run(plan)
    except Unusable as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.pass_obj
def passwords(settings: Settings) -> None:
    """Make the passwords of the database roles, in HEMU_HOME; those that are there stay."""
    from services.commands.cluster.passwords import make_passwords

    make_passwords(settings.passwords)
    click.echo(f"Passwords are in {settings.passwords}")


@click.command()
@click.pass_obj
def databases(settings: Settings) -> None:
    """Make each database and the role that owns it; no other role may connect to it."""
    import psycopg

    from services.commands.cluster.databases import make_databases

    try:
        made = make_databases(settings)
    except psycopg.Error as error:
        raise click.ClickException(f"the databases cannot be made: {error}") from error
    click.echo(f"Databases are there: {', '.join(made)}")


def _known_brokers(path: Path) -> str:
    return path.read_text() if path.exists() else "1"
