"""Where everything of a cluster on one machine is: folders, ports, and who gets what to know."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from services.commands.cluster.passwords import password_file, role_of
from services.topology import DATABASE_SERVER, GATEWAY, Process, Role, owner_of, processes
from shared.settings import DATABASES, SERVICES

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
CORES_PER_WORKER = 8
"""Of a service's web: on a small machine the fifteen other processes need the cores, too."""
MOST_WORKERS = 3
"""Each takes up to sixteen of PostgreSQL's connections to each of its databases."""
LONG_RUNNING = frozenset({Role.WEB, Role.RELAY, Role.CONSUMER})
WITH_PORT = (Role.WEB, Role.RELAY, Role.CONSUMER, Role.DATABASE, Role.LOG)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``environment`` and ``module`` (what ``python -m`` runs, with first arguments) are those of
    webs, relays and consumers. The ports follow each other from ``first_port`` on.
    """

    home: Path
    address: str
    first_port: int
    brokers: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    module: str = "services"

    @property
    def folder(self) -> Path:
        return self.home / "cluster"

    @property
    def passwords(self) -> Path:
        return self.home / "passwords"

    @property
    def configuration(self) -> Path:
        """Of supervisord."""
        return self.folder / "supervisord.conf"

    @property
    def socket(self) -> Path:
        """Where supervisord takes orders, for ``supervisorctl``."""
        return self.folder / "supervisor.sock"

    @property
    def gateway_file(self) -> Path:
        """Nginx's configuration."""
        return self.folder / GATEWAY / "nginx.conf"

    def log_of(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    @cached_property
    def processes(self) -> Mapping[str, Process]:
        """By the name of each single process, in the order in which they start."""
        found = {name: each for each in processes(self.brokers) for name in each.names}
        order = list(Role)
        return dict(sorted(found.items(), key=lambda item: order.index(item[1].role)))

    @cached_property
    def ports(self) -> Mapping[str, int]:
        """By process; a broker has a second one for the controllers, named ``kafka-1:quorum``."""
        names = [name for role in WITH_PORT for name in self.of(role)]
        names += [f"{name}:quorum" for name in self.of(Role.LOG)]
        return {name: self.first_port + number for number, name in enumerate(names)}

    def of(self, role: Role) -> list[str]:
        return [name for name, process in self.processes.items() if process.role == role]

    def local(self, name: str) -> str:
        """The address of a process on this machine."""
        return f"127.0.0.1:{self.ports[name]}"

    @property
    def log_url(self) -> str:
        return f"kafka://{','.join(self.local(name) for name in self.of(Role.LOG))}"

    @property
    def quorum(self) -> str:
        """As KAFKA_QUORUM of deploy/kafka/node.sh."""
        nodes = enumerate(self.of(Role.LOG), start=1)
        return ",".join(f"{number}@{self.local(f'{name}:quorum')}" for number, name in nodes)

    def database_url(self, database: str) -> str:
        """It names the file of the password, which libpq reads by itself."""
        role, file = role_of(database), password_file(self.passwords, owner_of(database))
        server = self.local(DATABASE_SERVER)
        return f"postgresql+psycopg://{role}@{server}/{role}?passfile={quote(str(file))}"

    def command_of(self, name: str) -> list[str]:
        """Of one of our own processes."""
        process = self.processes[name]
        module = self.module.split() if process.role in LONG_RUNNING else ["services"]
        return [sys.executable, "-m", *module, *process.command]

    def environment_of(self, name: str) -> dict[str, str]:
        """Settings of one of our own processes: no more databases than it may use."""
        process = self.processes[name]
        known = {
            "HEMU_HOME": str(self.home),
            "HEMU_LOG": self.log_url,
            **{f"HEMU_{each.upper()}_URL": f"http://{self.local(each)}" for each in SERVICES},
            **self._databases(process.databases),
        }
        if process.role in LONG_RUNNING:
            workers = min(MOST_WORKERS, max(1, (os.cpu_count() or 1) // CORES_PER_WORKER))
            port = "HEMU_ADDRESS" if process.role == Role.WEB else "HEMU_METRICS_ADDRESS"
            settled = self.shell
            return {
                "HEMU_WORKERS": str(workers),
                **{key: text for key, text in self.environment.items() if key not in settled},
                **known,
                port: self.local(name),
            }
        return known

    @property
    def shell(self) -> dict[str, str]:
        """Settings for commands beside the cluster, with all databases."""
        return {
            "HEMU_HOME": str(self.home),
            "HEMU_ADDRESS": self.address,
            "HEMU_LOG": self.log_url,
            **self._databases(DATABASES),
        }

    def ready_url(self, name: str) -> str:
        """Where one of our processes, or the gateway, says that it can be used."""
        match self.processes[name].role:
            case Role.WEB:
                return f"http://{self.local(name)}/{name}/health/ready"
            case Role.GATEWAY:
                return f"http://{self.address}/"
            case _:
                return f"http://{self.local(name)}/health/live"

    def _databases(self, names: tuple[str, ...]) -> dict[str, str]:
        return {f"HEMU_{name.upper()}_DATABASE_URL": self.database_url(name) for name in names}
