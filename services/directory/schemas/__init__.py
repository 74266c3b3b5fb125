"""What may be asked of the directory, and what it answers."""

from services.directory.schemas.accounts import (
    Code,
    CodeSchema,
    NewAccountSchema,
    NewPassword,
    NewPasswordSchema,
    NewTokenSchema,
    PasswordSchema,
    SignIn,
    SignInSchema,
)
from services.directory.schemas.lists import (
    AgencyFilters,
    AgencyFiltersSchema,
    MemberFilters,
    MemberFiltersSchema,
    MembersSchema,
    OrganisationFilters,
    OrganisationFiltersSchema,
    OrganisationsSchema,
)

__all__ = [
    "AgencyFilters",
    "AgencyFiltersSchema",
    "Code",
    "CodeSchema",
    "MemberFilters",
    "MemberFiltersSchema",
    "MembersSchema",
    "NewAccountSchema",
    "NewPassword",
    "NewPasswordSchema",
    "NewTokenSchema",
    "OrganisationFilters",
    "OrganisationFiltersSchema",
    "OrganisationsSchema",
    "PasswordSchema",
    "SignIn",
    "SignInSchema",
]
