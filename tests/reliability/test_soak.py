"""The soak in CI's size: whatever is killed, nothing accepted is lost or done twice; and each
mutant is caught by the very same means.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.conftest import need_servers
from tests.cluster.folder import cluster_folder
from tests.reliability.mutants import MUTANTS
from tests.reliability.sizes import CI, CLUSTER_CI, MUTANT
from tests.reliability.soak import Soak
from tests.reliability.target_cluster import ClusterTarget
from tests.reliability.target_embedded import EmbeddedTarget

pytestmark = pytest.mark.slow

SOAKED = [name for name, mutant in MUTANTS.items() if mutant.tier == "soak"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_killed_nothing_accepted_is_lost_or_done_twice(
    seed: int, tmp_path: Path
) -> None:
    target = EmbeddedTarget(tmp_path, chance=random.Random(f"{seed}/target"))

    result = Soak(target, seed, CI).run()

    assert result.violations == []
    assert result.unplayed == 0
    assert result.cases >= CI.cases
    assert set(result.kills) == set(target.kinds)
    assert result.failpoints > 0


@pytest.mark.timeout(240)
def test_the_product_passes_what_the_mutants_do_not(tmp_path: Path) -> None:
    target = EmbeddedTarget(tmp_path, chance=random.Random("1/target"))

    result = Soak(target, 1, MUTANT).run()

    assert result.violations == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", SOAKED)
def test_a_mutant_does_not_survive_the_soak(name: str, tmp_path: Path) -> None:
    target = EmbeddedTarget(
        tmp_path, chance=random.Random("1/target"), module=("tests.reliability.mutated", name)
    )

    result = Soak(target, 1, MUTANT).run()

    assert any(text.startswith(MUTANTS[name].caught) for text in result.violations), (
        result.violations
    )


@pytest.fixture
def room() -> Iterator[Path]:
    """A folder for a cluster, where one can be had."""
    need_servers()
    with cluster_folder() as folder:
        yield folder


@pytest.mark.kafka
@pytest.mark.postgresql
@pytest.mark.timeout(1000)
@pytest.mark.xdist_group("cluster")
def test_the_cluster_too_loses_and_doubles_nothing(room: Path) -> None:
    target = ClusterTarget(room, chance=random.Random("1/target"))

    result = Soak(target, 1, CLUSTER_CI).run()

    assert result.violations == []
    assert result.unplayed == 0
    assert result.kills["broker"]
    assert result.kills["postgresql"]
