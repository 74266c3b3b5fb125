"""supervisord as a child of ours: started, given orders, stopped with all that it runs."""

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Self
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from services.commands.cluster.plan import Plan
from services.commands.cluster.programs import group_of, tied
from services.topology import Role
from shared.settings import PREFIX

STOP_SECONDS = 180.0
"""All its stages together may take; each has its own limit."""

Info = Mapping[str, Any]


class Orders:
    """What supervisord is asked and told. Raises OSError while it is not there."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    @property
    def _rpc(self) -> Any:
        """Anew each time: a connection that failed once would never work again."""
        transport = SupervisorTransport(serverurl=f"unix://{self._plan.socket}")
        return ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def info(self) -> Mapping[str, Info]:
        """Of each process: ``statename``, ``pid``, ``exitstatus``, …"""
        return {found["name"]: found for found in self._rpc.getAllProcessInfo()}

    def pid(self) -> int:
        """Of supervisord itself."""
        return int(self._rpc.getPID())

    def start(self, name: str) -> None:
        group = group_of(self._plan.processes[name])
        self._rpc.startProcess(f"{group}:{name}", False)

    def renew(self, role: Role) -> None:
        """Stop all processes of a role, and let them be as the configuration says now."""
        self._rpc.reloadConfig()
        self._rpc.stopProcessGroup(str(role))
        self._rpc.removeProcessGroup(str(role))
        self._rpc.addProcessGroup(str(role))


class Supervisor:
    """``with Supervisor(plan) as running:`` leaves nothing behind."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = [sys.executable, "-m", "supervisor.supervisord"]
        options = ["--nodaemon", "--configuration", str(self._plan.configuration)]
        self._process = subprocess.Popen(  # noqa: S603 – ours
            [*tied("TERM"), *program, *options],
            env={name: text for name, text in os.environ.items() if not name.startswith(PREFIX)},
            start_new_session=True,  # Ctrl-C is for us; we then stop it
        )
        return self

    def __exit__(self, *_error: object) -> None:
        process = self._started()
        process.terminate()
        process.wait(STOP_SECONDS)

    @property
    def runs(self) -> bool:
        return self._started().poll() is None

    def wait(self) -> int:
        """Until it ends by itself; its status."""
        return self._started().wait()

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RuntimeError("it was not started")
        return self._process
