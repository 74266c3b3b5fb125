"""What filing needs besides the main database: seals, the sealed database, who files, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from services.intake.models.filed import Informant
from services.intake.models.sealed_tables import informants, links
from services.intake.models.seals import Seals
from shared.auth.actor import Actor
from shared.clock import day_in_china
from shared.db import Database
from shared.messaging.replica import Directory, directory
from shared.web.platform import Platform


@dataclass(frozen=True, kw_only=True)
class Desk:
    """``today`` is the day in China.

    What it seals is durable before the transaction that registers the case commits, and is sealed
    inside it, so that a request that is only repeated seals nothing. The other way round,
    a crash in between would leave a lead whose informant nobody can reach, or a dispute that does
    not know of its lead and leads to a second one. This way it leaves a row that no case refers
    to, which nobody can find, open or follow.
    """

    seals: Seals
    sealed: Database
    actor: Actor
    today: date
    directory: Callable[[], Directory]

    @classmethod
    def at(cls, platform: Platform, actor: Actor, seals: Seals) -> Self:
        if platform.sealed is None:
            raise TypeError("intake needs its sealed database")
        return cls(
            seals=seals,
            sealed=platform.sealed,
            actor=actor,
            today=day_in_china(platform.clock()),
            directory=lambda: _directory(platform.database),
        )

    def serves_leads(self, area: str) -> bool:
        """Whether anybody here screens leads of this area; yes while the directory is not here."""
        known = self.directory()
        officers = (one for one in known.members.values() if "referral_officer" in one.roles)
        return known.revision == 0 or any(
            area.startswith(wider) for one in officers for wider in one.areas
        )

    def keep_informant(self, ref: UUID, informant: Informant) -> None:
        """``ref`` is what the lead may hold: random, so that it tells nothing."""
        row = {"ref": ref, "sealed": self.seals.seal_informant(ref, informant)}
        with self.sealed.transaction() as tx:
            tx.insert(informants, row)

    def keep_link(self, case_id: UUID, lead_id: UUID) -> None:
        """A second lead of the same dispute fails on the primary key."""
        row = {
            "dispute": self.seals.link_of(case_id),
            "sealed": self.seals.seal_link(case_id, lead_id),
        }
        with self.sealed.transaction() as tx:
            tx.insert(links, row)


def _directory(database: Database) -> Directory:
    with database.reading() as session:
        return directory(session)
