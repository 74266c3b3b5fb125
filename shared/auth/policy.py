"""Who may do what: one table per service, deny by default.

A row says of an action and a role by which relations to the case it is allowed, and how much of the
case is seen then. ``Policy.decide`` answers for one case; a list asks ``Policy.relations`` for the
same relations, and so cannot show what a single look would refuse.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from shared.auth.actor import NEWCOMER, Actor
from shared.auth.relations import DENIALS, Relation
from shared.errors import Forbidden, StepUpRequired, Unauthenticated

ANYONE = frozenset({"*"})
"""The roles of an action that needs no sign-in."""

FULL = "full"
"""Everything is seen."""

FRESH = timedelta(minutes=5)
"""For how long somebody who has just proved who they are needs not do so again."""


class Obligation(StrEnum):
    """What must be done besides. ``REASON``: say why, to see more. ``STEP_UP``: have proved with a
    second factor, just now, who one is.
    """

    REASON = "reason"
    STEP_UP = "step_up"


@dataclass(frozen=True, kw_only=True)
class May:
    """``by`` any of these relations, seeing what ``mask`` leaves; once the case is opened with a
    reason, what ``opened`` leaves.
    """

    by: frozenset[Relation]
    mask: str = FULL
    opened: str | None = None
    needs: frozenset[Obligation] = frozenset()

    def seeing(self, relations: frozenset[Relation]) -> str:
        opened = self.opened is not None and Relation.OPENED in relations
        return self.opened or self.mask if opened else self.mask

    def obligations(self, relations: frozenset[Relation]) -> frozenset[Obligation]:
        reason = self.opened is not None and Relation.OPENED not in relations
        return self.needs | ({Obligation.REASON} if reason else set())


Ways = tuple[May, ...]
Rules = Mapping[str, frozenset[str] | Mapping[str, Ways]]
"""Of each action the roles that may do it by which ways; or just the roles, where no case is
concerned.
"""


def by(
    *relations: Relation, mask: str = FULL, opened: str | None = None, step_up: bool = False
) -> Ways:
    needs = frozenset({Obligation.STEP_UP}) if step_up else frozenset[Obligation]()
    return (May(by=frozenset(relations), mask=mask, opened=opened, needs=needs),)


@dataclass(frozen=True, kw_only=True)
class Decision:
    allow: bool
    mask: str = ""
    obligations: frozenset[Obligation] = frozenset()


DENIED = Decision(allow=False)


@dataclass(frozen=True)
class Policy:
    """The decisions of one service. ``masks`` from the narrowest to the widest, which is what is
    seen of a case when several ways lead to it.
    """

    rules: Rules
    masks: tuple[str, ...] = (FULL,)
    denials: frozenset[Relation] = DENIALS

    @cached_property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """Who may do it at all, by action."""
        return {action: frozenset(ways) for action, ways in self.rules.items()}

    def allows(self, actor: Actor, action: str) -> bool:
        """Whether there can be a case with which the actor may do it."""
        allowed = self.roles.get(action, frozenset())
        return allowed == ANYONE or bool(allowed & actor.roles)

    def check(self, actor: Actor, action: str) -> None:
        """Raises Unauthenticated or Forbidden."""
        if self.allows(actor, action):
            return
        if not actor.signed_in:
            raise Unauthenticated("Please sign in.")
        if NEWCOMER in actor.roles:
            raise Forbidden("Choose a password of your own first; then everything else opens.")
        raise Forbidden("Your role does not allow this.")

    def relations(self, actor: Actor, action: str) -> frozenset[Relation]:
        """Those by which the actor may do it, unless one of ``denials`` forbids it."""
        return frozenset(relation for way in self._ways(actor, action) for relation in way.by)

    def decide(self, actor: Actor, action: str, relations: frozenset[Relation]) -> Decision:
        """``relations``: all that the actor is to the case."""
        if relations & self.denials:
            return DENIED
        all_of_them = relations | {Relation.ANY}
        ways = [way for way in self._ways(actor, action) if way.by & all_of_them]
        if not ways:
            return DENIED
        best = max(ways, key=lambda way: self._rank(way, relations))
        return Decision(
            allow=True, mask=best.seeing(relations), obligations=best.obligations(relations)
        )

    def _ways(self, actor: Actor, action: str) -> Iterator[May]:
        found = self.rules.get(action, frozenset())
        if isinstance(found, frozenset):
            if self.allows(actor, action):
                yield from by(Relation.ANY)
            return
        for role in sorted(actor.roles & found.keys()):
            yield from found[role]

    def _rank(self, way: May, relations: frozenset[Relation]) -> tuple[int, int]:
        """Whatever shows more is better, and then whatever asks for less."""
        return self.masks.index(way.seeing(relations)), -len(way.obligations(relations))


def check_fresh(actor: Actor, decision: Decision, now: datetime) -> None:
    """Raises StepUpRequired where the decision asks for it and it was not done just now."""
    if Obligation.STEP_UP not in decision.obligations:
        return
    proved = actor.authenticated_at
    if not actor.second_factor or proved is None or now - proved > FRESH:
        raise StepUpRequired("Confirm with your second factor that it is you, then do this again.")
