"""A small system for operations to watch: real applications, databases and log, and services that
decide as a test tells them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import MetaData
from werkzeug.test import TestResponse

from services.ops.manifest import SERVICE
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.keys import Keyring
from shared.auth.policy import Policy
from shared.auth.tokens import signer, verifier
from shared.db import Database, Transaction
from shared.events import Event
from shared.events.decisions import Explanation
from shared.events.intake import DisputeRegistered, LeadRegistered
from shared.events.mediation import DisputeRouted
from shared.events.referral import LeadRouted
from shared.messaging.consumer import Consumer
from shared.messaging.log import EventLog, Record
from shared.messaging.reactions import Reaction, on
from shared.messaging.relay import Relay
from shared.messaging.replica import DIRECTORY_REACTIONS
from shared.messaging.sqlite_log import SqliteLog
from shared.service import Service
from shared.settings import SERVICES, Settings
from shared.web.app import create_app
from shared.web.internal import InternalClient, local
from shared.web.platform import Platform
from tests.migrated import migrated
from tests.registrations import dispute, lead

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
COMMITTEE = "o-021"
MEDIATOR = "m-0002"


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def explanation(route: str, rule: str = "M46") -> Explanation:
    return Explanation(
        route=route,
        rule=rule,
        rule_set="disputes",
        rule_set_version="2026-01",
        directory_revision=1,
        facts=(),
        tried=(),
    )


def dispute_routed(case_id: UUID, route: str = "ordinary_mediation") -> DisputeRouted:
    return DisputeRouted(
        case_id=case_id,
        decision=explanation(route),
        state="not_accepted" if route == "not_accepted" else "consent_pending",
        committee_id=COMMITTEE,
    )


def lead_routed(lead_id: UUID) -> LeadRouted:
    return LeadRouted(
        lead_id=lead_id, decision=explanation("agency_follow_up", "L21"), state="screening"
    )


@dataclass(kw_only=True)
class System:
    """``decide`` is what mediation does about a new dispute, ``note`` what intake does about a
    decision.
    """

    home: Path
    clock: Clock
    log: EventLog
    keys: Keyring
    databases: Mapping[str, Database]
    decide: Callable[[Transaction, DisputeRegistered], object] = field(
        default=lambda tx, event: tx.emit(dispute_routed(event.case_id))
    )
    note: Callable[[Transaction, DisputeRouted], object] = field(default=lambda *_: None)
    applications: dict[str, object] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    filed: int = 0

    def start(self) -> None:
        self.services = {
            "directory": _service("directory"),
            "intake": _service("intake", on(DisputeRouted, self._note_route)),
            "mediation": _service("mediation", on(DisputeRegistered, self._route_dispute)),
            "referral": _service("referral", on(LeadRegistered, _route_lead)),
            "ops": SERVICE,
        }
        for name, service in self.services.items():
            application = create_app(service, self.platform(name))
            self.applications[name] = _Gate(name, self.away, application)
            if service is SERVICE:
                self.site = application
        self.relays = {
            name: Relay(database, self.log, clock=self.clock)
            for name, database in self.databases.items()
        }
        self.listeners = {
            name: service for name, service in self.services.items() if service.reactions
        }
        self.subscriptions = {
            name: self.log.subscribe(name, service.topics)
            for name, service in self.listeners.items()
        }
        self.consumers = {
            name: Consumer(self.databases[name], self.log, service.reactions, name=name)
            for name, service in self.listeners.items()
        }

    def stop(self) -> None:
        for subscription in self.subscriptions.values():
            subscription.close()
        self.log.close()

    def platform(self, name: str) -> Platform:
        return Platform(
            settings=Settings(home=self.home),
            database=self.databases[name],
            log=self.log,
            verifier=verifier(self.keys, name, SERVICES, self.clock),
            keys=self.keys,
            internal=InternalClient(
                name, signer(self.keys, name, self.clock), local(self.applications)
            ),
            clock=self.clock,
        )

    def file_dispute(self) -> UUID:
        case_id = uuid4()
        self.filed += 1
        number = f"JF350599-2026-{self.filed:06d}"
        with self.databases["intake"].transaction() as tx:
            tx.emit(dispute(case_id=case_id, number=number))
        return case_id

    def file_lead(self) -> UUID:
        lead_id = uuid4()
        self.filed += 1
        with self.databases["intake"].transaction() as tx:
            tx.emit(lead(lead_id=lead_id, number=f"XS350599-2026-{self.filed:06d}"))
        return lead_id

    def publish(self, *names: str) -> None:
        for name in names or self.relays:
            while self.relays[name].step():
                pass

    def consume(self, *names: str) -> None:
        for name in names or self.consumers:
            idle = 0
            while idle < 2:
                step = self.consumers[name].step(self.subscriptions[name], 0.01)
                idle = 0 if step else idle + 1

    def run(self) -> None:
        """Until everything has arrived everywhere, which takes a second at least."""
        for _round in range(3):
            self.publish()
            self.consume()
        self.later()

    def say(self, service: str, *events: Event) -> None:
        """The service publishes these; nobody has read them yet."""
        for event in events:
            with self.databases[service].transaction() as tx:
                tx.emit(event)
        self.publish(service)

    def append(self, *records: Record) -> None:
        """What a stranger, or a newer release, has written."""
        self.log.append(records)

    def later(self, seconds: float = 5) -> None:
        """Past every patience, and past what is remembered."""
        self.clock.move(seconds=seconds)

    def client(self) -> FlaskClient:
        return self.site.test_client()

    def headers(self, role: str = "ops", language: str = "en") -> dict[str, str]:
        actor = Actor(id="m-0060", roles=frozenset({role}))
        token = signer(self.keys, "directory", self.clock).sign(actor, audience="ops")
        return {HEADER: token, "Accept-Language": language}

    def get(self, path: str, role: str = "ops", language: str = "en") -> TestResponse:
        return self.client().get(path, headers=self.headers(role, language))

    def post(self, path: str, body: object, role: str = "ops") -> TestResponse:
        return self.client().post(path, json=body, headers=self.headers(role))

    def ledger(self) -> dict[str, Any]:
        return self.json("/api/v1/reconciliation")

    def json(self, path: str) -> dict[str, Any]:
        response = self.get(path)
        assert response.status_code == 200, response.text
        assert isinstance(response.json, dict)
        return response.json

    def _note_route(self, tx: Transaction, event: DisputeRouted) -> None:
        self.note(tx, event)

    def _route_dispute(self, tx: Transaction, event: DisputeRegistered) -> None:
        self.decide(tx, event)


class _Gate:
    """An application that can be away."""

    def __init__(self, name: str, away: set[str], application: "WSGIApplication") -> None:
        self._name = name
        self._away = away
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if self._name in self._away:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b"away"]
        return self._application(environ, start_response)


def _service(name: str, *reactions: Reaction) -> Service:
    return Service(
        name=name,
        folder=Path(__file__).parent,
        metadata=MetaData(),
        blueprints=(),
        policy=Policy({}),
        reactions=(*DIRECTORY_REACTIONS, *reactions) if reactions else (),
    )


def _route_lead(tx: Transaction, event: LeadRegistered) -> None:
    tx.emit(lead_routed(event.lead_id))


@contextmanager
def open_system(ops_url: str, home: Path, empty: Path) -> Iterator[System]:
    """Operations on the database of the URL, the others on copies of an empty SQLite file."""
    clock = Clock()
    keys = Keyring(home / "keys")
    migrated(ops_url, SERVICE.folder / "migrations")
    databases = {"ops": Database(ops_url, name="ops", clock=clock)}
    for name in SERVICES:
        keys.make(name)
        if name != "ops":
            file = copy(empty, home / f"{name}.sqlite")
            databases[name] = Database(f"sqlite:///{file}", name=name, clock=clock)
    system = System(
        home=home,
        clock=clock,
        log=SqliteLog(home / "log.sqlite", clock=clock),
        keys=keys,
        databases=databases,
    )
    system.start()
    yield system
    system.stop()
    for database in databases.values():
        database.close()
