"""API tokens of real members, for tests and benchmarks that act as somebody in a running system."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.commands.directory import directory
from services.directory.handlers import NewToken, issue_token
from services.directory.models import Member
from services.directory.queries import demo_member, members
from shared.auth.actor import Actor
from shared.settings import Settings
from tests.eventually import eventually

LIFETIME = timedelta(hours=12)
PATIENCE = 60
DISTRICT = "350599"
NAME = NewToken(name="a test")
T = TypeVar("T")


def api_token(settings: Settings, actor: Actor) -> str:
    """Of the member whom the actor means. Waits for a database that somebody has just killed."""
    return _patiently(partial(_issued, settings, actor))


def _patiently(ask: Callable[[], T]) -> T:
    def asked() -> T | None:
        try:
            return ask()
        except OperationalError:
            return None

    return eventually(asked, PATIENCE)


def _issued(settings: Settings, actor: Actor) -> str:
    with directory(settings) as database, database.transaction() as tx:
        return issue_token(tx, meant(tx.session, actor).id, NAME, lifetime=LIFETIME)


class Tokens:
    """One of every member, for when the database may be away later, or must not be asked often."""

    def __init__(self, settings: Settings) -> None:
        with directory(settings) as database, database.transaction() as tx:
            ids = list(tx.session.scalars(select(Member.id).where(Member.active)))
            self._tokens = {each: issue_token(tx, each, NAME, lifetime=LIFETIME) for each in ids}
        self._settings = settings
        self._meant: dict[Actor, str] = {}

    def of(self, actor: Actor) -> str:
        """The database is asked once per actor; waits for one that somebody has just killed."""
        if actor.id in self._tokens:
            return self._tokens[actor.id]
        if actor not in self._meant:
            self._meant[actor] = self._tokens[_patiently(partial(self._id_of, actor))]
        return self._meant[actor]

    def _id_of(self, actor: Actor) -> str:
        with directory(self._settings) as database, database.reading() as session:
            return meant(session, actor).id


def meant(session: Session, actor: Actor) -> Member:
    """By id, else who has the role in the organisation, else who has it nearest to the area."""
    found = session.get(Member, actor.id)
    if found is not None:
        return found
    [role] = actor.roles
    if actor.organisation_id is not None:
        colleagues: Sequence[Member] = members(
            session, role=role, organisation_id=actor.organisation_id
        )
        return colleagues[0]
    return demo_member(session, role, *(actor.areas[:1] or (DISTRICT,)))
