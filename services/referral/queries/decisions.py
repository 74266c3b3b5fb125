"""Why a lead went where it went, in data and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.referral.models import Decided
from services.referral.routing import rule_book
from shared import rules
from shared.errors import NotFound
from shared.messaging.replica import LANGUAGES, Named, directory, named
from shared.rules import Language, RuleSet


@dataclass(frozen=True, kw_only=True)
class Explained:
    """``reason`` is one plain sentence, ``sentences`` one for each rule that was tried and for
    what comes on top; both by language. ``missing`` says why nobody could be named.
    """

    route: str
    rule: str
    rule_set: Mapping[str, object]
    decided_at: datetime
    directory_revision: int
    facts: Mapping[str, object]
    overlays: Sequence[str]
    parallel: Sequence[str]
    tried: Sequence[Mapping[str, object]]
    assigned: Mapping[str, Named]
    missing: str | None
    reason: Mapping[str, str]
    sentences: Mapping[str, Sequence[str]]

    @property
    def in_words(self) -> Mapping[str, str]:
        return {
            language: "\n".join((self.reason[language], *self.sentences[language]))
            for language in LANGUAGES
        }


def explained(session: Session, lead_id: UUID) -> Explained:
    """Decides again with the version and the facts of then, which gives the same; raises NotFound.

    Whoever asks may read the lead: check that first.
    """
    found = session.get(Decided, lead_id)
    if found is None:
        raise NotFound("There is no such record.")
    rule_set = rule_book().version(found.version)
    again = rules.decide(rule_set, _facts(found, rule_set))
    known = directory(session)
    assigned = {role: named(known, entry) for role, entry in found.assigned.items()}
    return Explained(
        route=found.route,
        rule=found.rule,
        rule_set={"name": found.rule_set, "version": found.version, "valid_from": found.valid_from},
        decided_at=found.decided_at,
        directory_revision=found.directory_revision,
        facts=found.facts,
        overlays=found.overlays,
        parallel=found.parallel,
        tried=[
            {
                "rule": tried.rule.id,
                "matched": tried.matched,
                "because": [seen.as_data() for seen in tried.because],
            }
            for tried in again.tried
        ],
        assigned={role: name for role, name in assigned.items() if name is not None},
        missing=found.missing,
        reason={language: _reason(again, language) for language in LANGUAGES},
        sentences={language: rules.in_words(again, language) for language in LANGUAGES},
    )


def _facts(found: Decided, rule_set: RuleSet) -> rules.Facts:
    """As the rules take them: JSON has no sets."""
    return {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in found.facts.items()
        if name in rule_set.facts
    }


def _reason(decision: rules.Decision, language: Language) -> str:
    return decision.row.says.of(language)
