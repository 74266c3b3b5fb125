"""``hemu token | account``: a token for scripts, and accounts when no administrator can help."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_hex

import click
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.commands.directory import directory
from services.directory.handlers import (
    NewAccount,
    NewToken,
    give_new_password,
    issue_token,
    leave_out_second_factor,
    open_account,
    unlock,
)
from services.directory.handlers.throttle import PURPOSE
from services.directory.models import Account, Member
from services.directory.queries import account_by_login, demo_member, member_of
from shared.audit.rows import Doing, write_change
from shared.auth.actor import Actor
from shared.auth.door import ISSUER
from shared.auth.keys import Keyring
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.errors import AppError, NotFound
from shared.settings import Settings
from shared.words import codes

DEMO_DISTRICT = "350599"
OPERATOR = Actor(id="command", roles=frozenset({"ops"}))
"""Whoever can run a command on the machine; nobody knows who."""


@click.command()
@click.option("--as", "role", required=True, type=click.Choice(codes("role")), metavar="ROLE")
@click.option("--area", default=DEMO_DISTRICT, show_default=True, help="Area code of the member.")
@click.option("--member", "member_id", help="Id of the member, instead of the nearest.")
@click.option("--hours", default=1.0, show_default=True, type=click.FloatRange(0, 24))
@click.pass_obj
def token(settings: Settings, role: str, area: str, member_id: str | None, hours: float) -> None:
    """Print an API token of a demo member who has ROLE, nearest to the area."""
    click.echo(new_token(settings, role, area, member_id, lifetime=timedelta(hours=hours)))


def new_token(
    settings: Settings,
    role: str,
    area: str,
    member_id: str | None = None,
    *,
    lifetime: timedelta,
) -> str:
    """Raises ClickException."""
    with _changing(settings) as tx:
        member = _member(tx.session, role, area, member_id)
        _tell(tx, member.id, "token.issue")
        return issue_token(tx, member.id, NewToken(name="hemu token"), lifetime=lifetime)


@click.group()
def account() -> None:
    """Open or unlock an account from the machine itself, when no administrator can."""


@account.command("open")
@click.argument("member_id")
@click.argument("login")
@click.pass_obj
def open_(settings: Settings, member_id: str, login: str) -> None:
    """Open an account for a member and print its first password."""
    command = NewAccount(member_id=member_id, login=login.casefold())
    with _changing(settings) as tx:
        _tell(tx, member_id, "account.open")
        click.echo(open_account(tx, command))


@account.command("unlock")
@click.argument("login")
@click.option("--new-password", is_flag=True, help="Print a new first password, too.")
@click.option("--without-second-factor", is_flag=True, help="Take the second factor away, too.")
@click.pass_obj
def unlock_(
    settings: Settings, login: str, *, new_password: bool, without_second_factor: bool
) -> None:
    """Let somebody sign in again: after too many tries, or when the account was locked."""
    attempts = Sealer(Keyring(settings.keys).secret(ISSUER), PURPOSE)
    with _changing(settings) as tx:
        found = _account(tx.session, login.casefold())
        whose = member_of(tx.session, found.id) or str(found.id)
        _tell(tx, whose, "account.unlock")
        unlock(tx, found.id, attempts)
        if without_second_factor:
            _tell(tx, whose, "account.drop_factor")
            leave_out_second_factor(tx, found.id)
        password = ""
        if new_password:
            _tell(tx, whose, "account.renew")
            password = give_new_password(tx, found.id)
    click.echo(password or f"{login} may sign in again.")


@contextmanager
def _changing(settings: Settings) -> Iterator[Transaction]:
    """One transaction in the directory's database, whose errors are told as a command does."""
    try:
        with directory(settings) as database, database.transaction() as tx:
            yield tx
    except AppError as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException("there is no directory here yet: run `hemu up` first") from error


def _tell(tx: Transaction, resource: str, action: str) -> None:
    """The audit's row: somebody on the machine itself did it."""
    write_change(tx, Doing(action=action, resource=resource, request_id=token_hex(16)), OPERATOR)


def _member(session: Session, role: str, area: str, member_id: str | None) -> Member:
    if member_id is None:
        return demo_member(session, role, area)
    member = session.get(Member, member_id)
    if member is None or not member.active:
        raise NotFound("There is no member %(id)s.", id=member_id)
    return member


def _account(session: Session, login: str) -> Account:
    found = account_by_login(session, login)
    if found is None:
        raise NotFound("There is no account %(login)s.", login=login)
    return found
