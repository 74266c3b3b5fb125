"""Starting a cluster: each process when what it needs is there."""

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

import httpx
from psycopg.pq import PGconn, Ping

from services.commands.cluster.files import hand_over
from services.commands.cluster.plan import Plan
from services.commands.cluster.programs import Unusable
from services.commands.cluster.supervisor import Info, Orders, Supervisor
from services.topology import DATABASE_SERVER, Role

LOOK = 0.2
SECONDS = 300.0
TAIL = 1500
"""Characters of a log that an error quotes."""

Say = Callable[[str], None]


class Starting:
    """One start of everything, from nothing or on what was there."""

    def __init__(self, plan: Plan, supervisor: Supervisor, say: Say) -> None:
        self._plan = plan
        self._supervisor = supervisor
        self._say = say
        self._orders = Orders(plan)
        self._began = time.monotonic()
        self._waiting = dict(plan.processes)
        self._starting: set[str] = set()
        self._there: set[str] = set()

    def run(self) -> None:
        """Until all is well. Raises Unusable, saying what is not."""
        with httpx.Client(timeout=5) as client:
            while self._waiting or self._starting:
                if time.monotonic() - self._began > SECONDS:
                    raise self._failed(min(self._starting or self._waiting), "is not ready")
                if not self._supervisor.runs:
                    raise self._failed("supervisord", "ended")
                time.sleep(LOOK)
                self._look(client)

    def _look(self, client: httpx.Client) -> None:
        try:
            info = self._orders.info()
        except OSError:
            return  # supervisord has not opened its socket yet
        for name in sorted(self._starting):
            if self._is_there(name, info[name], client):
                self._starting.remove(name)
                self._there.add(name)
                self._say(f"{time.monotonic() - self._began:6.1f} s  {name}")
        for name in self._ready_to_start():
            if name == DATABASE_SERVER:
                hand_over(self._plan)
            self._orders.start(name)
            del self._waiting[name]
            self._starting.add(name)

    def _ready_to_start(self) -> Iterable[str]:
        all_there = {
            process.name
            for process in self._plan.processes.values()
            if self._there.issuperset(process.names)
        }
        return [name for name, each in self._waiting.items() if all_there.issuperset(each.needs)]

    def _is_there(self, name: str, info: Info, client: httpx.Client) -> bool:
        match self._plan.processes[name].role:
            case Role.PREPARING:
                return self._has_completed(name, info)
            case Role.DATABASE:
                return _database_answers(self._plan.ports[name])
            case Role.LOG:
                return _listens(self._plan.ports[name])
            case _:
                return is_well(self._plan, name, client)

    def _has_completed(self, name: str, info: Info) -> bool:
        if info["statename"] != "EXITED":
            return False
        if info["exitstatus"] != 0:
            raise self._failed(name, f"failed with {info['exitstatus']}")
        return True

    def _failed(self, name: str, how: str) -> Unusable:
        log = self._plan.log_of(name)
        said = log.read_text(errors="replace")[-TAIL:] if log.exists() else ""
        return Unusable(f"{name} {how}; the end of {log}:\n{said}")


def is_well(plan: Plan, name: str, client: httpx.Client) -> bool:
    """Whether a web can serve, a relay or consumer lives, the gateway leads somewhere."""
    url = plan.ready_url(name)
    try:
        return client.get(url).status_code in {HTTPStatus.OK, HTTPStatus.SEE_OTHER}
    except httpx.TransportError:
        return False


def ports_in_use(ports: Mapping[str, int]) -> Mapping[str, int]:
    return {name: port for name, port in ports.items() if _listens(port)}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _database_answers(port: int) -> bool:
    return PGconn.ping(f"host=127.0.0.1 port={port}".encode()) == Ping.OK
