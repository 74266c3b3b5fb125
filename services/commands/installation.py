"""``hemu migrate | topics | district | settings``: what an installation needs before it runs."""

from pathlib import Path

import click

from services import registry
from services.assembly import prepare
from services.directory.data import DEMO, DistrictInvalid, load_district
from services.directory.handlers import publish_district
from shared.db import Database
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
@click.option("--folder", type=click.Path(exists=True, path_type=Path), help="Of the YAML files.")
@click.pass_obj
def district(settings: Settings, folder: Path | None) -> None:
    """Publish a district (the demo district by default): what differs from the last time."""
    publish(settings, folder or DEMO)
    click.echo("The directory is published.")


@click.command()
def settings() -> None:
    """List the settings: environment variables, defaults and meanings."""
    for name, meaning in settings_table():
        click.echo(f"{name:28} {meaning}")


def publish(settings: Settings, folder: Path) -> None:
    database = Database(settings.database_url("directory"), name="directory")
    try:
        with database.transaction() as tx:
            publish_district(tx, load_district(folder))
    except DistrictInvalid as error:
        raise click.ClickException(f"{folder.name}: {error}") from error
    finally:
        database.close()
