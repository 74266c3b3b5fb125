"""The tables of the directory: what it publishes, and how people sign in."""

from services.directory.models.accounts import (
    Account,
    account_members,
    api_tokens,
    attempts,
    recovery_codes,
    sessions,
)
from services.directory.models.entries import (
    ENTRIES,
    Base,
    Duty,
    Entry,
    Member,
    Organisation,
    publications,
    traits,
    traits_of,
    turns,
)
from services.directory.models.holding import (
    CONFLICT,
    Conflict,
    Handover,
)
from services.directory.models.whole import (
    last_revision,
    whole_district,
)

__all__ = [
    "CONFLICT",
    "ENTRIES",
    "Account",
    "Base",
    "Conflict",
    "Duty",
    "Entry",
    "Handover",
    "Member",
    "Organisation",
    "account_members",
    "api_tokens",
    "attempts",
    "last_revision",
    "metadata",
    "publications",
    "recovery_codes",
    "sessions",
    "traits",
    "traits_of",
    "turns",
    "whole_district",
]

metadata = Base.metadata
