"""A district as data: the rules that hold for it, what it lacks, and its tables."""

from services.directory.data.checking import Wrong, wrong
from services.directory.data.coverage import Gap, caused, gaps
from services.directory.data.district import (
    AGENCY,
    AREA_LENGTHS,
    BUILDING,
    PLACES,
    SPECIAL_COMMITTEE,
    District,
    below,
    normal,
    responsibilities_of,
)
from services.directory.data.importing import NEW, Plan, RowResult, fingerprint, plan
from services.directory.data.loading import DEMO, DistrictInvalid, load_district
from services.directory.data.reach import refused
from services.directory.data.roles import roles_for
from services.directory.data.succession import Proposal, candidates, proposals
from services.directory.data.tables import TABLES, Table, Unreadable, canonical, written
from services.directory.data.week import days_around, week

__all__ = [
    "AGENCY",
    "AREA_LENGTHS",
    "BUILDING",
    "DEMO",
    "NEW",
    "PLACES",
    "SPECIAL_COMMITTEE",
    "TABLES",
    "District",
    "DistrictInvalid",
    "Gap",
    "Plan",
    "Proposal",
    "RowResult",
    "Table",
    "Unreadable",
    "Wrong",
    "below",
    "candidates",
    "canonical",
    "caused",
    "days_around",
    "fingerprint",
    "gaps",
    "load_district",
    "normal",
    "plan",
    "proposals",
    "refused",
    "responsibilities_of",
    "roles_for",
    "week",
    "written",
    "wrong",
]
