"""What the audit is told of the particulars that an answer of intake holds."""

from collections.abc import Sequence

from services.intake.queries.disputes import DisputeInFull, DisputeShown
from services.intake.queries.leads import LeadInFull
from shared.web.auditing import shown, withhold

OF_LIST = ("parties",)
OF_DISPUTE = ("parties", "narrative", "place")
OF_LEAD = ("facts", "narrative", "place")


def tell_list(found: Sequence[DisputeShown]) -> None:
    shown(*OF_LIST, masked=not any(each.mine for each in found))


def tell_dispute(found: DisputeInFull) -> None:
    """Only its filer sees more than masked names."""
    shown(*(OF_DISPUTE if found.own else OF_LIST), masked=found.own is None)


def tell_lead(found: LeadInFull) -> None:
    """Only its filer sees more than facts: that somebody looks as such says who has filed it."""
    if found.own:
        withhold()
    shown(*(OF_LEAD if found.own else OF_LEAD[:1]))
