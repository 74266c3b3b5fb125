"""Every decision of every table is the expected one, and no cell of a table can be another."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

import pytest

from services import registry
from shared.auth.actor import Actor
from shared.auth.policy import ANYONE, Decision, May, Obligation, Policy, Ways
from shared.auth.relations import Relation
from tests.rights.expected import ROLES, STANDINGS, Cell, cells

SERVICES = ("mediation", "referral", "intake", "ops")
POLICIES = {service.name: service.policy for service in registry.load_all()}
EXPECTED = cells()
NO_CASE = (("none", frozenset[Relation]()),)
SERVICE_ROLES = ("service:mediation", "service:referral", "service:ops")


def wrong(service: str, policy: Policy) -> Iterator[str]:
    """The cells that differ; the first is enough to know."""
    for action in sorted(POLICIES[service].rules):
        others = () if POLICIES[service].roles[action] == ANYONE else SERVICE_ROLES
        for role in (*ROLES, *others):
            actor = Actor(id="m-9000", roles=frozenset({role}))
            no_case = isinstance(POLICIES[service].rules[action], frozenset)
            for standing, relations in NO_CASE if no_case else STANDINGS[service].items():
                found = policy.decide(actor, action, relations)
                cell = EXPECTED.get((service, action, role, standing))
                if not _fits(cell, found):
                    yield f"{action} {role} {standing}: {found}, not {cell}"


def _fits(cell: Cell | None, found: Decision) -> bool:
    if cell is None:
        return not found.allow
    wanted = "full" if cell.outcome == "allow" else cell.outcome
    expected = {cell.obligation} if cell.obligation else set()
    return found.allow and found.mask == wanted and found.obligations == expected


@pytest.mark.parametrize("service", SERVICES)
def test_every_decision_is_the_expected_one(service: str) -> None:
    assert list(wrong(service, POLICIES[service])) == []


def test_every_action_of_a_table_is_expected_and_every_expected_one_is_in_a_table() -> None:
    expected = {(service, action) for service, action, _, _ in EXPECTED}
    decided = {(name, action) for name in SERVICES for action in POLICIES[name].rules}

    assert expected == decided


@pytest.mark.parametrize("service", SERVICES)
def test_every_action_is_allowed_to_somebody_and_denied_to_somebody(service: str) -> None:
    policy = POLICIES[service]
    for action in policy.rules:
        allowed = {key for key in EXPECTED if key[:2] == (service, action)}
        assert allowed
        if policy.roles[action] != ANYONE:
            assert len(allowed) < len(ROLES) * len(STANDINGS[service])


def test_nobody_may_do_what_no_table_knows() -> None:
    actor = Actor(id="m-9000", roles=frozenset(ROLES))
    for policy in POLICIES.values():
        assert not policy.allows(actor, "case.burn")
        assert not policy.decide(actor, "case.burn", frozenset(Relation)).allow


@pytest.mark.parametrize("service", SERVICES)
def test_each_change_of_a_cell_is_noticed(service: str) -> None:
    mutants = list(_mutants(service, POLICIES[service]))

    unnoticed = [name for name, mutant in mutants if next(wrong(service, mutant), None) is None]

    assert unnoticed == []
    assert len(mutants) >= (150 if len(STANDINGS[service]) > 1 else 40)


def _mutants(service: str, policy: Policy) -> Iterator[tuple[str, Policy]]:
    occurring = frozenset(chain.from_iterable(STANDINGS[service].values()))
    for denial in sorted(policy.denials & occurring):
        yield f"without {denial}", replace(policy, denials=policy.denials - {denial})
    for action, rows in policy.rules.items():
        if isinstance(rows, frozenset):
            for role in ROLES:
                if rows != ANYONE:
                    yield f"{action}: {role}", _with(policy, action, rows ^ {role})
            continue
        for role in ROLES:
            for name, ways in _changed(rows.get(role, ()), occurring, policy.masks):
                changed = (
                    {**rows, role: ways}
                    if ways
                    else {other: kept for other, kept in rows.items() if other != role}
                )
                yield f"{action}: {role}: {name}", _with(policy, action, changed)


def _with(policy: Policy, action: str, rows: frozenset[str] | Mapping[str, Ways]) -> Policy:
    return replace(policy, rules={**policy.rules, action: rows})


def _changed(
    ways: Ways, occurring: frozenset[Relation], masks: tuple[str, ...]
) -> Iterator[tuple[str, Ways]]:
    """Each way without a relation or with one more, with another mask, another obligation."""
    by_now = {relation for way in ways for relation in way.by}
    for relation in sorted(occurring - by_now - _implied(by_now) - set(_DENIED)):
        yield f"+{relation}", (*ways, May(by=frozenset({relation}), mask=masks[-1]))
    for number, way in enumerate(ways):
        rest = (*ways[:number], *ways[number + 1 :])
        for relation in sorted(way.by):
            left = way.by - {relation}
            if relation in _implied(by_now):
                continue
            kept = (replace(way, by=left),) if left else ()
            yield f"-{relation}", (*rest, *kept)
        for mask in masks:
            if mask != way.mask:
                yield f"{way.mask} as {mask}", (*rest, replace(way, mask=mask))
        if way.opened is not None:
            yield "never opened", (*rest, replace(way, opened=None))
        step_up = frozenset({Obligation.STEP_UP})
        yield "step-up", (*rest, replace(way, needs=way.needs ^ step_up))


_DENIED = (Relation.RECUSED, Relation.ROOM_ENDED)
"""A way that leads by one of these leads nowhere."""


def _implied(by_now: set[Relation]) -> set[Relation]:
    """What waits in a committee is the committee's: to whoever may by the one, the other adds
    nothing. Nor does any to whom everything is open.
    """
    if Relation.ANY in by_now:
        return set(Relation) - {Relation.ANY}
    return {Relation.OFFERED} if Relation.COMMITTEE in by_now else set()
