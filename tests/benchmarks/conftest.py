"""What the tests of benchmarks need besides servers."""

import pytest

from tests.benchmarks.processes import BENCH
from tests.conftest import missing
from tests.servers import ServerMissing


@pytest.fixture(scope="session")
def peers() -> None:
    """The environment with what Hemu is measured against."""
    if not BENCH.exists():
        missing(ServerMissing(f"{BENCH} is not there (tests/benchmarks/environment.sh)"))
