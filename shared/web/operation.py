"""Views that name what they do, so that the policy can decide before anything is read.

``@operation`` is for JSON APIs, ``@page`` for HTML. An application with a route that carries
neither does not start.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema
from werkzeug import Response as AnyResponse

from shared.auth.policy import Policy
from shared.errors import Malformed, VersionMissing
from shared.service import Service
from shared.web.answer import Answer
from shared.web.auditing import begin
from shared.web.context import audit_view, current_actor, service
from shared.web.fields import AreaField, CodeField, Flag, KnownField
from shared.web.reading import (
    read_body,
    read_form,
    read_query,
    read_raw,
    read_upload,
    sent_form,
)

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CODES = (AreaField, CodeField, Flag, KnownField)
PAGING = frozenset({"cursor", "limit"})
VERSION_FIELD = "version"
MAX_VERSION_DIGITS = 15
REPLAYED = "Idempotency-Replayed"


class Guarded(ABC):
    """A view with the action it does, and the kinds of sealed particulars it may show."""

    def __init__(
        self,
        view: Callable[..., object],
        action: str,
        *,
        query: Schema | None = None,
        shows: tuple[str, ...] = (),
    ) -> None:
        self.__name__ = view.__name__
        self.__module__ = view.__module__
        self.__doc__ = view.__doc__
        self.view = view
        self.action = action
        self.query = query
        self.shows = shows

    def __call__(self, **path: Any) -> ResponseReturnValue:
        begin(self.action, filters=self._filters())
        self.check()
        found = self._answer(**path)
        audit_view(self.shows)
        return found

    @abstractmethod
    def _answer(self, **path: Any) -> ResponseReturnValue: ...

    def _filters(self) -> str | None:
        """The filters that are codes, with their values; of any other only that it was used."""
        known = self.query.fields if self.query and request.args else {}
        found = {
            f"{name}={request.args[name]}" if isinstance(field, CODES) else name
            for name, field in known.items()
            if name in request.args and name not in PAGING
        }
        return "&".join(sorted(found)) or None

    def check(self) -> None:
        """Raises Unauthenticated or Forbidden."""
        self.policy(service()).check(current_actor(), self.action)

    def policy(self, of: Service) -> Policy:
        """Which policy knows the action: the service's own."""
        return of.policy


class Operation(Guarded):
    """A view of the JSON API. It gets what was read from the body, then from the query, by place;
    the parts of the path by name.
    """

    def __init__(
        self,
        view: Callable[..., object],
        action: str,
        *,
        body: Schema | None,
        query: Schema | None,
        answer: Schema | None,
        status: int,
        conditional: bool,
        shows: tuple[str, ...] = (),
        raw: str | None = None,
    ) -> None:
        super().__init__(view, action, query=query, shows=shows)
        self.body = body
        self.answer = answer
        self.status = status
        self.conditional = conditional
        self.raw = raw

    def _answer(self, **path: Any) -> ResponseReturnValue:
        result = self.view(*self._read(), **path)
        if isinstance(result, AnyResponse):
            return result
        if not isinstance(result, Answer):
            raise TypeError(f"{self.__name__} must return an Answer or a Response")
        return self._respond(result)

    def _read(self) -> list[object]:
        read: list[object] = []
        if request.method not in SAFE and self.raw is not None:
            read.append(read_raw(self.raw))
        elif request.method not in SAFE:
            body = read_body(self.body)
            read.extend([body] if self.body else [])
        query = read_query(self.query)
        read.extend([query] if self.query else [])
        return read

    def _respond(self, answer: Answer) -> Response:
        response = Response(
            b"" if answer.body is None else msgspec.json.encode(plain(answer, self.answer)),
            status=answer.status or self.status,
            mimetype="application/json",
        )
        if answer.location:
            response.headers["Location"] = answer.location
        if answer.next_cursor:
            response.headers["Link"] = f'<{_following(answer.next_cursor)}>; rel="next"'
        if answer.etag is not None:
            response.set_etag(str(answer.etag))
            if self.conditional and request.method in SAFE:
                _answer_if_unchanged(response, str(answer.etag))
        return response


class Page(Guarded):
    """A view of HTML pages; filters, if it has any, come first, the parts of the path by name."""

    def __init__(
        self,
        view: Callable[..., object],
        action: str,
        *,
        query: Schema | None,
        upload: bool = False,
        shows: tuple[str, ...] = (),
    ) -> None:
        super().__init__(view, action, query=query, shows=shows)
        self.upload = upload

    def _answer(self, **path: Any) -> ResponseReturnValue:
        if request.method not in SAFE and self.upload:
            read_upload()
        elif request.method not in SAFE:
            read_form()
        read = [read_query(self.query)] if self.query else []
        result: Any = self.view(*read, **path)
        if isinstance(result, Answer):
            return redirect(result.location or request.path, 303)
        found: ResponseReturnValue = result
        return found


def operation(
    action: str,
    *,
    body: Schema | None = None,
    query: Schema | None = None,
    answer: Schema | None = None,
    status: int = 200,
    conditional: bool = False,
    shows: tuple[str, ...] = (),
    raw: str | None = None,
) -> Callable[[Callable[..., object]], Operation]:
    """``conditional``: a GET answers 304 to the ETag it gave; a change needs ``If-Match``.
    ``shows``: the kinds of sealed particulars that the answer may hold; each look is audited.
    ``raw``: the body is no JSON but bytes of this type, which the view gets as they are.
    """

    def decorate(view: Callable[..., object]) -> Operation:
        return Operation(
            view,
            action,
            body=body,
            query=query,
            answer=answer,
            status=status,
            conditional=conditional,
            shows=shows,
            raw=raw,
        )

    return decorate


def page(
    action: str,
    *,
    query: Schema | None = None,
    upload: bool = False,
    shows: tuple[str, ...] = (),
) -> Callable[[Callable[..., object]], Page]:
    """A posted form is well formed when the view runs; the view reads it with ``nested``. ``shows``
    as that of ``operation``. ``upload``: it comes with files, which the view finds in
    ``read_upload``.
    """

    def decorate(view: Callable[..., object]) -> Page:
        return Page(view, action, query=query, upload=upload, shows=shows)

    return decorate


def plain(answer: Answer, schema: Schema | None) -> object:
    """The body as plain data, through the schema if there is one."""
    if answer.plain:
        return answer.body
    if schema is not None:
        written: object = schema.dump(answer.body)
        return written
    return msgspec.to_builtins(answer.body)


def current_view() -> Guarded | None:
    """The view that answers this request."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view if isinstance(view, Guarded) else None


def expected_version() -> int:
    """The version the actor saw: from ``If-Match``, or the form's hidden field.

    Raises VersionMissing or Malformed.
    """
    given = request.headers.get("If-Match") or _version_of_form()
    if given is None:
        raise VersionMissing("Say which version you saw: send its ETag in If-Match.")
    given = given.strip().removeprefix("W/")
    if given[:1] == given[-1:] == '"':
        given = given[1:-1]
    if not (given.isascii() and given.isdecimal() and len(given) <= MAX_VERSION_DIGITS):
        raise Malformed("If-Match must be an ETag that was given out here.")
    return int(given)


def _version_of_form() -> str | None:
    form = sent_form()
    return None if form is None else form.get(VERSION_FIELD)


def _answer_if_unchanged(response: Response, etag: str) -> None:
    """304 without a body for who has this version already."""
    if request.if_none_match.contains_weak(etag):
        response.status_code = 304
        response.data = b""
        del response.headers["Content-Length"]
        del response.headers["Content-Type"]


def mark_replayed() -> None:
    """The answer was given before; says so in a header."""
    g.replayed = True


def _following(cursor: str) -> str:
    query: Mapping[str, list[str]] = {**request.args.to_dict(flat=False), "cursor": [cursor]}
    return f"{request.script_root}{request.path}?{urlencode(query, doseq=True)}"
