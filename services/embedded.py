"""The whole system on one machine: gunicorn with a worker per core, each with all five services.

Every worker could run every relay and consumer; locks decide which one does. gunicorn restarts a
worker that dies, and another one takes its roles over meanwhile.
"""

import ctypes
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker as GunicornWorker
from sqlalchemy.exc import SQLAlchemyError

from services.assembly import Assembly
from services.directory.holders import StoredHolders
from services.gateway import Gateway
from shared.auth.door import ISSUER, door
from shared.messaging.wakeup import Wakeups
from shared.service import Service
from shared.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

READY_LOOK = 0.05
SWITCH = 0.001
"""Seconds after which a busy thread lets another one go on (5 ms by default): requests, relays and
consumers of a case follow each other through many threads, and each hand-over waits that long.
"""
GRACE = 10
PR_SET_PDEATHSIG = 1


class Embedded(BaseApplication):
    """gunicorn, set up from our settings. ``when_ready`` is called once, in the first worker that
    can serve every service, with the address.
    """

    def __init__(
        self,
        settings: Settings,
        services: Sequence[Service],
        wakeups: Wakeups,
        when_ready: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._services = services
        self._wakeups = wakeups
        self._when_ready = when_ready
        self._first, tell = os.pipe()
        os.write(tell, b"!")
        os.set_blocking(self._first, False)
        self._assembly: Assembly | None = None
        self._turn = 0
        super().__init__()

    def load_config(self) -> None:
        options = {
            **server_options(self._settings),
            "post_fork": self._post_fork,
            "worker_exit": self._worker_exit,
            "child_exit": _child_exit,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        keep_out_of_collections()  # before the fork: a page that nobody writes to is shared
        super().run()

    def load(self) -> "WSGIApplication":  # type: ignore[override]  # its stubs know no wsgi types
        """In the worker, after the fork: nothing before may open a database or the log."""
        sys.setswitchinterval(SWITCH)
        assembly = Assembly(self._settings, self._services, wakeups=self._wakeups)
        applications = assembly.make_applications()
        roles = assembly.embedded_roles()
        assembly.runtime.start(roles, turn=self._turn, turns=self._settings.worker_count)
        self._assembly = assembly
        keep_out_of_collections()
        threading.Thread(target=self._tell_when_ready, args=(assembly,), daemon=True).start()
        return entrance(assembly, applications)

    def _tell_when_ready(self, assembly: Assembly) -> None:
        while not self._is_ready(assembly):
            time.sleep(READY_LOOK)
        try:
            os.read(self._first, 1)
        except BlockingIOError:
            return  # another worker was first, or this one replaces a dead one
        self._when_ready(f"http://{self._settings.address}/")

    def _is_ready(self, assembly: Assembly) -> bool:
        databases = assembly.runtime.databases
        try:
            return all(each.ready(databases[each.name]) is None for each in self._services)
        except SQLAlchemyError:
            return False  # a database is away: look again

    def _post_fork(self, server: Arbiter, worker: GunicornWorker) -> None:
        die_with_master(server, worker)
        self._turn = worker.age

    def _worker_exit(self, _server: Arbiter, _worker: GunicornWorker) -> None:
        if self._assembly is not None:
            self._assembly.runtime.stop()


def entrance(assembly: Assembly, applications: "Mapping[str, WSGIApplication]") -> Gateway:
    """The gateway before the applications, with its door to the directory's database."""
    holders = StoredHolders(assembly.runtime.databases[ISSUER], assembly.clock)
    return Gateway(applications, door(assembly.keys, holders, assembly.clock))


QUOTING = "Invalid request"
"""What follows these words is what the client sent, and from where."""


class OurLogger(Logger):
    """gunicorn's words through our own logs, which withhold what they may quote."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def warning(self, msg: object, *args: object, **kwargs: Any) -> None:
        if str(msg).startswith(QUOTING):
            msg, args = QUOTING, ()
        super().warning(msg, *args, **kwargs)


def server_options(settings: Settings) -> dict[str, object]:
    """What gunicorn must be told, whatever it serves."""
    return {
        "bind": settings.address,
        "workers": settings.worker_count,
        "worker_class": "shared.web.worker.Worker",
        "threads": settings.threads,
        "timeout": 60,
        "graceful_timeout": GRACE,
        "keepalive": 15,
        "loglevel": settings.log_level,
        "logger_class": OurLogger,
        "control_socket_disable": True,
        "proc_name": "hemu",
        "forwarder_headers": "",  # nobody before us may say where we are mounted
        "post_fork": die_with_master,
    }


def die_with_master(server: Arbiter, _worker: GunicornWorker) -> None:
    """Of a worker whose master was killed the kernel makes an end. It would go on for many seconds,
    keep the address from the next master, and answer nobody. Any step of its may be cut short.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server.pid:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def keep_out_of_collections() -> None:
    """What is loaded by now stays for good: the collector need not look at it ever again."""
    gc.collect()
    gc.freeze()


def _child_exit(_server: Arbiter, worker: GunicornWorker) -> None:
    """Take the figures of a dead worker out of the sums."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess  # noqa: PLC0415 – only where the folder is set

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
