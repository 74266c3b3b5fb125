"""The real cluster for tests: PostgreSQL, Kafka, nginx and every process of every service, started
by ``hemu cluster`` under supervisord, killed one by one, and started again on the same data.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy import make_url

from services.commands.cluster.files import write_files
from services.commands.cluster.passwords import read_passwords, role_of
from services.commands.cluster.plan import LONG_RUNNING, Plan
from services.commands.cluster.starting import is_well, ports_in_use
from services.commands.cluster.supervisor import Orders
from services.topology import Role
from tests.eventually import eventually
from tests.running import ROOT, Running, outer_environment
from tests.servers.process import free_port

READY_SECONDS = 330.0
STOP_SECONDS = 120.0


class Cluster(Running):
    """``hemu cluster`` on ports of its own, with its data in ``folder`` (made if missing).

    Processes are named as in ``services.topology``: ``postgresql``, ``kafka-1``, ``gateway``, per
    service ``intake`` (its web), ``intake-relay``, ``intake-consumer-1`` and ``-2``.

        with Cluster(folder, brokers=3, environment={"HEMU_FAILPOINTS": "..."}) as cluster:
            cluster.run("demo")

    As root, PostgreSQL's user must be able to enter the folder: take ``cluster_folder()``, not
    pytest's.
    """

    def __init__(
        self,
        folder: Path,
        *,
        brokers: int = 1,
        environment: Mapping[str, str] | None = None,
        module: str = "services",
    ) -> None:
        """``environment`` is for the webs, relays and consumers only (not for migrate and the
        like). ``module`` is what ``python -m`` runs for them: ``tests.reliability.mutated NAME``
        then gets ``web intake`` as further arguments.
        """
        super().__init__()
        self.plan = Plan(
            home=folder.absolute(),
            address=f"127.0.0.1:{free_port()}",
            first_port=_first_free_port(),
            brokers=brokers,
            environment=environment or {},
            module=module,
        )

    @property
    def url(self) -> str:
        """Of the gateway, without a slash at the end."""
        return f"http://{self.plan.address}"

    @property
    def home(self) -> Path:
        return self.plan.home

    @property
    def environment(self) -> dict[str, str]:
        """Everything of an operator's shell beside the cluster: HEMU_HOME, HEMU_ADDRESS, HEMU_LOG
        and the databases of all services.
        """
        return outer_environment() | self.plan.shell

    def environment_of(self, name: str) -> dict[str, str]:
        """What the process gets: to run a twin of it, or to ask its database as its role."""
        return outer_environment() | self.plan.environment_of(name)

    def command_of(self, name: str) -> list[str]:
        """What the process runs; with ``environment_of`` enough for a twin of it."""
        return self.plan.command_of(name)

    def metrics_url(self, name: str) -> str:
        """Where a web, relay or consumer tells its figures."""
        web = f"/{name}" if self.plan.processes[name].role == Role.WEB else ""
        return f"http://{self.plan.local(name)}{web}/metrics"

    def database_url(self, name: str) -> str:
        """Of one of ``shared.settings.DATABASES``, with the password in it."""
        url = make_url(self.plan.database_url(name)).set(query={})
        password = read_passwords(self.plan.passwords)[role_of(name)]
        return url.set(password=password).render_as_string(hide_password=False)

    @property
    def bootstrap(self) -> str:
        """All brokers, as Kafka clients want them."""
        return ",".join(self.plan.local(name) for name in self.plan.of(Role.LOG))

    def start(self) -> float:
        """Until the address is printed; the seconds it took."""
        started = time.monotonic()
        command = [sys.executable, "-m", "services", "cluster"]
        command += ["--brokers", str(self.plan.brokers)]
        command += ["--first-port", str(self.plan.first_port), "--module", self.plan.module]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=outer_environment() | dict(self.plan.environment) | self.plan.shell,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        if not self._gets_ready(self._process, READY_SECONDS):
            self.stop()
            raise AssertionError("the cluster did not start: " + "\n".join(self.output)[-3000:])
        return time.monotonic() - started

    def stop(self) -> float:
        """As SIGTERM does: everything, in order; the seconds it took."""
        process, self._process = self._process, None
        if process is None:
            return 0.0
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)
        return time.monotonic() - started

    def restart(
        self, *, environment: Mapping[str, str] | None = None, module: str | None = None
    ) -> None:
        """All webs, relays and consumers anew with another environment (and module), until all
        serve; PostgreSQL, Kafka, gateway and the data stay. None keeps what there was.
        """
        self.plan = Plan(
            home=self.plan.home,
            address=self.plan.address,
            first_port=self.plan.first_port,
            brokers=self.plan.brokers,
            environment=self.plan.environment if environment is None else environment,
            module=module or self.plan.module,
        )
        write_files(self.plan)
        orders = Orders(self.plan)
        for role in LONG_RUNNING:
            orders.renew(role)
        for role in LONG_RUNNING:
            for name in self.plan.of(role):
                orders.start(name)
        self.await_healthy()

    def pids(self) -> Mapping[str, int]:
        """The processes that run now, by name; without those that supervisord is about to start."""
        return {
            name: int(found["pid"])
            for name, found in Orders(self.plan).info().items()
            if found["pid"]
        }

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Of one process (of a web: its master) or of ``supervisord``; the pid it had."""
        pid = Orders(self.plan).pid() if name == "supervisord" else self.pids()[name]
        os.kill(pid, number)
        return pid

    def workers(self, name: str) -> list[int]:
        """The worker processes of a web."""
        return _children(self.pids()[name])

    def await_restart(self, name: str, old: int, seconds: float = 180) -> int:
        """Until the process runs with another pid than ``old`` and is healthy; the new pid."""

        def other() -> int:
            pid = self.pids().get(name, old)
            return pid if pid != old and self.is_healthy(name) else 0

        return eventually(other, seconds)

    def await_healthy(self, seconds: float = 300) -> None:
        """Until every process runs and every web, relay and consumer says that it is well."""
        for name, process in self.plan.processes.items():
            if process.role != Role.PREPARING:
                eventually(partial(self.is_healthy, name), seconds)

    def is_healthy(self, name: str) -> bool:
        """A server of others: whether it runs; one of ours, and the gateway: whether it answers."""
        if self.plan.processes[name].role in {Role.DATABASE, Role.LOG}:
            return name in self.pids()
        with httpx.Client(timeout=5) as client:
            return is_well(self.plan, name, client)

    def kill_all(self) -> None:
        """``kill -9`` of every process at once, supervisord included."""
        process, self._process = self._process, None
        assert process is not None
        stopped: set[int] = set()
        while found := {process.pid, *_descendants(process.pid)} - stopped:
            for pid in found:  # nobody shall see another one die first, nor make new ones
                _signal(pid, signal.SIGSTOP)
            stopped |= found
        for pid in stopped:
            _signal(pid, signal.SIGKILL)
        process.wait(30)

    def all_pids(self) -> list[int]:
        """Every process of the cluster, workers and supervisord included."""
        assert self._process is not None
        return [self._process.pid, *_descendants(self._process.pid)]

    def log(self, name: str) -> str:
        """What a process has written; also of ``supervisord``."""
        path = self.plan.log_of(name)
        return path.read_text(errors="replace") if path.exists() else ""

    def __exit__(self, *_error: object) -> None:
        self.stop()


def _first_free_port() -> int:
    """The first of as many free ones in a row as a cluster needs."""
    while True:
        first = free_port()
        plan = Plan(home=Path(), address="", first_port=first, brokers=3)
        if not ports_in_use(plan.ports):
            return first


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(number) for number in thread.read_text().split()]
        except OSError:
            continue  # the thread has ended
    return found


def _descendants(pid: int) -> list[int]:
    children = _children(pid)
    return children + [further for child in children for further in _descendants(child)]


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it has ended by itself
