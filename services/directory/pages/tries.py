"""Tries to prove who one is: each is counted before it is looked at, and has one row of the audit,
which says what became of it.

While somebody must wait, nothing is looked at, and nothing told: a flood of tries must not fill
what is kept for ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from services.directory import handlers
from services.directory.handlers import Tries
from services.directory.handlers.throttle import PURPOSE
from services.directory.pages.browser import source
from shared.errors import Unauthenticated
from shared.web.auditing import about
from shared.web.context import audit_refusal, counting, plain_sealer


def tries_of(login: str) -> Tries:
    """With this login, from where the request comes."""
    return Tries.of(login, source(), plain_sealer(PURPOSE))


@contextmanager
def tried(tries: Tries, *, resource: str | None = None) -> Iterator[None]:
    """Whoever is refused in the block leaves the row of a refusal, about the ``resource``, or
    nobody who is known: by the keyed fingerprint of what was typed.

    Raises Throttled.
    """
    with counting() as tx:
        handlers.note_try(tx, tries)
    with refusals_told(resource or tries.login):
        yield


@contextmanager
def refusals_told(resource: str) -> Iterator[None]:
    try:
        yield
    except Unauthenticated:
        about(resource)
        audit_refusal()
        raise
