"""Compares intake's list of cases with ours, page by page: only needed when the numbers differ."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from services.ops.queries.books import MOST, Heard, between, heard_of
from services.ops.queries.looks import PATH, REGISTRAR
from shared.readable import readable
from shared.web.platform import Platform

PAGE = 5_000


@readable
class _Page(msgspec.Struct):
    subjects: Sequence[str]


@dataclass(kw_only=True)
class Differences:
    """``missing`` are cases of intake that nothing was heard of, ``strangers`` registrations that
    intake does not know.
    """

    missing: set[str] = field(default_factory=set)
    strangers: dict[str, Heard] = field(default_factory=dict)


def compare(here: Platform, before: datetime, *, page: int = PAGE) -> Differences:
    """``before``: a younger registration may have been accepted after intake gave us its page, and
    is no stranger yet. Raises AppError, or MsgspecError, when intake does not answer.
    """
    missing: set[str] = set()
    unknown: set[str] = set()
    after, last = "", False
    while not last and len(missing) + len(unknown) < MOST:
        theirs = _theirs(here, after, page)
        last = len(theirs) < page
        with here.database.reading() as session:
            ours = between(session, after, theirs[-1]) if theirs else set()
            if last:
                ours |= between(session, theirs[-1] if theirs else after, None)
        missing.update(set(theirs) - ours)
        unknown.update(ours - set(theirs))
        after = theirs[-1] if theirs else after
    with here.database.reading() as session:
        return Differences(missing=missing, strangers=heard_of(session, unknown, before))


def _theirs(here: Platform, after: str, page: int) -> Sequence[str]:
    query = urlencode({"after": after, "limit": page})
    answer = here.internal.get(REGISTRAR, f"{PATH}/subjects?{query}")
    return msgspec.convert(answer, _Page).subjects
