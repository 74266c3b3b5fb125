"""What disputes and leads have in common when they are registered."""

from collections.abc import Iterator, Mapping
from datetime import date

from sqlalchemy import Table, insert, select

from services.intake.models.filed import FiledDispute, FiledLead
from shared.db import Transaction
from shared.db.message_tables import directory_revision
from shared.db.prepared import Prepared
from shared.errors import Rejected, Unavailable
from shared.web.i18n import N_

IN_THE_FUTURE = N_("This day has not come yet.")
YEAR_IN_THE_FUTURE = N_("This year has not come yet.")


def check_days(filed: FiledDispute | FiledLead, today: date) -> None:
    """Raises Rejected naming every day that has not come yet."""
    if wrong := dict(_not_yet(filed, today)):
        raise Rejected("Some fields need to be put right.", fields=wrong)


def inserting(table: Table) -> Prepared:
    """Make once per table. Tells the running number and the directory's revision that stands in
    the registration (whoever routes waits for it), in one statement.
    """
    revision = select(directory_revision.c.applied).scalar_subquery().label("revision")
    return Prepared(lambda _dialect: insert(table).returning(table.c.seq, revision))


def insert_case(tx: Transaction, statement: Prepared, row: Mapping[str, object]) -> tuple[int, int]:
    """The running number and the revision; raises Unavailable before the first has arrived."""
    seq, revision = tx.returned(statement, row) or (0, None)
    if revision is None:
        raise Unavailable("The directory has not arrived yet. Please try again in a moment.")
    return seq, revision


def _not_yet(filed: FiledDispute | FiledLead, today: date) -> Iterator[tuple[str, str]]:
    if filed.since and filed.since > today:
        yield "since", IN_THE_FUTURE
    told = filed.public_interest.agency_informed_on
    if told and told > today:
        yield "public_interest.agency_informed_on", IN_THE_FUTURE
    if isinstance(filed, FiledDispute):
        for number, party in enumerate(filed.parties):
            if party.birth_year and party.birth_year > today.year:
                yield f"parties.{number}.birth_year", YEAR_IN_THE_FUTURE
