"""Everything that can be asked of the directory."""

from services.directory.queries.accounts import (
    OwnAccount,
    OwnSession,
    OwnToken,
    account_by_login,
    account_by_subject,
    account_of,
    administered_account,
    member_of,
    own_account,
)
from services.directory.queries.conflicts import (
    ConflictView,
    conflicts,
)
from services.directory.queries.entries import (
    demo_member,
    members,
    organisations,
    published_entries,
    revision,
    roles_of,
)
from services.directory.queries.holders import (
    SessionHolder,
    holder_of_session,
    holder_of_token,
)
from services.directory.queries.home import (
    Day,
    day_of,
)
from services.directory.queries.importing import (
    DryRun,
    dry_run,
    exported,
    table_named,
)
from services.directory.queries.leaving import (
    Leaving,
    holdings,
    leaving,
    on_leave,
    present_gaps,
)
from services.directory.queries.looking import (
    Branch,
    MembersWanted,
    OrganisationView,
    member_seen,
    members_seen,
    organisation_ids,
    organisation_seen,
    rota_seen,
    tree,
)
from services.directory.queries.names import (
    Names,
    names,
    person,
    records,
)

__all__ = [
    "Branch",
    "ConflictView",
    "Day",
    "DryRun",
    "Leaving",
    "MembersWanted",
    "Names",
    "OrganisationView",
    "OwnAccount",
    "OwnSession",
    "OwnToken",
    "SessionHolder",
    "account_by_login",
    "account_by_subject",
    "account_of",
    "administered_account",
    "conflicts",
    "day_of",
    "demo_member",
    "dry_run",
    "exported",
    "holder_of_session",
    "holder_of_token",
    "holdings",
    "leaving",
    "member_of",
    "member_seen",
    "members",
    "members_seen",
    "names",
    "on_leave",
    "organisation_ids",
    "organisation_seen",
    "organisations",
    "own_account",
    "person",
    "present_gaps",
    "published_entries",
    "records",
    "revision",
    "roles_of",
    "rota_seen",
    "table_named",
    "tree",
]
