"""Three brokers: one of them may die in the middle, and nobody who files notices."""

import subprocess
import sys
from functools import partial

import pytest
from kafka import KafkaAdminClient

from tests.cluster.system import Cluster
from tests.e2e.filing import reconciled
from tests.eventually import eventually
from tests.running import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.kafka,
    pytest.mark.postgresql,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("cluster"),
]
FILED = "POST /intake/api/v1/"


def in_sync(cluster: Cluster) -> bool:
    """Every partition has all three copies up to date."""
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap.split(","))
    try:
        topics = admin.describe_topics(["hemu.cases", "hemu.directory"])
    finally:
        admin.close()
    return all(len(each["isr_nodes"]) == 3 for topic in topics for each in topic["partitions"])


def test_the_topics_have_three_copies(cluster_of_three: Cluster) -> None:
    assert eventually(partial(in_sync, cluster_of_three), 60)
    assert cluster_of_three.run("topics").returncode == 0


def test_while_a_broker_is_killed_all_samples_take_the_routes_they_must_and_no_request_fails(
    cluster_of_three: Cluster,
) -> None:
    cluster = cluster_of_three
    demo = subprocess.Popen(
        [sys.executable, "-m", "services", "demo"],
        cwd=ROOT,
        env=cluster.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    eventually(lambda: cluster.log("gateway").count(FILED) >= 3, 120)

    old = cluster.kill("kafka-1")

    said, _ = demo.communicate(timeout=300)
    assert demo.returncode == 0, said
    assert "12 of 12 routes as expected" in said
    eventually(lambda: cluster.log("gateway").count(FILED) == 12)  # it is written with a delay
    requests = [line.split()[3] for line in cluster.log("gateway").splitlines() if "/api/" in line]
    assert {status for status in requests if status[0] != "2"} <= {"404"}  # not decided yet
    cluster.await_restart("kafka-1", old)
    assert eventually(partial(in_sync, cluster), 120)
    eventually(partial(reconciled, cluster), 60)


def test_a_clean_stop_has_to_kill_nobody(cluster_of_three: Cluster) -> None:
    cluster_of_three.stop()

    assert "with SIGKILL" not in cluster_of_three.log("supervisord")
    cluster_of_three.start()
