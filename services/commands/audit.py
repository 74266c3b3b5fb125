"""``hemu audit verify``: whether anybody has been at who did and saw what."""

from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from services import registry
from shared.audit.ring import witness_of
from shared.audit.verifier import problems, report
from shared.auth.keys import Keyring
from shared.settings import Settings


@click.group()
def audit() -> None:
    """Look after the audit."""


@audit.command()
@click.argument("names", nargs=-1, type=click.Choice(registry.NAMES))
@click.option("--home", type=click.Path(exists=True, path_type=Path), help="Of a copy in files.")
@click.option("--database", metavar="URL", help="Of a copy of one service's database.")
@click.option("--witness", metavar="URL", help="Of its witness's database.")
@click.option(
    "--key", type=click.Path(exists=True, path_type=Path), help="NAME.pub of the service."
)
@click.pass_obj
def verify(
    settings: Settings,
    names: tuple[str, ...],
    home: Path | None,
    database: str | None,
    witness: str | None,
    key: Path | None,
) -> None:
    """Check chain, seals and checkpoints (all services by default); exit with 1 if any is wrong.

    The check itself is one file that needs nothing of Hemu: shared/audit/verifier.py.
    """
    given = Settings(home=home) if home else settings
    if (database or witness or key) and len(names) != 1:
        raise click.UsageError("name the one service whose copy it is")
    keys = Keyring(given.keys)
    try:
        found = {
            name: problems(
                name,
                database or given.database_url(name),
                witness or given.database_url(witness_of(name)),
                key or keys.public_file(name),
            )
            for name in names or registry.NAMES
        }
    except (SQLAlchemyError, OSError) as error:
        raise click.ClickException(f"cannot read it: {error}") from error
    raise SystemExit(report(found))
