"""Puts services, databases, log and applications of one process together: the composition root."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.navigation import FINDERS, NAVIGATION
from shared.audit.worker import audit_worker
from shared.auth.keys import Keyring
from shared.auth.tokens import signer, verifier
from shared.clock import Clock, utc_now
from shared.messaging.open_log import open_log
from shared.messaging.wakeup import Wakeups
from shared.runtime import Role, Runtime
from shared.service import InternalReader, Service, Workplace
from shared.settings import SERVICES, Settings
from shared.web.app import create_app
from shared.web.internal import InternalClient, local, remote
from shared.web.platform import Platform

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def wakeups() -> Wakeups:
    """The pipes between processes; make them before forking."""
    names = [f"{kind}:{service}" for kind in ("relay", "consume") for service in SERVICES]
    return Wakeups(names)


def prepare(settings: Settings, services: Sequence[Service]) -> None:
    """Keys, and databases in their newest shape. May run at the same time elsewhere."""
    from shared.db.migrate import migrate  # noqa: PLC0415 – others need no Alembic

    settings.home.mkdir(parents=True, exist_ok=True)
    keys = Keyring(settings.keys)
    for name in SERVICES:
        keys.make(name)  # everybody's: each service verifies what the others sign
    for service in services:
        migrate(settings.database_url(service.name), service.folder / "migrations")
        if service.sealed is not None:
            migrate(
                settings.database_url(f"{service.name}_sealed"),
                service.folder / "migrations_sealed",
                messaging=False,
            )


class Assembly:
    """The services of one process. Make it after forking."""

    def __init__(
        self,
        settings: Settings,
        services: Sequence[Service],
        *,
        wakeups: Wakeups,
        together: bool = True,
        clock: Clock = utc_now,
    ) -> None:
        """``together``: web and background work share this machine and these wake-ups."""
        self.settings = settings
        self.services = services
        self.keys = Keyring(settings.keys)
        self.clock = clock
        self.runtime = Runtime(
            settings,
            services,
            log=open_log(settings, wakeups),
            wakeups=wakeups,
            woken=together,
            clock=clock,
        )
        self.applications: dict[str, WSGIApplication] = {}
        self._internal = {service.name: self._internal_client(service) for service in services}

    def make_applications(self) -> "dict[str, WSGIApplication]":
        for service in self.services:
            self.applications[service.name] = create_app(service, self._platform(service))
        return self.applications

    def embedded_roles(self) -> list[Role]:
        """Everything there is to do; who does it, the locks decide."""
        return [
            role
            for service in self.services
            for role in (
                self.runtime.relay(service),
                *self.consumers(service, alone=True),
                *self.workers(service),
            )
        ]

    def consumers(self, service: Service, *, alone: bool) -> list[Role]:
        return [self.runtime.consumer(service, alone=alone)] if service.reactions else []

    def workers(self, service: Service) -> list[Role]:
        workplace = Workplace(
            settings=self.settings,
            database=self.runtime.databases[service.name],
            internal=self._internal[service.name],
            clock=self.clock,
        )
        return [
            self.runtime.worker(service, worker, workplace)
            for worker in (audit_worker(), *service.workers)
        ]

    def _internal_client(self, service: Service) -> InternalReader:
        """In one process the others are at hand; a service with a URL is elsewhere."""
        connect = remote(self.settings.urls) if self.settings.urls else local(self.applications)
        return InternalClient(service.name, signer(self.keys, service.name, self.clock), connect)

    def _platform(self, service: Service) -> Platform:
        return Platform(
            settings=self.settings,
            database=self.runtime.databases[service.name],
            sealed=self.runtime.sealed.get(service.name),
            log=self.runtime.log,
            verifier=verifier(self.keys, service.name, SERVICES, self.clock),
            keys=self.keys,
            internal=self._internal[service.name],
            clock=self.clock,
            navigation=NAVIGATION,
            finders=FINDERS,
        )
