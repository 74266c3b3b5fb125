"""Somebody with an account, and the browser in which they sign in."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.directory import queries
from services.directory.handlers import (
    NewAccount,
    open_account,
    prepare_second_factor,
)
from services.directory.handlers.own_account import confirm_second_factor
from services.directory.holders import StoredHolders
from services.directory.models import Account
from services.directory.models.passwords import quick_hash
from services.directory.models.second_factor import SEED
from shared.auth.actor import ANONYMOUS
from shared.auth.door import COOKIE, HEADER
from shared.auth.sealing import Sealer
from tests.directory.site import Site

PASSWORD = "four small words here"
UNKNOWN = "nobody-here"


@dataclass
class Person:
    """Signs in to the directory as its own door would let them."""

    site: Site
    client: FlaskClient
    login: str
    member_id: str
    password: str
    seed: str = ""
    codes: tuple[str, ...] = ()

    @classmethod
    def of(cls, site: Site, role: str, *, initial: bool = False) -> Self:
        """With an account that is made now; without ``initial`` they have chosen a password."""
        member = site.member(role)
        login = f"{role}-{member.id}"
        with site.database.transaction() as tx:
            password = open_account(tx, NewAccount(member_id=member.id, login=login))
        client = site.client.application.test_client()
        person = cls(site, client, login, member.id, password)
        if not initial:
            person._choose(PASSWORD)
        return person

    def _choose(self, password: str) -> None:
        account = self.account()
        with self.site.database.transaction() as tx:
            found = tx.get(Account, account.id)
            found.password, found.initial = quick_hash(password), False
        self.password = password

    def account(self) -> Account:
        with self.site.database.reading() as session:
            found = queries.account_by_login(session, self.login)
        assert found is not None
        return found

    def set_up_second_factor(self) -> None:
        sealer = Sealer(self.site.keys.secret("directory"), SEED)
        account = self.account()
        with self.site.database.transaction() as tx:
            self.seed = prepare_second_factor(tx, account.id, sealer).decode()
            code = pyotp.TOTP(self.seed).at(tx.now)
            self.codes = confirm_second_factor(tx, account.id, code, sealer)

    def code(self) -> str:
        """What the app shows now."""
        return pyotp.TOTP(self.seed).at(self.site.clock())

    def in_another_browser(self) -> Self:
        """The same person, signed in there, too."""
        other = replace(self, client=self.site.client.application.test_client())
        other.sign_in()
        return other

    def sign_in(self, *, password: str | None = None, **more: str) -> TestResponse:
        data = {"login": self.login, "password": password or self.password, **more}
        return self.client.post("/sign-in", data=data, headers=self.headers())

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers())

    def post(self, path: str, **data: str) -> TestResponse:
        return self.client.post(path, data=data, headers=self.headers())

    @property
    def token(self) -> str:
        """What the browser holds, or nothing."""
        found = self.client.get_cookie(COOKIE)
        return found.value if found else ""

    def headers(self) -> dict[str, str]:
        """What the gateway adds: who it is at this moment."""
        actor = self.holders().of_session(self.token) if self.token else None
        return {
            HEADER: self.site.sign(actor or ANONYMOUS, "directory"),
            "Accept-Language": "en",
        }

    def holders(self) -> StoredHolders:
        return StoredHolders(self.site.database, self.site.clock)

    @property
    def signed_in(self) -> bool:
        return self.holders().of_session(self.token) is not None


def shown(response: TestResponse) -> str:
    """What a person reads, without what differs with every form."""
    return "\n".join(line for line in response.text.splitlines() if "request_key" not in line)


def at(moment: datetime) -> str:
    return moment.isoformat()


def secrets_in(text: str) -> list[str]:
    return re.findall(r'class="secret">([^<]+)<', text)
