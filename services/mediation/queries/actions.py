"""What can be done with a case now, and by whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.mediation.lifecycle import Outcome, State, Step, possible
from services.mediation.models import Mediation
from services.mediation.policy import (
    ACCEPT,
    CONCLUDE,
    HAND_TO_POLICE,
    POLICY,
    RECORD_SESSION,
    SCHEDULE_SESSION,
    concluding,
)
from shared.auth.actor import Actor
from shared.db.scope import Found

STEPS = {
    Step.ACCEPT: ACCEPT,
    Step.RECORD_SESSION: RECORD_SESSION,
    Step.SCHEDULE_SESSION: SCHEDULE_SESSION,
}


@dataclass(frozen=True, kw_only=True)
class OpenAction:
    """Something that the state of a case allows now. ``roles`` may do it, ``allowed`` says whether
    this actor may; a conclusion names the ``outcomes`` that are possible.
    """

    action: str
    roles: tuple[str, ...]
    allowed: bool
    outcomes: tuple[Outcome, ...] = ()


def open_actions(actor: Actor, found: Found[Mediation]) -> Sequence[OpenAction]:
    return list(_open_actions(actor, found, possible(State(found.row.state))))


def _open_actions(
    actor: Actor, found: Found[Mediation], steps: tuple[Step | Outcome, ...]
) -> Iterator[OpenAction]:
    for step, action in STEPS.items():
        if step in steps:
            yield _open(actor, found, step.replace("_", "-"), action)
    for action in (CONCLUDE, HAND_TO_POLICE):
        outcomes = tuple(
            step for step in steps if isinstance(step, Outcome) and concluding(step) == action
        )
        if outcomes:
            yield _open(actor, found, "conclude", action, outcomes)


def _open(
    actor: Actor,
    found: Found[Mediation],
    name: str,
    action: str,
    outcomes: tuple[Outcome, ...] = (),
) -> OpenAction:
    return OpenAction(
        action=name,
        roles=tuple(sorted(POLICY.roles[action])),
        allowed=POLICY.decide(actor, action, found.relations).allow,
        outcomes=outcomes,
    )
