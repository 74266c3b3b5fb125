"""Why a dispute went where it went, in data and in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session as OrmSession

from services.mediation.models import Decision
from services.mediation.policy import READ
from services.mediation.relations import load
from services.mediation.routing import rule_book
from shared import rules
from shared.auth.actor import Viewer
from shared.events.deciding import FEN
from shared.messaging.replica import LANGUAGES, Directory, Named, directory, named
from shared.rules import Kind, Language, RuleSet
from shared.rules.rule_set import Row


@dataclass(frozen=True, kw_only=True)
class Explained:
    """``reason`` is one plain sentence, ``sentences`` one for each rule that was tried and for
    what comes on top; both by language.
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
    reason: Mapping[str, str]
    sentences: Mapping[str, Sequence[str]]

    @property
    def in_words(self) -> Mapping[str, str]:
        return {
            language: "\n".join((self.reason[language], *self.sentences[language]))
            for language in LANGUAGES
        }


def explained(session: OrmSession, viewer: Viewer, case_id: UUID) -> Explained:
    """Decides again with the version and the facts of then. Raises NotFound."""
    load(session, viewer, READ, case_id)
    found = session.get_one(Decision, case_id)
    rule_set = rule_book().version(found.version)
    again = rules.decide(rule_set, _facts(found, rule_set))
    return Explained(
        route=found.route,
        rule=found.rule,
        rule_set={"name": found.rule_set, "version": found.version, "valid_from": found.valid_from},
        decided_at=found.decided_at,
        directory_revision=found.directory_revision,
        facts=_shown(found, rule_set),
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
        assigned=_assigned(found, directory(session)),
        reason={"zh": _reason(again, "zh"), "en": _reason(again, "en")},
        sentences={"zh": rules.in_words(again, "zh"), "en": rules.in_words(again, "en")},
    )


def _facts(found: Decision, rule_set: RuleSet) -> rules.Facts:
    """As the rules take them: JSON has no sets."""
    return {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in found.facts.items()
        if name in rule_set.facts
    }


def _shown(found: Decision, rule_set: RuleSet) -> Mapping[str, object]:
    """Amounts are named as in events, so that nobody takes fen for yuan."""
    amounts = {name for name, fact in rule_set.facts.items() if fact.kind is Kind.AMOUNT}
    return {name + FEN if name in amounts else name: value for name, value in found.facts.items()}


def _assigned(found: Decision, snapshot: Directory) -> Mapping[str, Named]:
    names = {role: named(snapshot, entry_id) for role, entry_id in found.assigned.items()}
    return {role: name for role, name in names.items() if name is not None}


def _reason(decision: rules.Decision, language: Language) -> str:
    """What the rule says, after those of its branches that brought it about."""
    matched = [tried.rule for tried in decision.tried if tried.matched]
    branches = [rule for rule in matched if not isinstance(rule, Row)]
    said = [rule.says.of(language) for rule in (*branches, decision.row)]
    return ("" if language == "zh" else " ").join(said)
