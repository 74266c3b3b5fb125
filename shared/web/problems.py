"""Every error as an answer: a problem (RFC 9457) for programs, a page for people."""

import errno
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode

import msgspec
from flask import Flask, Response, current_app, g, render_template, request
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.errors import AppError, IllegalTransition, StepUpRequired, Throttled
from shared.messaging.log import LogUnavailable
from shared.telemetry import logger
from shared.web.i18n import N_, language, translate
from shared.web.operation import Operation, current_view
from shared.web.schema import flat_errors
from shared.words import label

MIMETYPE = "application/problem+json"
STEP_UP = "/directory/step-up"
FOR_PROGRAMS = ("/api/", "/internal/", "/open311/", "/health/", "/metrics")

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE})
_TITLES = {
    400: N_("This request cannot be read"),
    401: N_("Please sign in"),
    403: N_("You may not do this"),
    404: N_("There is nothing here"),
    405: N_("This cannot be done here"),
    406: N_("There is no such form of the answer"),
    408: N_("The request took too long"),
    409: N_("It has moved on"),
    412: N_("It is not the version you saw"),
    413: N_("This is too large"),
    414: N_("The address is too long"),
    415: N_("This type of content is not read here"),
    422: N_("Something needs to be put right"),
    428: N_("Say which version you saw"),
    429: N_("Too many requests"),
    500: N_("Something went wrong here"),
    503: N_("This does not work at the moment"),
}
_DETAILS = {
    404: N_("There is no such page or record, or you may not see it."),
    405: N_("The address exists, but not for this kind of request."),
    413: N_("Send less than 256 KiB; a table may have 1 MiB."),
    415: N_("Send JSON to the API (application/json), and forms as browsers do."),
    500: N_("It was recorded, and nothing was changed. Please tell operations the number below."),
    503: N_("Nothing was changed. Please try again in a few seconds."),
}
_TEXTS_OF_CLASSES = (
    # IllegalTransition's own, which stands where it is not looked for
    N_("This cannot be done while the state is %(current)s (it would become %(wanted)s)."),
)
_FIELDS = N_("Some fields need to be put right.")


@dataclass(frozen=True, kw_only=True)
class Problem:
    status: int
    detail: str = ""
    type: str = "about:blank"
    errors: dict[str, list[str]] = field(default_factory=dict)
    step_up: str | None = None
    """Where to prove who one is, to come back here afterwards."""

    @property
    def title(self) -> str:
        return translate(_TITLES.get(self.status) or HTTPStatus(self.status).phrase)


def install(app: Flask) -> None:
    app.register_error_handler(Exception, answer_to)


def answer_to(error: Exception) -> Response:
    problem = _problem(error)
    _record(error, problem.status)
    response = _as_json(problem) if for_programs() else _as_page(problem)
    response.headers["Content-Language"] = "zh-Hans-CN" if language() == "zh" else "en"
    if isinstance(error, Throttled):
        response.headers["Retry-After"] = str(error.seconds)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="hemu"'
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def for_programs() -> bool:
    """Whether the answer is read by a program."""
    return isinstance(current_view(), Operation) or request.path.startswith(FOR_PROGRAMS)


def _problem(error: Exception) -> Problem:
    match error:
        case AppError():
            return Problem(
                status=error.status,
                type=f"urn:hemu:problem:{_dashed(type(error).__name__)}",
                detail=translate(error.text, **_params(error)),
                errors={
                    name: [translate(text, **_params(error))] for name, text in error.fields.items()
                },
                step_up=_step_up() if isinstance(error, StepUpRequired) else None,
            )
        case ValidationError():
            return Problem(
                status=422,
                type="urn:hemu:problem:rejected",
                detail=translate(_FIELDS),
                errors=flat_errors(error.messages),
            )
        case StaleDataError():
            return Problem(
                status=409,
                type="urn:hemu:problem:conflict",
                detail=translate("Someone else has changed this case. Please reload."),
            )
        case HTTPException():
            return _plain_problem(error.code or 500)
        case _:
            return _plain_problem(503 if away(error) else 500)


def _step_up() -> str:
    here = f"{request.script_root}{request.path}"
    return f"{STEP_UP}?{urlencode({'next': here})}"


def away(error: Exception) -> bool:
    """Whether a part of the system is out of reach, so that trying again may help."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, OSError):
        return isinstance(error, ConnectionError) or error.errno in _NO_ROOM
    return isinstance(error, OperationalError | InterfaceError | NoConnection | LogUnavailable)


def _plain_problem(status: int) -> Problem:
    return Problem(status=status, detail=translate(_DETAILS.get(status, "")))


def _params(error: AppError) -> dict[str, object]:
    if isinstance(error, IllegalTransition):
        states = {"current": error.current, "wanted": error.wanted}
        return {name: label(error.kind, code, language()) for name, code in states.items()}
    return error.params


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _record(error: Exception, status: int) -> None:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        cause = error.__cause__ if isinstance(error, DBAPIError) else None
        level = logger().warning if status == HTTPStatus.SERVICE_UNAVAILABLE else logger().error
        level("request.failed", status=status, exc_info=error, reason=_class(cause))


def _class(error: BaseException | None) -> str | None:
    return type(error).__qualname__ if error else None


def _as_json(problem: Problem) -> Response:
    body: dict[str, object] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "errors": problem.errors,
        "step_up": problem.step_up,
        "request_id": g.get("request_id"),
    }
    kept = {name: value for name, value in body.items() if value}
    return Response(msgspec.json.encode(kept), status=problem.status, mimetype=MIMETYPE)


def _as_page(problem: Problem) -> Response:
    html = render_template("error.html", problem=problem, request_id=g.get("request_id"))
    return current_app.response_class(html, status=problem.status)
