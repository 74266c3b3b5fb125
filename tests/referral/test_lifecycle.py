"""Every pair of states: what may follow what, and nothing else."""

from enum import StrEnum
from typing import TypeVar

import pytest

from services.referral.lifecycle import (
    MILESTONES,
    MOVES,
    ORDER_MOVES,
    RESULTS,
    REVIEW_MOVES,
    LeadState,
    Moves,
    OrderState,
    ReviewState,
    check_move,
)
from shared.errors import IllegalTransition
from shared.words import label

LEAD = {
    ("screening", "redirected_to_agency"),
    ("screening", "transferred"),
    ("screening", "closed"),
    ("redirected_to_agency", "agency_handling"),
    ("redirected_to_agency", "screening"),
    ("redirected_to_agency", "redirected_to_agency"),
    ("redirected_to_agency", "transferred"),
    ("agency_handling", "agency_replied"),
    ("agency_handling", "transferred"),
    ("agency_replied", "feedback_due"),
    ("agency_replied", "transferred"),
    ("agency_replied", "screening"),
    ("transferred", "under_evaluation"),
    ("returned", "transferred"),
    ("under_evaluation", "returned"),
    ("under_evaluation", "jurisdiction_transferred"),
    ("under_evaluation", "not_filed"),
    ("under_evaluation", "filed"),
    ("jurisdiction_transferred", "feedback_due"),
    ("not_filed", "feedback_due"),
    ("feedback_due", "closed"),
}
ORDER = {
    ("opened", "acknowledged"),
    ("opened", "objected"),
    ("opened", "closed"),
    ("acknowledged", "replied"),
    ("acknowledged", "closed"),
    ("objected", "closed"),
    ("replied", "closed"),
}
REVIEW = {("opened", "acknowledged"), ("acknowledged", "closed")}

S = TypeVar("S", bound=StrEnum)


def pairs(states: type[S]) -> list[tuple[S, S]]:
    return [(current, wanted) for current in states for wanted in states]


def allowed(moves: Moves[S], pair: tuple[S, S]) -> bool:
    try:
        check_move(moves, *pair)
    except IllegalTransition:
        return False
    return True


@pytest.mark.parametrize("pair", pairs(LeadState), ids="->".join)
def test_a_lead_moves_along_the_table_only(pair: tuple[LeadState, LeadState]) -> None:
    assert allowed(MOVES, pair) == (pair in LEAD)


@pytest.mark.parametrize("pair", pairs(OrderState), ids="->".join)
def test_an_order_moves_along_the_table_only(pair: tuple[OrderState, OrderState]) -> None:
    assert allowed(ORDER_MOVES, pair) == (pair in ORDER)


@pytest.mark.parametrize("pair", pairs(ReviewState), ids="->".join)
def test_a_review_moves_along_the_table_only(pair: tuple[ReviewState, ReviewState]) -> None:
    assert allowed(REVIEW_MOVES, pair) == (pair in REVIEW)


def test_every_state_can_be_left_or_is_meant_to_last() -> None:
    lasting = {state for state, following in MOVES.items() if not following}

    assert lasting == {LeadState.FILED, LeadState.CLOSED}


def test_only_the_procuratorate_comes_to_a_decision_on_filing() -> None:
    into = {LeadState.FILED, LeadState.NOT_FILED}

    sources = {state for state, following in MOVES.items() if following & into}

    assert sources == {LeadState.UNDER_EVALUATION}


@pytest.mark.parametrize("outcome", [*MILESTONES, *RESULTS])
def test_what_an_outcome_leads_to_can_follow(outcome: str) -> None:
    if outcome in MILESTONES:
        assert MILESTONES[outcome] in MOVES[LeadState.UNDER_EVALUATION]
    else:
        assert RESULTS[outcome] in MOVES[LeadState.AGENCY_REPLIED]


@pytest.mark.parametrize("state", list(LeadState))
def test_every_state_has_a_name_in_both_languages(state: LeadState) -> None:
    assert label("lead_state", state, "zh") != label("lead_state", state, "en") != state
