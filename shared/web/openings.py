"""What is sent, answered and shown where a case is opened: the same in every service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from marshmallow import ValidationError, fields

from shared.auth.actor import Actor
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.db.openings import Judge, Open, Openable
from shared.errors import Rejected
from shared.messaging.replica import directory, named
from shared.web.answer import Answer
from shared.web.context import current_actor, reading, sealer, viewer
from shared.web.forms import Errors, form_errors, nested
from shared.web.i18n import language
from shared.web.idempotency import once
from shared.web.schema import AnswerSchema, CodeField, CommandSchema, Text
from shared.words import codes, label

MAX_REASON = 1_000


class OpenSchema(CommandSchema[Open]):
    command = Open

    reason_code = CodeField(sorted(codes("opening_reason")), required=True)
    reason = Text(max_length=MAX_REASON, min_length=4, multiline=True, required=True)


class JudgeSchema(CommandSchema[Judge]):
    command = Judge

    result = CodeField(sorted(codes("opening_result")), required=True)


class OpenedSchema(AnswerSchema):
    opening_id = fields.UUID(required=True)


class OpeningSchema(AnswerSchema):
    opening_id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    member_id = fields.String(required=True)
    role = fields.String(required=True)
    reason_code = fields.String(required=True)
    reason = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    review_by = fields.AwareDateTime(required=True)


class OpeningsSchema(AnswerSchema):
    items = fields.List(fields.Nested(OpeningSchema), required=True)


OPENING = OpenSchema()
JUDGING = JudgeSchema()

Opens = Callable[[Transaction, UUID, Actor, Open, Sealer], UUID]


def opened_answer(openable: Openable, case_id: UUID, command: Open) -> Answer:
    return _opened_answer(openable.open, openable.purpose, case_id, command)


def glass_answer(openable: Openable, case_id: UUID, command: Open) -> Answer:
    return _opened_answer(openable.break_glass, openable.purpose, case_id, command)


def openings_answer(openable: Openable) -> Answer:
    with reading() as session:
        return Answer({"items": openable.to_review(session, viewer(), sealer(openable.purpose))})


def reviewed_answer(openable: Openable, case_id: UUID, opening_id: UUID, command: Judge) -> Answer:
    def work(tx: Transaction) -> Answer:
        openable.review(tx, case_id, opening_id, current_actor(), command)
        return Answer(None)

    return once(work)


@dataclass(frozen=True, kw_only=True)
class OpeningPages:
    """What a blueprint's views ``break_glass``, ``openings`` and ``review_opening`` show.

    ``case`` is the endpoint of a case's own page, ``argument`` what addresses call its id. A form
    that was refused is shown again.
    """

    openable: Openable
    case: str
    argument: str

    def open_case(self, case_id: UUID, again: Callable[[Errors], str]) -> Answer | tuple[str, int]:
        """Back to the case; its form stands on the page that ``again`` shows."""
        return self._opened(self.openable.open, case_id, again)

    def glass(self, case_id: UUID, errors: Errors | None = None) -> str:
        """Where somebody breaks the glass."""
        with reading() as session:
            number = self.openable.number(session, viewer(), case_id)
        return render_template(
            "openings/break_glass.html",
            address=self._address(".break_glass", case_id),
            number=number,
            reasons=reasons(),
            errors=errors or {},
            values=request.form.to_dict(),
        )

    def break_glass(self, case_id: UUID) -> Answer | tuple[str, int]:
        return self._opened(
            self.openable.break_glass, case_id, lambda errors: self.glass(case_id, errors)
        )

    def openings(self, errors: Errors | None = None) -> str:
        """What waits to be looked at."""
        with reading() as session:
            found = self.openable.to_review(session, viewer(), sealer(self.openable.purpose))
            known = directory(session)
        return render_template(
            "openings/openings.html",
            rows=found,
            members={one.member_id: named(known, one.member_id) for one in found},
            address_of=lambda one: self._address(self.case, one.case_id),
            review_of=lambda one: self._address(
                ".review_opening", one.case_id, opening_id=one.opening_id
            ),
            results=_pairs("opening_result"),
            errors=errors or {},
        )

    def review(self, case_id: UUID, opening_id: UUID) -> Answer | tuple[str, int]:
        def work(tx: Transaction) -> Answer:
            command = JUDGING.read(nested(request.form))
            self.openable.review(tx, case_id, opening_id, current_actor(), command)
            return Answer(None, location=url_for(".openings"))

        try:
            return once(work)
        except (ValidationError, Rejected) as error:
            return self.openings(form_errors(error, request.form)), 422

    def _opened(
        self, opening: Opens, case_id: UUID, again: Callable[[Errors], str]
    ) -> Answer | tuple[str, int]:
        def work(tx: Transaction) -> Answer:
            command = OPENING.read(nested(request.form))
            opening(tx, case_id, current_actor(), command, sealer(self.openable.purpose))
            return Answer(None, location=self._address(self.case, case_id))

        try:
            return once(work)
        except ValidationError as error:
            return again(form_errors(error, request.form)), 422

    def _address(self, endpoint: str, case_id: UUID, **more: UUID) -> str:
        values: dict[str, Any] = {self.argument: case_id, **more}
        return url_for(endpoint, **values)


def reasons() -> list[tuple[str, str]]:
    return _pairs("opening_reason")


def _opened_answer(opening: Opens, purpose: str, case_id: UUID, command: Open) -> Answer:
    def work(tx: Transaction) -> Answer:
        opening_id = opening(tx, case_id, current_actor(), command, sealer(purpose))
        return Answer({"opening_id": opening_id})

    return once(work)


def _pairs(kind: str) -> list[tuple[str, str]]:
    return [(code, label(kind, code, language())) for code in codes(kind)]
