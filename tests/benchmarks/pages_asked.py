"""Which pages and lists are asked for, by whom: all that people look at day by day.

Names in braces stand for a case that is looked up first (``Examples``).
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from shared.web.paging import Cursor

MEDIATOR, DIRECTOR, JUDICIAL, PROSECUTOR = "m-0002", "m-0001", "m-0033", "m-0042"
OFFICER, PROC_INTAKE, CHIEF, AGENCY, AGENCY_LEAD = "m-0031", "m-0041", "m-0044", "m-0068", "m-0047"
LIAISON, OPERATOR = "m-0019", "m-0036"
API = "/api/v1"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A page or a list of the API. ``member`` is one of the demo district."""

    member: str
    path: str

    @property
    def service(self) -> str:
        return self.path.split("/")[1]


_LISTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "/intake/disputes": {
        "": (DIRECTOR, PROSECUTOR),
        "state=consent_pending": (MEDIATOR, PROSECUTOR),
        "state=closed&area=350599002": (DIRECTOR,),
        "category=neighbour": (DIRECTOR,),
        "category=medical.any": (DIRECTOR,),
        "category=forest_land": (DIRECTOR,),
        "area=350599002": (JUDICIAL,),
        "area=350599002001": (JUDICIAL,),
        "area=350599002001003": (JUDICIAL,),
        "area=350599002001&state=safety_hold": (DIRECTOR,),
        "q={number}": (DIRECTOR, PROSECUTOR),
        "mine=true": (MEDIATOR,),
        "mine=true&state=accepted": (MEDIATOR,),
        "cursor={cursor}": (DIRECTOR,),
        "state=closed&cursor={cursor}": (DIRECTOR,),
        "state=triage": (DIRECTOR, PROSECUTOR),
    },
    "/intake/leads": {
        "": (OFFICER, PROSECUTOR),
        "state=screening": (OFFICER,),
        "field=food_drug": (OFFICER,),
        "area=350599002": (OFFICER,),
        "area=350599001002": (OFFICER,),
        "mine=true": (OFFICER,),
        "cursor={cursor}": (OFFICER,),
    },
    "/mediation/mediations": {
        "": (DIRECTOR, PROSECUTOR),
        "state=consent_pending": (DIRECTOR, PROSECUTOR),
        "state=accepted": (MEDIATOR,),
        "state=closed": (DIRECTOR,),
        "state=triage": (DIRECTOR, PROSECUTOR),
        "mediator=me": (MEDIATOR,),
        "mediator=me&state=in_mediation": (MEDIATOR,),
        "route=joint_room": (DIRECTOR,),
        "route=police_immediate&state=safety_hold": (DIRECTOR,),
        "route=ask_again": (DIRECTOR,),
        "route=special_committee&state=consent_pending": (DIRECTOR,),
        "area=350599002": (JUDICIAL,),
        "area=350599002001&state=consent_pending": (JUDICIAL,),
        "area=350599009001": (JUDICIAL,),
        "area=350599002001&route=joint_room&state=closed": (JUDICIAL,),
        "cursor={cursor}": (DIRECTOR,),
        "state=closed&cursor={cursor}": (DIRECTOR,),
        "mediator=me&area=350599002": (MEDIATOR,),
    },
    "/referral/leads": {
        "": (OFFICER, PROSECUTOR, PROC_INTAKE, CHIEF, LIAISON),
        "state=screening": (OFFICER, LIAISON),
        "state=under_evaluation": (PROSECUTOR, CHIEF),
        "state=closed": (OFFICER, PROSECUTOR),
        "route=agency_urgent": (OFFICER,),
        "field=food_drug": (OFFICER,),
        "area=350599001002": (OFFICER, CHIEF),
        "cursor={cursor}": (OFFICER,),
    },
    "/referral/orders": {
        "": (OFFICER, AGENCY, AGENCY_LEAD),
        "state=opened": (OFFICER, AGENCY),
        "state=closed": (OFFICER, AGENCY),
        "state=objected": (OFFICER, PROSECUTOR),
        "cursor={cursor}": (AGENCY,),
    },
    "/ops/flows": {
        "": (OPERATOR,),
        "kind=lead": (OPERATOR,),
        "stage=waiting": (OPERATOR,),
        "stage=routed": (OPERATOR,),
        "stage=concluded": (OPERATOR,),
        "stage=parked": (OPERATOR,),
        "kind=lead&stage=routed": (OPERATOR,),
        "kind=lead&stage=concluded": (OPERATOR,),
        "area=350599002001": (OPERATOR,),
        "area=350599009": (OPERATOR,),
        "area=350599002001&stage=waiting": (OPERATOR,),
        "area=350599002001&kind=lead&stage=routed": (OPERATOR,),
        "cursor={cursor}": (OPERATOR,),
    },
}
_ONE: Mapping[str, tuple[str, ...]] = {
    "/intake/disputes/{case}": (DIRECTOR,),
    "/intake/leads/{lead}": (OFFICER,),
    "/mediation/mediations/{case}": (MEDIATOR, DIRECTOR),
    "/mediation/mediations/{joint}": (PROSECUTOR,),
    "/referral/leads/{lead}": (OFFICER, LIAISON),
    "/referral/orders/{order}": (OFFICER,),
    "/ops/flows/{case}": (OPERATOR,),
    "/ops/flows/{number}": (OPERATOR,),
}
_AS_THEY_ARE: Mapping[str, tuple[str, ...]] = {
    "/mediation/": (MEDIATOR, DIRECTOR, JUDICIAL),
    "/mediation/rooms": (MEDIATOR, DIRECTOR, JUDICIAL, PROSECUTOR),
    "/mediation/mediations/count": (MEDIATOR, DIRECTOR),
    "/referral/leads/count": (OFFICER,),
    "/ops/dead-letters/count": (OPERATOR,),
    f"/mediation{API}/mediations/{{case}}/routing": (MEDIATOR,),
    f"/mediation{API}/mediations/{{case}}/timeline": (MEDIATOR,),
    f"/mediation{API}/rooms": (DIRECTOR,),
    f"/referral{API}/leads/{{lead}}/routing": (OFFICER,),
    f"/referral{API}/leads/{{lead}}/timeline": (OFFICER,),
    f"/ops{API}/lag": (OPERATOR,),
    f"/ops{API}/reconciliation": (OPERATOR,),
    f"/ops{API}/dead-letters": (OPERATOR,),
}
_PAGES_ONLY: Mapping[str, tuple[str, ...]] = {"/ops/dead-letters": (OPERATOR,)}


@dataclass(frozen=True, kw_only=True)
class Examples:
    """A case of every kind, none of them new, and the place in the middle of all."""

    case: str
    number: str
    joint: str
    lead: str
    order: str
    cursor: str

    @classmethod
    def of(cls, home: Path) -> "Examples":
        mediation = sqlite3.connect(f"file:{home / 'mediation.sqlite'}?mode=ro", uri=True)
        referral = sqlite3.connect(f"file:{home / 'referral.sqlite'}?mode=ro", uri=True)
        try:
            room = mediation.execute("SELECT case_id FROM rooms LIMIT 1").fetchone()
            order = referral.execute("SELECT lead_id, order_id FROM orders LIMIT 1").fetchone()
            middle = mediation.execute(
                "SELECT case_id, number, since FROM mediations WHERE state = 'closed' "
                "ORDER BY since LIMIT 1 OFFSET "
                "(SELECT count(*) / 2 FROM mediations WHERE state = 'closed')"
            ).fetchone()
        finally:
            mediation.close()
            referral.close()
        at = datetime.fromisoformat(middle[2]).replace(tzinfo=UTC)
        return cls(
            case=str(UUID(middle[0])),
            number=middle[1],
            joint=str(UUID(room[0])),
            lead=str(UUID(order[0])),
            order=str(UUID(order[1])),
            cursor=Cursor(at, str(UUID(middle[0]))).encode(),
        )


def everything(examples: Examples) -> Iterator[Asked]:
    """Each list as a page and by the API, each case, and what else there is."""
    for path, filters in _LISTS.items():
        service = path.split("/")[1]
        in_api = path.replace(f"/{service}", f"/{service}{API}", 1)
        for query, members in filters.items():
            for member in members:
                for where in (path, in_api):
                    full = f"{where}?{query}" if query else where
                    yield Asked(member=member, path=full.format(**vars(examples)))
    for path, members in (*_ONE.items(), *_AS_THEY_ARE.items(), *_PAGES_ONLY.items()):
        for member in members:
            yield Asked(member=member, path=path.format(**vars(examples)))
    for path, members in _ONE.items():
        service = path.split("/")[1]
        in_api = path.replace(f"/{service}", f"/{service}{API}", 1)
        yield Asked(member=members[0], path=in_api.format(**vars(examples)))
