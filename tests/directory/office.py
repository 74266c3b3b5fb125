"""An administrator at work: a directory that may be changed, and those who keep what is held."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from werkzeug.test import TestResponse

from services.directory.data import District
from services.directory.models import whole_district
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.db.message_tables import outbox
from shared.errors import NotFound
from shared.events import Event, decode
from tests.directory.site import Site

ADMINISTRATOR = Actor(
    id="m-0076", roles=frozenset({"org_admin"}), areas=("350599",), organisation_id="o-001"
)
OF_THE_STREET = Actor(
    id="m-0070", roles=frozenset({"org_admin"}), areas=("350599001",), organisation_id="o-002"
)
AUDITOR = Actor(
    id="m-0037", roles=frozenset({"auditor"}), areas=("350599",), organisation_id="o-001"
)
MEDIATOR = Actor(
    id="m-0002", roles=frozenset({"mediator"}), areas=("350599001001",), organisation_id="o-021"
)


@dataclass
class Keepers:
    """Mediation and referral, with what they say that members hold."""

    held: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    loads: dict[str, dict[str, int]] = field(default_factory=dict)

    def hold(self, member_id: str, kind: str, area: str) -> UUID:
        item_id = uuid4()
        item: dict[str, object] = {"kind": kind, "item_id": str(item_id), "area": area}
        item |= {"number": "TJ350599-2026-000001", "state": "accepted"}
        self.held.setdefault(member_id, []).append(item)
        return item_id

    def get(self, service: str, path: str) -> object:
        member_id = path.removeprefix("/internal/v1/holdings/")
        if service == "referral":
            return {"items": [], "loads": {}}
        if service != "mediation":
            raise NotFound("There is no such record.")
        return {"items": self.held.get(member_id, []), "loads": self.loads}

    def post(self, service: str, path: str, body: object) -> object:
        raise NotFound("There is no such record.")


@dataclass(frozen=True, kw_only=True)
class Office:
    site: Site
    keepers: Keepers

    def headers(self, actor: Actor, version: int | None = None) -> dict[str, str]:
        found = {HEADER: self.site.sign(actor, "directory"), "Accept-Language": "en"}
        return found if version is None else {**found, "If-Match": f'"{version}"'}

    def get(self, path: str, actor: Actor = ADMINISTRATOR) -> TestResponse:
        return self.site.client.get(path, headers=self.headers(actor))

    def post(
        self, path: str, form: Mapping[str, object], actor: Actor = ADMINISTRATOR
    ) -> TestResponse:
        """A form, with what a page would have put into it."""
        headers = self.headers(actor)
        return self.site.client.post(path, data=form, headers=headers)

    def call(
        self,
        path: str,
        body: object,
        actor: Actor = ADMINISTRATOR,
        *,
        version: int | None = None,
    ) -> TestResponse:
        headers = self.headers(actor, version)
        return self.site.client.post(f"/api/v1{path}", json=body, headers=headers)

    def version(self, path: str) -> int:
        """Of the entry that the API shows there."""
        etag = self.get(f"/api/v1{path}").headers["ETag"]
        return int(etag.strip('"'))

    def district(self) -> District:
        with self.site.database.reading() as session:
            return whole_district(session)

    def announced(self) -> list[Event | None]:
        query = select(outbox.c.type, outbox.c.data).order_by(outbox.c.seq)
        with self.site.database.reading() as session:
            return [decode(row.type, row.data) for row in session.execute(query)]

    def member(self, member_id: str) -> Any:
        return next(one for one in self.district().members if one.id == member_id)

    def organisation(self, organisation_id: str) -> Any:
        return next(one for one in self.district().organisations if one.id == organisation_id)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]
