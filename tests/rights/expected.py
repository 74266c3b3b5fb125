"""The table of expectations, read; what is not listed in it is denied."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.auth.relations import Relation

HERE = Path(__file__).parent
ROLES = (
    *("agency_handler", "agency_lead", "auditor", "chief_prosecutor", "child_protection"),
    *("conference_secretary", "grid_worker", "judicial_office", "liaison", "mediator"),
    *("ops", "org_admin", "pmc_director", "police_liaison", "proc_intake", "prosecutor"),
    *("referral_officer", "resident", "room_coordinator", "volunteer"),
)
_HOLDER, _AREA, _COMMITTEE = Relation.HOLDER, Relation.AREA, Relation.COMMITTEE
_OPENED, _PROCURATORATE = Relation.OPENED, Relation.PROCURATORATE

STANDINGS: Mapping[str, Mapping[str, frozenset[Relation]]] = {
    "mediation": {
        "none": frozenset(),
        "holder": frozenset({_HOLDER}),
        "holder_opened": frozenset({_HOLDER, _OPENED}),
        "offered": frozenset({Relation.OFFERED, _COMMITTEE}),
        "committee": frozenset({_COMMITTEE}),
        "committee_opened": frozenset({_COMMITTEE, _OPENED}),
        "area": frozenset({_AREA}),
        "area_opened": frozenset({_AREA, _OPENED}),
        "room": frozenset({Relation.ROOM}),
        "room_ended": frozenset({Relation.ROOM_ENDED, _AREA, _COMMITTEE}),
        "recused": frozenset({Relation.RECUSED, _AREA, _COMMITTEE, _OPENED}),
        "recused_holder": frozenset({Relation.RECUSED, _HOLDER}),
    },
    "referral": {
        "none": frozenset(),
        "holder": frozenset({_HOLDER}),
        "procuratorate": frozenset({_PROCURATORATE}),
        "procuratorate_opened": frozenset({_PROCURATORATE, _OPENED}),
        "area": frozenset({_AREA}),
        "area_opened": frozenset({_AREA, _OPENED}),
        "agency": frozenset({Relation.AGENCY}),
    },
    "intake": {
        "none": frozenset(),
        "own": frozenset({Relation.OWN}),
        "holder": frozenset({_HOLDER}),
        "committee": frozenset({_COMMITTEE}),
        "area": frozenset({_AREA}),
        "room": frozenset({Relation.ROOM}),
        "room_ended": frozenset({Relation.ROOM_ENDED, _AREA, _COMMITTEE, Relation.OWN}),
        "procuratorate": frozenset({_PROCURATORATE}),
    },
    "ops": {"none": frozenset()},
}
"""What somebody is to a case, by the names of the table."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """``outcome``: a mask, or ``allow``."""

    service: str
    action: str
    role: str
    standing: str
    outcome: str
    obligation: str


def cells() -> Mapping[tuple[str, str, str, str], Cell]:
    """By service, action, role and standing; only what is allowed."""
    return {
        (one.service, one.action, one.role, one.standing): one for one in _read("expectations.csv")
    }


def shown(service: str, mask: str) -> frozenset[str]:
    with (HERE / "shown.csv").open() as file:
        for row in csv.DictReader(file):
            if (row["service"], row["mask"]) == (service, mask):
                return frozenset(filter(None, row["shown"].split("|")))
    raise KeyError(mask)


def _read(name: str) -> Iterator[Cell]:
    with (HERE / name).open() as file:
        for row in csv.DictReader(file):
            service = row["service"]
            roles = ROLES if row["roles"] == "*" else row["roles"].split("|")
            every = row["standings"] == "*"
            for role in roles:
                for standing in ("none",) if every else row["standings"].split("|"):
                    yield Cell(
                        service=service,
                        action=row["action"],
                        role=role,
                        standing=standing,
                        outcome=row["outcome"],
                        obligation=row["obligation"],
                    )
