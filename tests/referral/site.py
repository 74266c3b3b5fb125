"""The referral service on a real database, with the demo district and a clock that can be set."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select

from services.referral.handlers import Seen
from services.referral.manifest import SERVICE
from services.referral.models import WORDS_PURPOSE, Base, Lead, Order, Review
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.keys import Keyring
from shared.auth.sealing import Sealer
from shared.auth.tokens import signer, verifier
from shared.db import Database, Delivered
from shared.db.message_tables import outbox
from shared.errors import NotFound, Unavailable
from shared.events import CASES, Envelope, Event, decode
from shared.events.directory import DirectoryEvent
from shared.events.intake import LeadRegistered
from shared.messaging.handling import Handling
from shared.service import InternalReader, Workplace
from shared.settings import SERVICES, Settings
from shared.web.app import create_app
from shared.web.platform import Platform
from tests.district import demo, learn
from tests.migrated import migrated
from tests.registrations import lead

FILED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday morning in China: m-0042 is the prosecutor on duty."""

STREET_1, STREET_2 = "350599001", "350599002"
MARKET, ENVIRONMENT, HOUSING = "o-042", "o-041", "o-052"
OFFICER, OTHER_OFFICER = "m-0031", "m-0032"
ON_DUTY, OFF_DUTY = "m-0042", "m-0043"
PROCURATORATE, UPPER, UPPER_INTAKE = "o-035", "o-036", "m-0045"

CANARY = "烤串店老板深夜把油烟直接排进三楼窗户"
SUSPECT = "金鹰烧烤店"
TEXTS: Mapping[str, object] = {
    "narrative": CANARY,
    "suspect": {"kind": "company", "name": SUSPECT, "details": "每晚十点后"},
    "building": "7栋",
}


def actor(member_id: str, role: str, organisation_id: str, area: str = "350599") -> Actor:
    return Actor(
        id=member_id,
        roles=frozenset({role}),
        areas=(area,),
        organisation_id=organisation_id,
    )


PEOPLE = {
    "officer": actor(OFFICER, "referral_officer", "o-002", STREET_1),
    "other_officer": actor(OTHER_OFFICER, "referral_officer", "o-003", STREET_2),
    "handler": actor("m-0048", "agency_handler", MARKET),
    "agency_lead": actor("m-0049", "agency_lead", MARKET),
    "other_handler": actor("m-0046", "agency_handler", ENVIRONMENT),
    "prosecutor": actor(ON_DUTY, "prosecutor", PROCURATORATE),
    "other_prosecutor": actor(OFF_DUTY, "prosecutor", PROCURATORATE),
    "proc_intake": actor("m-0041", "proc_intake", PROCURATORATE),
    "upper_intake": actor(UPPER_INTAKE, "proc_intake", UPPER),
    "chief": actor("m-0044", "chief_prosecutor", PROCURATORATE),
    "liaison": actor("m-0019", "liaison", "o-004", "350599001001"),
    "auditor": actor("m-0037", "auditor", "o-001"),
    "mediator": actor("m-0002", "mediator", "o-021", "350599001001"),
    "ops": actor("m-0036", "ops", "o-001"),
}


@dataclass
class Clock:
    now: datetime = FILED

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class NobodyHome:
    """No other service answers."""

    def get(self, service: str, path: str) -> object:
        raise Unavailable("A part of the system is away. Please try again.")

    def post(self, service: str, path: str, body: object) -> object:
        raise Unavailable("A part of the system is away. Please try again.")


@dataclass
class Intake(NobodyHome):
    """Intake's internal API, with the texts it knows; counts what is asked."""

    texts: Mapping[UUID, object]
    asked: int = 0

    def get(self, service: str, path: str) -> object:
        self.asked += 1
        for lead_id, found in self.texts.items():
            if (service, path) == ("intake", f"/internal/v1/leads/{lead_id}/texts"):
                return found
        raise NotFound("There is no such record.")


@dataclass(kw_only=True)
class Site:
    database: Database
    clock: Clock
    keys: Keyring
    settings: Settings
    internal: InternalReader = field(default_factory=NobodyHome)
    sequences: Counter[str] = field(default_factory=Counter)

    @property
    def words(self) -> Sealer:
        return Sealer(self.keys.secret(SERVICE.name), WORDS_PURPOSE)

    def know(self, *entries: DirectoryEvent, revision: int = 1) -> None:
        """The directory says this, as one revision."""
        with self.database.transaction() as tx:
            learn(tx, entries, revision=revision)

    def hear(self, *events: Event) -> int:
        """Handle the events in one batch; says how many were new."""
        return self.take([self.delivered(event) for event in events])

    def take(self, delivered: Sequence[Delivered]) -> int:
        with self.database.transaction() as tx:
            return Handling(SERVICE.name, SERVICE.reactions).take(tx, delivered)

    def delivered(self, event: Event, *, filed_at: datetime | None = None) -> Delivered:
        self.sequences[event.subject] += 1
        envelope = Envelope(
            id=uuid4(),
            source="intake",
            type=event.event_type,
            time=filed_at or self.clock(),
            subject=event.subject,
            sequence=self.sequences[event.subject],
            correlation_id=uuid4(),
            causation_id=None,
            actor="resident",
            traceparent=None,
            data=b"{}",
        )
        return Delivered(
            envelope=envelope,
            event=event,
            topic=CASES,
            partition=0,
            offset=0,
            appended_at=self.clock(),
        )

    def announced(self, lead_id: UUID | None = None) -> list[Event | None]:
        """What referral has published, in order."""
        query = select(outbox.c.type, outbox.c.data).order_by(outbox.c.seq)
        if lead_id is not None:
            query = query.where(outbox.c.key == str(lead_id))
        with self.database.reading() as session:
            return [decode(row.type, row.data) for row in session.execute(query)]

    def lead(self, lead_id: UUID) -> Lead:
        with self.database.reading() as session:
            return session.get_one(Lead, lead_id)

    def orders(self, lead_id: UUID) -> list[Order]:
        """The first one first."""
        query = select(Order).where(Order.lead_id == lead_id).order_by(Order.opened_at)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def reviews(self, lead_id: UUID) -> list[Review]:
        """The first one first."""
        query = select(Review).where(Review.lead_id == lead_id).order_by(Review.opened_at)
        with self.database.reading() as session:
            return list(session.scalars(query))

    def count(self, model: type[Base]) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def workplace(self, internal: InternalReader | None = None) -> Workplace:
        return Workplace(
            settings=self.settings,
            database=self.database,
            internal=internal or self.internal,
            clock=self.clock,
        )

    def client(self) -> FlaskClient:
        platform = Platform(
            settings=self.settings,
            database=self.database,
            verifier=verifier(self.keys, SERVICE.name, SERVICES, self.clock),
            keys=self.keys,
            internal=self.internal,
            clock=self.clock,
        )
        return create_app(SERVICE, platform).test_client()

    def headers(self, who: str, *, language: str = "en", **more: str) -> dict[str, str]:
        token = signer(self.keys, "directory", self.clock).sign(PEOPLE[who], audience=SERVICE.name)
        named = {name.replace("_", "-"): text for name, text in more.items()}
        return {HEADER: token, "Accept-Language": language, **named}


def prepare(url: str, home: Path) -> None:
    """Tables, keys, and the demo district."""
    migrated(url, SERVICE.folder / "migrations")
    keys = Keyring(Settings(home=home).keys)
    for name in SERVICES:
        keys.make(name)
    with open_site(url, home) as site:
        site.know(*demo())


@contextmanager
def open_site(url: str, home: Path) -> Iterator[Site]:
    clock = Clock()
    settings = Settings(home=home)
    database = Database(url, name=SERVICE.name, clock=clock)
    try:
        yield Site(database=database, clock=clock, keys=Keyring(settings.keys), settings=settings)
    finally:
        database.close()


def seen(found: Lead | Order | Review, who: str) -> Seen:
    """What somebody sees who has just looked."""
    match found:
        case Lead():
            identifier = found.lead_id
        case Order():
            identifier = found.order_id
        case _:
            identifier = found.review_id
    return Seen(id=identifier, version=found.version, by=PEOPLE[who])


def for_market(lead_id: UUID, **changes: Any) -> LeadRegistered:
    """A lead that the market bureau gets: food, nobody has been told yet."""
    return lead(lead_id=lead_id, **changes)


def for_prosecutor(lead_id: UUID) -> LeadRegistered:
    return lead(lead_id=lead_id, public_interest={"serious": "yes"})


def for_upper(lead_id: UUID) -> LeadRegistered:
    return lead(lead_id=lead_id, public_interest={"field": "antimonopoly"})


def for_officer(lead_id: UUID) -> LeadRegistered:
    """A lead that no agency answers for: the officer chooses."""
    return lead(lead_id=lead_id, public_interest={"field": None})
