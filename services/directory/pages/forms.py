"""The forms of the directory: how they are filled in, and shown again when they are refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.directory.data import AREA_LENGTHS, Gap
from services.directory.handlers import Uncovered
from services.directory.queries import Branch, Names
from shared.db import Transaction
from shared.errors import Rejected
from shared.web.answer import Answer
from shared.web.context import language
from shared.web.forms import Errors, form_errors
from shared.web.idempotency import once
from shared.words import codes, label

Options = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Form:
    """``ticked`` holds the boxes; ``gaps`` ask to be confirmed."""

    values: Mapping[str, str] = field(default_factory=dict)
    ticked: MultiDict[str, str] = field(default_factory=MultiDict)
    errors: Errors = field(default_factory=dict)
    gaps: Sequence[Gap] = ()


def filled(values: Mapping[str, object], **ticked: Sequence[str]) -> Form:
    """As something that exists would have been typed."""
    boxes = MultiDict([(f"{name}[]", code) for name, chosen in ticked.items() for code in chosen])
    return Form(values={name: str(v) for name, v in values.items() if v is not None}, ticked=boxes)


def submitted(
    work: Callable[[Transaction], Answer], again: Callable[[Form], str]
) -> ResponseReturnValue | Answer:
    """Do it once, or show the form ``again`` as it was sent, with what is wrong."""
    try:
        return once(work)
    except (ValidationError, Rejected) as error:
        refused = Form(
            values=request.form.to_dict(),
            ticked=request.form,
            errors=_errors(error),
            gaps=error.gaps if isinstance(error, Uncovered) else (),
        )
        return again(refused), 422


def _errors(error: ValidationError | Rejected) -> Errors:
    """Gaps stand in a list of their own."""
    found = form_errors(error, request.form)
    return {name: texts for name, texts in found.items() if not name.startswith("gaps.")}


def options(kind: str, chosen: Sequence[str] | None = None) -> Options:
    """Codes with their words."""
    return [(code, label(kind, code, language())) for code in chosen or codes(kind)]


def organisation_options(tree: Sequence[Branch]) -> Options:
    return [
        (branch.organisation.id, "　" * branch.depth + named(branch.organisation))
        for branch in tree
    ]


def area_options(known: Names, areas: Sequence[str]) -> Options:
    """The places that lie in these areas, each behind the one it lies in."""
    inside = [code for code in sorted(known.areas) if any(code.startswith(one) for one in areas)]
    levels = list(AREA_LENGTHS.values())
    top = min((levels.index(len(code)) for code in inside), default=0)
    return [(code, "　" * (levels.index(len(code)) - top) + known.areas[code]) for code in inside]


def named(entry: object) -> str:
    """An organisation or a member, in the language of the request."""
    name: str = getattr(entry, "name_zh" if language() == "zh" else "name_en")
    return name
