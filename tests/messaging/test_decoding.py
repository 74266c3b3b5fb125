"""Decoders of Kafka's client are sound, whichever threads ask for them first."""

import threading
from typing import Any

import pytest
from kafka.protocol.consumer import SyncGroupResponse

from shared.messaging.kafka_log import clients

NEWEST = 5
PATIENCE = 0.5
"""Seconds one thread waits for the other, which must not come as long as they take turns."""


def test_two_members_that_join_at_once_both_read_the_answer_and_so_do_those_after_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert clients.CONSUMER, "importing them is what mends the client"
    answer = SyncGroupResponse[NEWEST](error_code=0, assignment=b"mine").encode()
    table = SyncGroupResponse._struct  # what its threads share
    monkeypatch.setattr(table, "_compiled_encoders", {})
    second_began, first_ended = threading.Event(), threading.Event()
    began = iter([True, False])
    fields = table.untagged_fields

    def slowly(version: int) -> Any:
        """The first is still at it when the second begins, and ends before the second goes on."""
        if next(began):
            second_began.wait(PATIENCE)
        else:
            second_began.set()
            first_ended.wait(PATIENCE)
        return fields(version)

    monkeypatch.setattr(table, "untagged_fields", slowly)

    def first() -> None:
        SyncGroupResponse[NEWEST].decode(answer)
        first_ended.set()

    def second() -> None:
        SyncGroupResponse[NEWEST].decode(answer)

    members = [threading.Thread(target=work) for work in (first, second)]
    for member in members:
        member.start()
    for member in members:
        member.join(10)

    assert SyncGroupResponse[NEWEST].decode(answer).assignment == b"mine"
