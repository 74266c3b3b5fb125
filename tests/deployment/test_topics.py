"""A topic is refused that could lose what was acknowledged, whatever the number of brokers."""

from dataclasses import replace

import pytest

from shared.messaging.topics import TopicMade, difference, kafka_settings

PARTITIONS = 12


def made(copies: int, **settings: str) -> TopicMade:
    given = {
        **kafka_settings(copies),
        **{name.replace("_", "."): settings[name] for name in settings},
    }
    return TopicMade(partitions=PARTITIONS, copies=copies, settings=given)


@pytest.mark.parametrize("copies, in_sync", [(1, "1"), (2, "1"), (3, "2")])
def test_all_copies_but_one_must_have_a_record_before_it_counts(copies: int, in_sync: str) -> None:
    assert kafka_settings(copies)["min.insync.replicas"] == in_sync


@pytest.mark.parametrize("copies", [1, 2, 3])
def test_a_topic_made_for_so_many_brokers_is_as_it_must_be(copies: int) -> None:
    assert difference(made(copies), PARTITIONS, copies) is None


def test_more_copies_than_brokers_that_are_there_now_are_well() -> None:
    assert difference(made(3), PARTITIONS, 2) is None


def test_fewer_copies_than_brokers_are_refused() -> None:
    assert difference(made(1), PARTITIONS, 3) == "replication factor is 1, not 3"


@pytest.mark.parametrize(
    "settings, what",
    [
        ({"min_insync_replicas": "1"}, "min.insync.replicas is 1, not 2"),
        ({"min_insync_replicas": "3"}, "min.insync.replicas is 3, not 2"),
        ({"retention_ms": "604800000"}, "retention.ms is 604800000, not -1"),
        (
            {"unclean_leader_election_enable": "true"},
            "unclean.leader.election.enable is true, not false",
        ),
    ],
)
def test_a_setting_that_differs_is_named(settings: dict[str, str], what: str) -> None:
    assert difference(made(3, **settings), PARTITIONS, 3) == what


def test_another_number_of_partitions_is_refused() -> None:
    other = replace(made(3), partitions=6)

    assert difference(other, PARTITIONS, 3) == "partitions is 6, not 12"
