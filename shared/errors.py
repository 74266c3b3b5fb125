"""
Every error this system raises on purpose.

* AppError
  - Malformed            400, the request cannot be read (not JSON, duplicate key, bad cursor)
  - Unauthenticated      401, nobody is signed in, or the token is forged or expired
  - Forbidden            403, the actor's role does not allow this
    + StepUpRequired     403, not without a second factor, just now
  - NotFound             404, the thing does not exist or the actor may not know of it
  - Conflict             409, the thing has moved on: reload and look again
    + IllegalTransition  409, its state does not allow this
  - VersionMoved         412, it is not the version the actor saw
  - Rejected             422, the request is well formed but breaks a rule
  - VersionMissing       428, a change must say which version it was decided on
  - Throttled            429, this was tried too often
  - Unavailable          503, a part of the system is away; the same request may succeed later

The text is an English sentence for the person who caused the error, with ``%(name)s`` places; the
web layer translates it (the class names are gettext keywords, see ``babel.cfg``).
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar, Self


class AppError(Exception):
    """Base of the errors a caller can act on; anything else is a bug."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self, text: str, *, fields: Mapping[str, str] | None = None, **params: object
    ) -> None:
        """``fields`` maps a field's path (``facts.amount``) to what is wrong with it."""
        super().__init__(text % params if params else text)
        self.text = text
        self.params = params
        self.fields = dict(fields or {})

    def at(self, field: str) -> Self:
        """The same error; its text stands at this field of the form, too."""
        self.fields[field] = self.text
        return self


class Malformed(AppError):
    status = HTTPStatus.BAD_REQUEST


class Unauthenticated(AppError):
    status = HTTPStatus.UNAUTHORIZED


class Forbidden(AppError):
    status = HTTPStatus.FORBIDDEN


class StepUpRequired(Forbidden):
    pass


class NotFound(AppError):
    status = HTTPStatus.NOT_FOUND


class Conflict(AppError):
    status = HTTPStatus.CONFLICT


class IllegalTransition(Conflict):
    def __init__(self, current: str, wanted: str, *, kind: str = "state") -> None:
        """``kind`` names the states in ``shared.words``."""
        super().__init__(
            "This cannot be done while the state is %(current)s (it would become %(wanted)s).",
            current=current,
            wanted=wanted,
        )
        self.current = current
        self.wanted = wanted
        self.kind = kind


class VersionMoved(AppError):
    status = HTTPStatus.PRECONDITION_FAILED


class Rejected(AppError):
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class VersionMissing(AppError):
    status = HTTPStatus.PRECONDITION_REQUIRED


class Throttled(AppError):
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, text: str, *, seconds: int, minutes: int) -> None:
        """After so many ``seconds`` it may be tried again; ``minutes`` says the same in words."""
        super().__init__(text, minutes=minutes)
        self.seconds = seconds


class Unavailable(AppError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
