"""What every service tells ``ops`` about its part of the event backbone, and retries for it.

Internal: answers the ops service only, and never comes through the gateway.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint

from shared.auth.policy import Policy
from shared.messaging import backbone
from shared.service import Service
from shared.web.answer import Answer
from shared.web.context import reading, service, transaction
from shared.web.fields import Text, WholeNumber
from shared.web.operation import Operation
from shared.web.schema import CommandSchema

POLICY = Policy(
    {
        "backbone.read": frozenset({"service:ops"}),
        "backbone.retry": frozenset({"service:ops"}),
    }
)


@dataclass(frozen=True, kw_only=True)
class SubjectsAfter:
    after: str = ""
    limit: int = 1_000


@dataclass(frozen=True, kw_only=True)
class Retry:
    """One parked case, one dead letter, or with neither all of both."""

    key: str | None = None
    dead_letter_id: int | None = None


class _SubjectsAfter(CommandSchema[SubjectsAfter]):
    command = SubjectsAfter

    after = Text(max_length=64)
    limit = WholeNumber(minimum=1, maximum=5_000)


class _Retry(CommandSchema[Retry]):
    command = Retry

    key = Text(max_length=64)
    dead_letter_id = WholeNumber()


class Inside(Operation):
    """An operation that all services have, with a policy of its own."""

    def policy(self, of: Service) -> Policy:  # noqa: ARG002 – whatever the service
        return POLICY


def _state() -> Answer:
    with reading() as session:
        return Answer(
            {
                "service": service().name,
                "counts": backbone.counts(session),
                "read_up_to": backbone.read_up_to(session),
                "parked": backbone.parked_cases(session),
                "dead_letters": backbone.dead_letters(session),
            }
        )


def _subjects(wanted: SubjectsAfter) -> Answer:
    with reading() as session:
        found = backbone.subjects(session, after=wanted.after, limit=wanted.limit)
    return Answer({"subjects": found})


def _retry(command: Retry) -> Answer:
    with transaction() as tx:
        found = backbone.retry(tx, key=command.key, dead_letter_id=command.dead_letter_id)
    return Answer({"retrying": found})


def backbone_blueprint() -> Blueprint:
    """The routes, for any service."""
    blueprint = Blueprint("backbone", __name__, url_prefix="/internal/v1/backbone")
    for rule, name, method, view, schemas in (
        ("", "state", "GET", _state, {}),
        ("/subjects", "subjects", "GET", _subjects, {"query": _SubjectsAfter()}),
        ("/retry", "retry", "POST", _retry, {"body": _Retry()}),
    ):
        action = "backbone.retry" if method == "POST" else "backbone.read"
        options: dict[str, Any] = {"body": None, "query": None, **schemas}
        inside = Inside(view, action, answer=None, status=200, conditional=False, **options)
        blueprint.add_url_rule(rule, name, inside, methods=[method])
    return blueprint
