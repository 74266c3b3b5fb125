"""A real Apache Kafka node on this machine, from the jars that deploy/kafka names."""

import os
import shutil
import socket
import subprocess
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.servers.process import ServerFailed, ServerMissing, ServerProcess, free_port

SCRIPTS = Path(__file__).parents[2] / "deploy" / "kafka"
START_SECONDS = 60.0


class KafkaNode:
    """One broker with its data in ``folder``. It keeps data and port over stop, kill and restart.

    ``with KafkaNode(folder) as node:`` starts it and stops it. Raises ServerMissing without Java
    or without the jars.
    """

    def __init__(
        self, folder: Path, port: int | None = None, *, advertised: int | None = None
    ) -> None:
        """``advertised``: the port that clients are told to use, of a proxy before the node."""
        self.port = port or free_port()
        self.folder = folder
        self._output = folder / "node.out"
        command = [str(SCRIPTS / "node.sh"), str(folder), str(self.port), str(free_port())]
        environment = {
            **os.environ,
            "KAFKA_JARS": jars(),
            "KAFKA_ADVERTISED": str(advertised or self.port),
        }
        self._process = ServerProcess(command, output=self._output, environment=environment)

    @property
    def bootstrap(self) -> str:
        """What a client takes as its bootstrap server."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What Hemu takes as its log."""
        return f"kafka://{self.bootstrap}"

    @property
    def running(self) -> bool:
        return self._process.running

    def start(self) -> None:
        """Start it and wait until it serves."""
        if not self._process.start(self._ready, seconds=START_SECONDS):
            raise ServerFailed(f"Kafka ended by itself:\n{self._process.last_words()}")

    def stop(self) -> None:
        """Stop it cleanly: nothing is lost, clients are told."""
        self._process.stop()

    def kill(self) -> None:
        """``kill -9``: clients find out by themselves."""
        self._process.kill()

    def restart(self) -> None:
        """Start it again on the same data and port; stop it first if it runs."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _ready(self) -> bool:
        """An open port is not enough: a broker must be known, and every topic have a leader."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=5000)
        except (OSError, KafkaError):
            return False
        try:
            if not admin.describe_cluster()["brokers"]:
                return False
            admin.wait_for_topics(admin.list_topics(), timeout_ms=5000)
        except KafkaError:
            return False
        else:
            return True
        finally:
            admin.close()


@cache
def jars() -> str:
    """The folder of Kafka's jars, fetched once per machine; raises ServerMissing."""
    if shutil.which("java") is None:
        raise ServerMissing("java is not installed (deploy/debian.sh kafka)")
    found = subprocess.run(
        [str(SCRIPTS / "jars.sh")], check=False, capture_output=True, text=True, timeout=600
    )
    if found.returncode != 0:
        raise ServerMissing(f"Kafka's jars cannot be had: {found.stderr.strip()[-400:]}")
    return found.stdout.strip()
