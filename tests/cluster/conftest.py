"""Clusters for tests, where PostgreSQL, Kafka and nginx can be had."""

from collections.abc import Iterator

import pytest

from tests.cluster.folder import cluster_folder
from tests.cluster.system import Cluster
from tests.conftest import needed
from tests.deployment.tools import tool
from tests.servers import postgresql
from tests.servers.kafka import jars


def need_servers() -> None:
    """Skips, or fails, where one of them cannot be had."""
    tool("nginx")
    needed(postgresql._programs)
    needed(jars)


def open_cluster(brokers: int) -> Iterator[Cluster]:
    need_servers()
    with cluster_folder() as folder, Cluster(folder, brokers=brokers) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One broker; one for all tests of a module, which leave it running and well."""
    yield from open_cluster(brokers=1)


@pytest.fixture(scope="module")
def cluster_of_three() -> Iterator[Cluster]:
    yield from open_cluster(brokers=3)
