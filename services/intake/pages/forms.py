"""The forms for filing: what they offer, and how they are shown again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

from flask import render_template, request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from services.intake.queries.places import communities
from services.intake.schemas.filing import MAX_PARTIES, SIDES
from shared.errors import Rejected, Unavailable
from shared.web.context import language, reading
from shared.web.forms import Errors, form_errors, request_key
from shared.web.i18n import N_, translate
from shared.words import codes, label

Options = list[tuple[str, str]]

KINDS = (
    "consent",
    "exclusion",
    "field",
    "handled_by",
    "handled_status",
    "origin",
    "party_kind",
    "vulnerable",
)
SENT_BEFORE = N_(
    "This form has been registered once already. Send it again only if this is another case."
)
_SIDE = re.compile(r"parties\.([0-9]{1,3})\.side")


@dataclass(frozen=True, kw_only=True)
class Form:
    """What is shown of a form: what was typed, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    ticked: MultiDict[str, str] = field(default_factory=MultiDict)
    errors: Errors = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(uuid4()))

    def parties(self) -> list[tuple[str, str]]:
        """Number and side of each party on the form, in order; at first one of each side."""
        found = (_SIDE.fullmatch(name) for name in self.values)
        numbers = sorted((side[1] for side in found if side), key=int)
        return [(number, self.values[f"parties.{number}.side"]) for number in numbers] or [
            (str(number), side) for number, side in enumerate(SIDES)
        ]


def typed() -> Form:
    """The form as it was sent."""
    return Form(values=request.form.to_dict(), ticked=request.form, key=request_key())


def with_another_party(side: str) -> Form:
    """As it was sent, with room for one more of the side."""
    form = typed()
    number = max((int(number) for number, _ in form.parties()), default=0) + 1
    if side not in SIDES or number >= MAX_PARTIES:
        return form
    return replace(form, values={**form.values, f"parties.{number}.side": side})


def refused(error: ValidationError | Rejected) -> Form:
    """The form with what is wrong. Sent once already with other content (the browser's way back
    keeps the hidden key), it gets a new key, so that it can be sent if that is meant.
    """
    form = typed()
    if isinstance(error, Rejected) and not error.fields:
        return replace(form, errors={"": [translate(SENT_BEFORE)]}, key=str(uuid4()))
    return replace(form, errors=form_errors(error, request.form))


def show(template: str, form: Form) -> str:
    """Raises Unavailable before the directory has arrived."""
    with reading() as session:
        places = communities(session, language())
    if not places:
        raise Unavailable("The directory has not arrived yet. Please try again in a moment.")
    return render_template(
        template,
        form=form,
        places=places,
        categories=categories(),
        options={kind: options(kind) for kind in KINDS},
    )


def options(kind: str) -> Options:
    return [(code, label(kind, code, language())) for code in codes(kind)]


def categories() -> list[tuple[str, Options]]:
    """Each first level's words, and what can be chosen below it: itself where nothing is."""
    found = options("category")
    levels = []
    for code, words in found:
        if "." not in code:
            below = [pair for pair in found if pair[0].startswith(f"{code}.")]
            levels.append((words, below or [(code, words)]))
    return levels
