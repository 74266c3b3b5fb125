"""The gaps of the ledger: each case that nothing explains, by name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from services.ops.queries.books import Books
from services.ops.queries.finding import Findings
from services.ops.queries.looks import DECIDERS, REGISTRAR
from shared.web.i18n import N_


class What(StrEnum):
    """What is the matter with a case that nothing explains."""

    NEVER_SEEN = N_("never seen in the log")
    UNREGISTERED = N_("seen in the log without a registration")
    DECIDED_ONLY = N_("decided without a registration")
    NOT_DECIDED = N_("read but not decided")
    UNKNOWN = N_("in the log, but unknown to intake")


@dataclass(frozen=True, kw_only=True)
class Gap:
    """``service`` is where to look first; ``since`` as far as it is known."""

    subject: str
    number: str | None
    what: What
    service: str
    since: datetime | None


def gaps(ours: Books, findings: Findings) -> Iterator[Gap]:
    return chain(_lost(findings), _undecided(findings), _orphans(ours), _strangers(findings))


def _lost(findings: Findings) -> Iterator[Gap]:
    for subject, noticed in findings.lost.items():
        yield Gap(
            subject=subject, number=None, what=What.NEVER_SEEN, service=REGISTRAR, since=noticed
        )


def _undecided(findings: Findings) -> Iterator[Gap]:
    for case in findings.undecided:
        yield Gap(
            subject=case.subject,
            number=case.number,
            what=What.NOT_DECIDED,
            service=DECIDERS[case.kind],
            since=case.registered_at,
        )


def _orphans(ours: Books) -> Iterator[Gap]:
    for case in ours.orphans:
        yield Gap(
            subject=case.subject,
            number=case.number,
            what=What.DECIDED_ONLY if case.decided else What.UNREGISTERED,
            service=REGISTRAR,
            since=case.since,
        )


def _strangers(findings: Findings) -> Iterator[Gap]:
    for subject, heard in findings.strangers.items():
        yield Gap(
            subject=subject,
            number=heard.number,
            what=What.UNKNOWN,
            service=REGISTRAR,
            since=heard.registered_at,
        )


def by_service(ours: Books, findings: Findings) -> Counter[str]:
    found = Counter(dict.fromkeys((REGISTRAR, *DECIDERS.values()), 0))
    found[REGISTRAR] += ours.unregistered + len(findings.lost) + len(findings.strangers)
    found.update(DECIDERS[case.kind] for case in findings.undecided)
    return found
