"""A bad network before the broker, and before the database: nothing is lost, doubled or stuck."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shared.settings import DATABASES
from tests.conftest import needed
from tests.e2e.system import System
from tests.reliability.books import settle
from tests.reliability.filing import Accepted, Filing
from tests.reliability.proxy import Proxy
from tests.reliability.size import SIZE
from tests.servers import KafkaNode, PostgresServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.kafka,
    pytest.mark.postgresql,
    pytest.mark.timeout(150 + 60 * SIZE),
    pytest.mark.xdist_group("reliability_network"),
]

Fault = Callable[[Proxy], AbstractContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class Script:
    """What happens, and for how many seconds."""

    fault: Fault
    seconds: float


@dataclass(kw_only=True)
class Network:
    """A running system whose every word to broker and database passes a proxy."""

    system: System
    proxies: dict[str, Proxy]
    accepted: Accepted = field(default_factory=Accepted)


class Resets:
    """Every connection is cut, again and again."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    def __enter__(self) -> None:
        self._proxy.reset()

    def __exit__(self, *_error: object) -> None:
        for _ in range(4):
            self._proxy.reset()
            time.sleep(0.3)


SCRIPTS = {
    "reset": Script(fault=Resets, seconds=1),
    "black hole": Script(fault=Proxy.black_hole, seconds=3),
    "long black hole": Script(fault=Proxy.black_hole, seconds=10),
    "lost answers": Script(fault=Proxy.losing_answers, seconds=2),
    "half-open": Script(fault=Proxy.half_open, seconds=3),
    "latency": Script(fault=lambda proxy: proxy.slow(seconds=0.2), seconds=3),
    "throttle": Script(fault=lambda proxy: proxy.slow(rate=20_000), seconds=3),
}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("network")
    with ExitStack() as stack:
        database = stack.enter_context(needed(PostgresServer))
        broker = _broker(stack, folder)
        before = stack.enter_context(Proxy(database.port))
        urls = {
            f"HEMU_{name.upper()}_DATABASE_URL": database.create_database().replace(
                f":{database.port}/", f":{before.port}/"
            )
            for name in DATABASES
        }
        log = f"kafka://127.0.0.1:{broker.port}"
        system = stack.enter_context(System(folder / "home", HEMU_LOG=log, **urls))
        yield Network(system=system, proxies={"broker": broker, "database": before})


def _broker(stack: ExitStack, folder: Path) -> Proxy:
    """A node whose clients are told the address of the proxy before it."""
    (folder / "broker").mkdir()
    node = needed(KafkaNode, folder / "broker", port=None)
    proxy = stack.enter_context(Proxy(node.port))
    stack.enter_context(KafkaNode(folder / "broker", port=node.port, advertised=proxy.port))
    return proxy


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("before", ["broker", "database"])
def test_behind_a_bad_network_every_201_is_routed_once(
    network: Network, before: str, name: str
) -> None:
    script, proxy = SCRIPTS[name], network.proxies[before]
    for _ in range(SIZE):
        with Filing(network.system.url, accepted=network.accepted) as filing:
            begun = filing.accepted.count
            filing.until(begun + 10)
            started = time.monotonic()
            with script.fault(proxy):
                if before == "broker":
                    filing.until(begun + 60)
                time.sleep(max(0.0, script.seconds - (time.monotonic() - started)))
            filing.until(begun + 80)
            filing.stop()

        took = settle(network.system, network.accepted)

        assert took < 60, name
