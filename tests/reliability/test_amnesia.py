"""A broker that forgets: it comes back empty, or as it was some time ago, while cases are filed."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import needed
from tests.e2e.system import System
from tests.reliability.books import settle
from tests.reliability.filing import Accepted, Filing
from tests.reliability.size import SIZE
from tests.servers import KafkaNode

pytestmark = [
    pytest.mark.slow,
    pytest.mark.kafka,
    pytest.mark.timeout(180 + 120 * SIZE),
    pytest.mark.xdist_group("reliability_amnesia"),
]


@dataclass(kw_only=True)
class Forgetful:
    """A running system, the broker it uses, and all that was filed."""

    system: System
    node: KafkaNode
    accepted: Accepted = field(default_factory=Accepted)

    @property
    def data(self) -> Path:
        return self.node.folder / "data"

    @property
    def copy(self) -> Path:
        return self.node.folder / "earlier"

    def keep_copy(self) -> None:
        self.node.stop()
        shutil.rmtree(self.copy, ignore_errors=True)
        shutil.copytree(self.data, self.copy)
        self.node.start()

    def forget_everything(self) -> None:
        shutil.rmtree(self.data)

    def go_back(self) -> None:
        shutil.rmtree(self.data)
        shutil.copytree(self.copy, self.data)


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forgetful]:
    folder = tmp_path_factory.mktemp("amnesia")
    node = needed(KafkaNode, folder)
    with node, System(folder / "home", HEMU_LOG=node.url) as system:
        yield Forgetful(system=system, node=node)


@pytest.mark.parametrize("how", [Forgetful.go_back, Forgetful.forget_everything])
def test_what_the_broker_forgot_is_published_again_and_every_201_is_routed_once(
    forgetful: Forgetful, how: Callable[[Forgetful], None]
) -> None:
    accepted = forgetful.accepted
    for _ in range(SIZE):
        with Filing(forgetful.system.url, accepted=accepted) as filing:
            filing.until(accepted.count + 25)
            forgetful.keep_copy()
            filing.until(accepted.count + 25)
            forgetful.node.kill()
            how(forgetful)
            filing.until(accepted.count + 25)
            forgetful.node.start()
            filing.until(accepted.count + 15)
            filing.stop()

        settle(forgetful.system, accepted)
