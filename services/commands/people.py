"""``hemu token``: a bearer token of a demo member, for scripts."""

from datetime import timedelta

import click
from sqlalchemy.exc import OperationalError

from services.directory.queries import actor_of, demo_member, signed_in
from shared.auth.door import ISSUER
from shared.auth.keys import Keyring
from shared.auth.tokens import DOOR, signer
from shared.clock import utc_now
from shared.db import Database
from shared.errors import NotFound, Unauthenticated
from shared.settings import Settings
from shared.words import codes

DEMO_DISTRICT = "350599"


@click.command()
@click.option("--as", "role", required=True, type=click.Choice(codes("role")), metavar="ROLE")
@click.option("--area", default=DEMO_DISTRICT, show_default=True, help="Area code of the member.")
@click.option("--member", "member_id", help="Id of the member, instead of the nearest.")
@click.option("--hours", default=1.0, show_default=True, type=click.FloatRange(0, 24))
@click.pass_obj
def token(settings: Settings, role: str, area: str, member_id: str | None, hours: float) -> None:
    """Print a bearer token of a demo member who has ROLE, nearest to the area."""
    database = Database(settings.database_url(ISSUER), name=ISSUER)
    try:
        with database.reading() as session:
            found = signed_in(session, member_id) if member_id else None
            actor = found or actor_of(demo_member(session, role, area))
    except (NotFound, Unauthenticated) as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException("there is no directory here yet: run `hemu up` first") from error
    finally:
        database.close()
    signing = signer(Keyring(settings.keys), ISSUER, utc_now)
    click.echo(signing.sign(actor, audience=DOOR, lifetime=timedelta(hours=hours)))
