"""The cluster's processes: what runs, how often, and what each needs before it starts.

The one list of them. ``hemu cluster`` makes supervisord's configuration from it; a test holds
docker-compose.yml to it (tests/deployment/test_topology.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.settings import DATABASES, SERVICES

SILENT = frozenset({"ops"})
"""Services that publish nothing: no relay. Their consumers do their background work."""
DEAF = frozenset({"directory"})
"""Services that listen to nothing: no consumers."""
CONSUMERS = 2
DATABASE_SERVER = "postgresql"
LOG_SERVER = "kafka"
GATEWAY = "gateway"


class Role(StrEnum):
    """What a process is for, in the order in which a cluster starts; it stops the other way."""

    PREPARING = "prepare"
    DATABASE = "database"
    LOG = "log"
    RELAY = "relay"
    CONSUMER = "consumer"
    WEB = "web"
    GATEWAY = "gateway"


class Need(StrEnum):
    """When a process is there for those that need it."""

    HEALTHY = "healthy"
    COMPLETED = "completed"


@dataclass(frozen=True, kw_only=True)
class Process:
    """``command`` follows ``hemu``, and is empty for the servers of others. ``databases`` are
    those it gets the address and the password of.
    """

    name: str
    role: Role
    command: tuple[str, ...] = ()
    service: str | None = None
    count: int = 1
    databases: tuple[str, ...] = ()
    needs: Mapping[str, Need] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """One name per process of this kind."""
        if self.count == 1 and self.role not in {Role.CONSUMER, Role.LOG}:
            return (self.name,)
        return tuple(f"{self.name}-{number}" for number in range(1, self.count + 1))


def databases_of(service: str) -> tuple[str, ...]:
    """Its own, and its sealed one if it has one."""
    return tuple(name for name in DATABASES if owner_of(name) == service)


def owner_of(database: str) -> str:
    """The one service that may use it."""
    return database.removesuffix("_sealed")


def processes(brokers: int = 1) -> tuple[Process, ...]:
    """All of them, each after those that it needs."""
    return (
        *_foundations(brokers),
        *(process for service in SERVICES for process in _service(service)),
        Process(name=GATEWAY, role=Role.GATEWAY, needs=dict.fromkeys(SERVICES, Need.HEALTHY)),
    )


def _foundations(brokers: int) -> tuple[Process, ...]:
    """Servers, and what is done once before the services run."""
    return (
        _once("passwords"),
        Process(name=DATABASE_SERVER, role=Role.DATABASE, needs={"passwords": Need.COMPLETED}),
        _once("databases", DATABASES, {DATABASE_SERVER: Need.HEALTHY}),
        _once("migrate", DATABASES, {"databases": Need.COMPLETED}),
        _once("district", databases_of("directory"), {"migrate": Need.COMPLETED}),
        Process(name=LOG_SERVER, role=Role.LOG, count=brokers),
        _once("topics", (), {LOG_SERVER: Need.HEALTHY}),
    )


def _once(
    command: str, databases: tuple[str, ...] = (), needs: Mapping[str, Need] | None = None
) -> Process:
    return Process(
        name=command,
        role=Role.PREPARING,
        command=(command,),
        databases=databases,
        needs=needs or {},
    )


def _service(service: str) -> tuple[Process, ...]:
    def process(name: str, role: Role, verb: str, count: int = 1) -> Process:
        return Process(
            name=name,
            role=role,
            command=(verb, service),
            service=service,
            count=count,
            databases=databases_of(service),
            needs={"migrate": Need.COMPLETED, "topics": Need.COMPLETED},
        )

    found = [process(service, Role.WEB, "web")]
    if service not in SILENT:
        found.append(process(f"{service}-relay", Role.RELAY, "relay"))
    if service not in DEAF:
        found.append(process(f"{service}-consumer", Role.CONSUMER, "consume", CONSUMERS))
    return tuple(found)
