"""Which step leads where, for every state and every step there is."""

import pytest

from services.mediation.lifecycle import (
    FIRST_STATES,
    MOVES,
    TERMINAL,
    Outcome,
    State,
    Step,
    next_state,
    possible,
)
from services.mediation.routing import MEDIATING, Route
from shared.errors import IllegalTransition
from shared.words import codes

SETTLED = (Outcome.SETTLED_WRITTEN, Outcome.SETTLED_ORAL, Outcome.SETTLED_SELF)
GIVEN_UP = (Outcome.REFUSED, Outcome.UNREACHABLE, Outcome.WITHDRAWN)
HANDED_ON = (Outcome.HANDED_TO_COURT, Outcome.HANDED_TO_AGENCY)
ENDINGS: dict[Step | Outcome, State] = dict.fromkeys((*GIVEN_UP, *HANDED_ON), State.TERMINATED)

TABLE: dict[State, dict[Step | Outcome, State]] = {
    State.TRIAGE: {},
    State.SAFETY_HOLD: {Outcome.HANDED_TO_POLICE: State.CLOSED},
    State.CONSENT_PENDING: {Step.ACCEPT: State.ACCEPTED, **ENDINGS},
    State.NOT_ACCEPTED: {},
    State.ACCEPTED: {
        Step.SCHEDULE_SESSION: State.ACCEPTED,
        Step.RECORD_SESSION: State.IN_MEDIATION,
        Outcome.FAILED: State.TERMINATED,
        **ENDINGS,
    },
    State.IN_MEDIATION: {
        Step.SCHEDULE_SESSION: State.IN_MEDIATION,
        Step.RECORD_SESSION: State.IN_MEDIATION,
        Outcome.FAILED: State.TERMINATED,
        **ENDINGS,
        **dict.fromkeys(SETTLED, State.CLOSED),
    },
    State.TERMINATED: {},
    State.CLOSED: {},
}
STEPS: tuple[Step | Outcome, ...] = (*Step, *Outcome)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", list(State))
def test_a_step_leads_where_the_table_says_or_nowhere(state: State, step: Step | Outcome) -> None:
    if step in TABLE[state]:
        assert next_state(state, step) == TABLE[state][step]
    else:
        with pytest.raises(IllegalTransition):
            next_state(state, step)


@pytest.mark.parametrize("state", list(State))
def test_what_is_possible_is_what_the_table_says(state: State) -> None:
    assert set(possible(state)) == set(TABLE[state])


def test_every_step_has_a_row() -> None:
    assert set(MOVES) == set(STEPS)


def test_nothing_leads_out_of_a_state_that_is_over() -> None:
    assert all(not TABLE[state] for state in TERMINAL)


def test_every_route_begins_somewhere_and_only_mediating_ones_ask_for_consent() -> None:
    assert set(FIRST_STATES) == set(Route)
    asking = {route for route, state in FIRST_STATES.items() if state is State.CONSENT_PENDING}
    assert asking == MEDIATING


def test_states_and_outcomes_are_the_domain_s() -> None:
    assert set(State) <= set(codes("state"))
    assert set(Outcome) <= set(codes("outcome"))
