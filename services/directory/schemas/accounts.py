"""What people send to sign in and to look after their account."""

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import ValidationError, fields

from services.directory.handlers import NewAccount, NewToken
from services.directory.handlers.api_tokens import LONGEST_DAYS
from services.directory.models.accounts import LONGEST_LOGIN
from services.directory.models.passwords import LONGEST
from shared.web.i18n import N_
from shared.web.schema import CodeField, CommandSchema, Length, Text, WholeNumber

CODE_LENGTH = 60
LONGEST_PATH = 1000


class Secret(fields.String):
    """Taken as it was typed, to the last blank."""

    def __init__(self, *, max_length: int = LONGEST, **options: object) -> None:
        super().__init__(validate=Length(max=max_length), **options)  # type: ignore[arg-type]


class Login(Text):
    """However it is capitalised."""

    def __init__(self, **options: object) -> None:
        super().__init__(max_length=LONGEST_LOGIN, **options)  # type: ignore[arg-type]

    def read(self, value: object) -> str:
        return super().read(value).casefold()


@dataclass(frozen=True, kw_only=True)
class SignIn:
    login: str
    password: str
    code: str = ""
    next: str = ""


@dataclass(frozen=True, kw_only=True)
class OwnPassword:
    password: str


@dataclass(frozen=True, kw_only=True)
class NewPassword:
    password: str
    new_password: str
    again: str


@dataclass(frozen=True, kw_only=True)
class Code:
    """``next`` is where to go then."""

    code: str
    next: str = ""


class SignInSchema(CommandSchema[SignIn]):
    command = SignIn

    login = Login(required=True)
    password = Secret(required=True)
    code = Secret(max_length=CODE_LENGTH)
    next = Secret(max_length=LONGEST_PATH)


class PasswordSchema(CommandSchema[OwnPassword]):
    command = OwnPassword

    password = Secret(required=True)


class NewPasswordSchema(CommandSchema[NewPassword]):
    command = NewPassword

    password = Secret(required=True)
    new_password = Secret(required=True)
    again = Secret(required=True)

    def read(self, given: Mapping[str, object]) -> NewPassword:
        """Raises marshmallow.ValidationError, also when the two are not the same."""
        found = super().read(given)
        if found.new_password != found.again:
            raise ValidationError(N_("This is not the same as above."), "again")
        return found


class CodeSchema(CommandSchema[Code]):
    command = Code

    code = Secret(required=True, max_length=CODE_LENGTH)
    next = Secret(max_length=LONGEST_PATH)


class NewTokenSchema(CommandSchema[NewToken]):
    command = NewToken

    name = Text(required=True, max_length=80)
    days = WholeNumber(minimum=1, maximum=LONGEST_DAYS)


class NewAccountSchema(CommandSchema[NewAccount]):
    command = NewAccount

    member_id = CodeField(required=True)
    login = Login(required=True)
