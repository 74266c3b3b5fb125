"""Every event leaves a hop, and its case is where the last of them says."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from services.ops.handlers import record_hop
from services.ops.handlers.hops import kind_of
from services.ops.models import flows, hops
from services.ops.queries import Flow, find, hops_of
from shared.events import CASES, Envelope, Event, encode
from shared.events.codec import headers
from shared.events.directory import OrganisationPublished
from shared.events.mediation import (
    DisputeAccepted,
    DisputeConcluded,
    MediatorAssigned,
    RoomOpened,
    SessionRecorded,
)
from shared.events.referral import (
    LeadClosed,
    OfficerAssigned,
    OrderAcknowledged,
    OrderClosed,
    OrderObjected,
    OrderOpened,
    OrderReplied,
    ReviewAcknowledged,
    ReviewAssigned,
    ReviewClosed,
    ReviewOpened,
)
from shared.messaging.delivery import read
from shared.messaging.log import Partition, Record, StoredRecord
from tests.district import organisation
from tests.ops.system import (
    COMMITTEE,
    MEDIATOR,
    START,
    System,
    dispute_routed,
    lead_routed,
)
from tests.registrations import dispute


def flow(system: System, subject: UUID) -> Flow:
    with system.databases["ops"].reading() as session:
        return find(session, str(subject), ())


def count(system: System) -> int:
    with system.databases["ops"].reading() as session:
        return session.scalar(select(func.count()).select_from(hops)) or 0


def stored(event: Event, sequence: int = 1, source: str = "/intake") -> StoredRecord:
    """The event as the log has it."""
    envelope = Envelope(
        id=uuid4(),
        source=source,
        type=event.event_type,
        time=START,
        subject=event.subject,
        sequence=sequence,
        correlation_id=uuid4(),
        causation_id=None,
        actor="m-0001",
        traceparent=None,
        data=encode(event),
    )
    return StoredRecord(
        topic=CASES,
        partition=3,
        offset=sequence,
        key=event.subject.encode(),
        value=envelope.data,
        headers=headers(envelope),
        appended_at=START,
    )


def strange(subject: UUID, event_type: str, source: str = "/intake", sequence: int = 1) -> Record:
    """An event of a type that only a newer release knows."""
    known = stored(dispute(case_id=subject), sequence, source)
    changed = tuple(
        (name, event_type.encode() if name == "ce_type" else value) for name, value in known.headers
    )
    return Record(CASES, str(subject), b"{}", changed)


def test_a_hop_tells_when_it_was_committed_appended_and_seen(either: System) -> None:
    case_id = either.file_dispute()
    either.clock.move(milliseconds=12)
    either.publish("intake")
    either.clock.move(milliseconds=30)
    either.consume("mediation")
    either.clock.move(milliseconds=5)
    either.publish("mediation")
    either.clock.move(milliseconds=7)
    either.consume("ops")

    with either.databases["ops"].reading() as session:
        registered, routed = hops_of(session, str(case_id))

    assert (registered.event, registered.source) == ("intake.dispute.registered.v1", "intake")
    assert (registered.publish_ms, registered.react_ms) == (12.0, None)
    assert (routed.event, routed.source) == ("mediation.dispute.routed.v1", "mediation")
    assert (routed.react_ms, routed.publish_ms, routed.since_start_ms) == (30.0, 5.0, 42.0)
    assert routed.causation == registered.event_id
    assert (routed.partition, routed.offset) == (registered.partition, 1)
    assert routed.seen_at == START.replace(microsecond=54_000)


def test_within_one_batch_the_last_word_on_everything_counts(either: System) -> None:
    case_id = either.file_dispute()
    either.publish("intake")
    either.say(
        "mediation",
        dispute_routed(case_id),
        MediatorAssigned(case_id=case_id, member_id="m-0001", organisation_id="o-001"),
        MediatorAssigned(case_id=case_id, member_id=MEDIATOR, organisation_id=COMMITTEE),
        DisputeAccepted(case_id=case_id, member_id=MEDIATOR),
        SessionRecorded(
            case_id=case_id, session_no=1, held_on=START.date(), parties_present=2, joint=True
        ),
    )

    either.consume("ops")

    found = flow(either, case_id)
    assert found.holder is not None
    assert found.holder_member is not None
    assert (found.holder.id, found.holder_member.id) == (COMMITTEE, MEDIATOR)
    assert (found.state, found.route, found.rule) == ("in_mediation", "ordinary_mediation", "M46")
    assert found.number == "JF350599-2026-000001"
    assert found.last_type == SessionRecorded.event_type
    assert count(either) == 6


def test_what_is_delivered_twice_leaves_one_hop(either: System) -> None:
    case_id = uuid4()
    first = read(stored(dispute(case_id=case_id)))
    again = replace(first, offset=9)

    with either.databases["ops"].transaction() as tx:
        for each in (first, again):
            tx.cause = each
            record_hop(tx)

    with either.databases["ops"].reading() as session:
        [hop] = hops_of(session, str(case_id))
    assert hop.offset == 1


def test_a_dispute_is_followed_to_its_end(system: System) -> None:
    case_id = system.file_dispute()
    system.publish("intake")
    room = RoomOpened(
        case_id=case_id,
        room_id=uuid4(),
        mediator_id=MEDIATOR,
        prosecutor_id="m-0042",
        organisation_id=COMMITTEE,
    )
    ended = DisputeConcluded(case_id=case_id, outcome="settled_written", state="closed")
    system.say("mediation", dispute_routed(case_id, "joint_room"), room, ended)

    system.consume("ops")

    found = flow(system, case_id)
    assert (found.stage, found.outcome, found.state) == ("concluded", "settled_written", "closed")
    assert found.holder_member is not None
    assert found.holder_member.id == MEDIATOR


def test_a_dispute_that_is_not_accepted_is_over_at_once(system: System) -> None:
    case_id = system.file_dispute()
    system.publish("intake")
    system.say("mediation", dispute_routed(case_id, "not_accepted"))

    system.consume("ops")

    assert flow(system, case_id).stage == "concluded"


ORDER = uuid4()
REVIEW = uuid4()
LEAD = UUID("00000000-0000-4000-8000-00000000000a")
OPENED = OrderOpened(lead_id=LEAD, order_id=ORDER, agency_id="o-051", urgent=False)
REVIEWED = ReviewOpened(
    lead_id=LEAD, review_id=REVIEW, procuratorate_id="o-041", member_id="m-0042"
)


@pytest.mark.parametrize(
    "events, state, holder, member",
    [
        ((OPENED,), "redirected_to_agency", "o-051", None),
        (
            (OPENED, OrderAcknowledged(lead_id=LEAD, order_id=ORDER)),
            "agency_handling",
            "o-051",
            None,
        ),
        (
            (OPENED, OrderObjected(lead_id=LEAD, order_id=ORDER, reason="not_our_duty")),
            "screening",
            None,
            None,
        ),
        (
            (OPENED, OrderReplied(lead_id=LEAD, order_id=ORDER, result="fixed")),
            "agency_replied",
            "o-051",
            None,
        ),
        (
            (OPENED, OrderClosed(lead_id=LEAD, order_id=ORDER, outcome="fixed")),
            "feedback_due",
            "o-051",
            None,
        ),
        (
            (OPENED, OrderClosed(lead_id=LEAD, order_id=ORDER, outcome="transferred"), REVIEWED),
            "transferred",
            "o-041",
            "m-0042",
        ),
        (
            (REVIEWED, ReviewAcknowledged(lead_id=LEAD, review_id=REVIEW)),
            "under_evaluation",
            "o-041",
            "m-0042",
        ),
        (
            (REVIEWED, ReviewClosed(lead_id=LEAD, review_id=REVIEW, outcome="filed")),
            "filed",
            "o-041",
            "m-0042",
        ),
        (
            (REVIEWED, ReviewAssigned(lead_id=LEAD, review_id=REVIEW, member_id="m-0043")),
            "transferred",
            "o-041",
            "m-0043",
        ),
        (
            (OPENED, OfficerAssigned(lead_id=LEAD, member_id="m-0032", holds=False)),
            "redirected_to_agency",
            "o-051",
            None,
        ),
        (
            (
                OPENED,
                OrderObjected(lead_id=LEAD, order_id=ORDER, reason="not_our_duty"),
                OfficerAssigned(lead_id=LEAD, member_id="m-0032", holds=True),
            ),
            "screening",
            None,
            "m-0032",
        ),
        ((OPENED, LeadClosed(lead_id=LEAD, outcome="fixed")), "closed", "o-051", None),
    ],
)
def test_a_lead_is_followed_from_hand_to_hand(
    system: System, events: tuple[Event, ...], state: str, holder: str | None, member: str | None
) -> None:
    system.say("referral", lead_routed(LEAD), *events)

    system.consume("ops")

    found = flow(system, LEAD)
    assert found.state == state
    assert (found.holder and found.holder.id) == holder
    assert (found.holder_member and found.holder_member.id) == member


def test_an_event_of_an_unknown_type_is_a_hop_all_the_same(either: System) -> None:
    case_id = either.file_dispute()
    either.publish("intake")
    either.append(strange(case_id, "intake.dispute.merged.v7", sequence=2))

    either.consume("ops")

    with either.databases["ops"].reading() as session:
        assert [hop.event for hop in hops_of(session, str(case_id))] == [
            "intake.dispute.registered.v1",
            "intake.dispute.merged.v7",
        ]
    assert flow(either, case_id).last_type == "intake.dispute.merged.v7"


def test_the_directory_gives_names_and_leaves_no_hop(either: System) -> None:
    named = OrganisationPublished(
        **{**vars(organisation(COMMITTEE, "community_committee")), "name_zh": "示范调委会"}
    )
    either.say("directory", named)
    case_id = either.file_dispute()
    either.run()

    found = flow(either, case_id)

    assert found.holder is not None
    assert found.holder.name["zh"] == "示范调委会"
    assert count(either) == 2
    with either.databases["ops"].reading() as session:
        assert session.scalar(select(func.count()).select_from(flows)) == 1


@pytest.mark.parametrize(
    "event_type, kind",
    [
        ("intake.dispute.registered.v2", "dispute"),
        ("intake.lead.merged.v1", "lead"),
        ("mediation.room.closed.v1", "dispute"),
        ("referral.order.opened.v1", "lead"),
        ("cooperation.conference.held.v1", None),
    ],
)
def test_the_name_of_a_type_says_what_kind_of_case_it_is_about(
    event_type: str, kind: str | None
) -> None:
    assert kind_of(event_type) == kind


def test_a_registration_keeps_its_place_in_the_log(either: System) -> None:
    case_id = either.file_dispute()
    either.run()

    with either.databases["ops"].reading() as session:
        row = session.execute(select(flows).where(flows.c.subject == str(case_id))).one()

    assert either.log.ends(CASES)[Partition(CASES, row.first_part)] == row.first_off + 2
