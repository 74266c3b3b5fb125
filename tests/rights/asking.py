"""One request for each action, and what its answer tells about the decision behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.rights.expected import ROLES, STANDINGS, Cell, cells, shown

NOWHERE = '"987654321"'
"""A version that nothing has: who may do it is told so (412), and nothing is changed."""
EXPECTED = cells()

Look = Callable[[TestResponse], frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Request:
    """``path`` has places for the ids of a standing. ``allowed``: the status of who may.
    ``read``: the action of knowing of it at all. ``lists``: the id that is in the answer only for
    whom it concerns; ``looks``: which kinds of particulars are in the answer.
    """

    action: str
    method: str
    path: str
    allowed: int
    read: str
    body: Mapping[str, Any] | None = None
    lists: str | None = None
    looks: Look | None = None
    unless: frozenset[str] = frozenset()
    after: Callable[[TestResponse], None] = field(default=lambda _: None)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The ids of the case, and the token of somebody in a role who stands so to it."""

    ids: Mapping[str, str]
    headers: Callable[[str], Mapping[str, str]]


def differences(
    client: FlaskClient, service: str, request: Request, world: Mapping[str, Standing]
) -> tuple[int, list[str]]:
    """How many cells there were, and which of them are not as expected."""
    roles_that_may = {key[2] for key in EXPECTED if key[:2] == (service, request.action)}
    found, count = [], 0
    for standing in STANDINGS[service]:
        if standing in request.unless or standing not in world:
            continue
        for role in ROLES:
            count += 1
            cell = EXPECTED.get((service, request.action, role, standing))
            answer = _ask(client, request, world[standing], role)
            if request.lists is not None:
                problem = _listed(
                    request, world[standing], cell, answer, may=role in roles_that_may
                )
            elif cell is None:
                readable = (service, request.read, role, standing) in EXPECTED
                wanted = 403 if role not in roles_that_may or readable else 404
                problem = _status(answer, wanted)
            else:
                problem = _status(answer, request.allowed) or _shown(service, request, cell, answer)
            if problem:
                found.append(f"{request.method} {request.path} {role} {standing}: {problem}")
            request.after(answer)
    return count, found


def _ask(client: FlaskClient, request: Request, standing: Standing, role: str) -> TestResponse:
    headers = dict(standing.headers(role))
    if request.allowed == 412:
        headers["If-Match"] = NOWHERE
    return client.open(
        request.path.format(**standing.ids),
        method=request.method,
        json=request.body,
        headers=headers,
    )


def _listed(
    request: Request, standing: Standing, cell: Cell | None, answer: TestResponse, *, may: bool
) -> str | None:
    there = standing.ids[request.lists or ""] in answer.text
    problem = _status(answer, 200 if may else 403)
    if there != (cell is not None):
        return f"{'in' if there else 'not in'} the list"
    return problem


def _status(answer: TestResponse, wanted: int) -> str | None:
    found = answer.status_code
    return None if found == wanted else f"{found}, not {wanted}: {answer.text[:200]}"


def _shown(service: str, request: Request, cell: Cell, answer: TestResponse) -> str | None:
    if request.looks is None:
        return None
    told, wanted = request.looks(answer), shown(service, cell.outcome)
    return None if told == wanted else f"shows {sorted(told)}, not {sorted(wanted)}"
