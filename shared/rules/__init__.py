"""Decision tables as data: read strictly, decided with reasons, checked and replayed.

Nothing here knows what a rule is about: facts, routes and words come from the rule files.
"""

from shared.rules.book import RuleBook, load, load_book, rule_book
from shared.rules.conditions import Observed
from shared.rules.decision import Decision, Tried, decide
from shared.rules.facts import Facts, Kind, Value
from shared.rules.linting import Coverage, Finding, lint
from shared.rules.loading import load_rule_set
from shared.rules.reading import Language, RuleSetError, Words
from shared.rules.replaying import Moved, replay
from shared.rules.rule_set import RuleSet
from shared.rules.sentences import in_words

__all__ = [
    "Coverage",
    "Decision",
    "Facts",
    "Finding",
    "Kind",
    "Language",
    "Moved",
    "Observed",
    "RuleBook",
    "RuleSet",
    "RuleSetError",
    "Tried",
    "Value",
    "Words",
    "decide",
    "in_words",
    "lint",
    "load",
    "load_book",
    "load_rule_set",
    "replay",
    "rule_book",
]
