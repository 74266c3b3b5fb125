"""``hemu migrate | topics | district | settings``: what an installation needs before it runs."""

from pathlib import Path

import click

from services import registry
from services.assembly import prepare
from services.commands.demo_accounts import make_accounts
from services.commands.directory import directory
from services.directory.data import DEMO, DistrictInvalid
from services.directory.handlers import import_folder
from services.directory.queries import revision
from shared.events import TOPICS
from shared.messaging.log import LogUnavailable
from shared.messaging.open_log import open_log
from shared.messaging.topics import TopicDiffers
from shared.settings import Settings, settings_table


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(registry.NAMES))
@click.pass_obj
def migrate(settings: Settings, names: tuple[str, ...]) -> None:
    """Make keys and databases, or bring them to their newest shape (all services by default)."""
    services = [registry.load(name) for name in names or registry.NAMES]
    prepare(settings, services)
    click.echo(f"Databases are up to date: {', '.join(service.name for service in services)}")


@click.command()
@click.pass_obj
def topics(settings: Settings) -> None:
    """Make the topics of the log; refuse one that differs from what it must be."""
    try:
        open_log(settings).ensure_topics()
    except (LogUnavailable, TopicDiffers) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Topics are as they must be: {', '.join(TOPICS)}")


@click.command()
@click.option("--folder", type=click.Path(exists=True, path_type=Path), help="Of the CSV files.")
@click.pass_obj
def district(settings: Settings, folder: Path | None) -> None:
    """Import organisations.csv, members.csv and rota.csv; without a folder the demo district, if
    the directory is empty.
    """
    if folder is None:
        publish_demo(settings)
    else:
        publish(settings, folder)
    click.echo("The directory is published.")


@click.command()
def settings() -> None:
    """List the settings: environment variables, defaults and meanings."""
    for name, meaning in settings_table():
        click.echo(f"{name:28} {meaning}")


def publish_demo(settings: Settings) -> None:
    """With an account for each member. Only where there is nothing yet: afterwards, the directory
    belongs to its administrators.
    """
    with directory(settings) as database, database.transaction() as tx:
        if revision(tx.session) == 0:
            import_folder(tx, DEMO)
            make_accounts(tx, settings.home)


def publish(settings: Settings, folder: Path) -> None:
    """Import the tables of the folder, as one change."""
    with directory(settings) as database, database.transaction() as tx:
        try:
            import_folder(tx, folder)
        except DistrictInvalid as error:
            raise click.ClickException(f"{folder.name}: {error}") from error
