"""What can be done with a case now, and by whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.mediation.lifecycle import Outcome, State, Step, possible
from services.mediation.policy import (
    ACCEPT,
    CONCLUDE,
    HAND_TO_POLICE,
    POLICY,
    RECORD_SESSION,
    concluding,
)
from shared.auth.actor import Actor

STEPS = {Step.ACCEPT: ACCEPT, Step.RECORD_SESSION: RECORD_SESSION}


@dataclass(frozen=True, kw_only=True)
class OpenAction:
    """Something that the state of a case allows now. ``roles`` may do it, ``allowed`` says whether
    this actor may; a conclusion names the ``outcomes`` that are possible.
    """

    action: str
    roles: tuple[str, ...]
    allowed: bool
    outcomes: tuple[Outcome, ...] = ()


def open_actions(actor: Actor, state: str) -> Sequence[OpenAction]:
    return list(_open_actions(actor, possible(State(state))))


def _open_actions(actor: Actor, steps: tuple[Step | Outcome, ...]) -> Iterator[OpenAction]:
    for step, action in STEPS.items():
        if step in steps:
            yield _open(actor, step.replace("_", "-"), action)
    for action in (CONCLUDE, HAND_TO_POLICE):
        outcomes = tuple(
            step for step in steps if isinstance(step, Outcome) and concluding(step) == action
        )
        if outcomes:
            yield _open(actor, "conclude", action, outcomes)


def _open(actor: Actor, name: str, action: str, outcomes: tuple[Outcome, ...] = ()) -> OpenAction:
    return OpenAction(
        action=name,
        roles=tuple(sorted(POLICY.roles[action])),
        allowed=POLICY.allows(actor, action),
        outcomes=outcomes,
    )
