"""What Hemu is measured against does the same work: same rows, as durable, as careful."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Engine, Table, create_engine, select

from services.intake.models.tables import disputes
from services.mediation.models import DECISIONS, DOSSIERS, MEDIATIONS, ROOMS, timeline, workloads
from shared.auth.sealing import Sealer
from shared.db.message_tables import idempotency, inbox, key_counter, outbox
from tests.benchmarks import consuming
from tests.benchmarks.accepting import STYLES
from tests.benchmarks.frame import Setting
from tests.benchmarks.intake_site import Site
from tests.benchmarks.processes import Server
from tests.conftest import needed
from tests.e2e.filing import DISPUTE
from tests.eventually import eventually
from tests.servers import KafkaNode, PostgresServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("peers"),
]

KEY = "a-key-of-this-test"
ROWS = (disputes, idempotency, key_counter, outbox)
OWN_TO_EACH = {
    *("id", "key", "receipt", "principal", "fingerprint", "sealed", "answer", "data"),
    *("filed_at", "changed_at", "created", "time"),
    *("seq", "event_id", "correlation_id", "traceparent"),
}
"""Columns with random content, times, or what is sealed; what is sealed is compared opened."""

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Side:
    """One server; ``before`` are the rows that other tests have left."""

    site: Site
    client: httpx.Client
    path: str
    before: Mapping[Table, list[dict[str, Any]]] = field(default_factory=dict)

    def file(
        self, body: Json = DISPUTE, key: str = "", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        given = {"Idempotency-Key": key or str(uuid4()), **(headers or {})}
        return self.client.post(self.path, json=body, headers=given)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """Those of this test."""
        return [row for row in rows(self.site.url, table) if row not in self.before[table]]

    def kept(self) -> Json:
        """What was filed, as it was sealed."""
        [row] = self.rows(disputes)
        sealer = Sealer(self.site.keys.secret("intake"), "intake.case")
        found: Json = json.loads(sealer.open(row["sealed"], about=str(row["id"])))
        return found


def rows(url: str, table: Table) -> list[dict[str, Any]]:
    engine: Engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return [dict(found._mapping) for found in connection.execute(select(table))]
    finally:
        engine.dispose()


@pytest.fixture
def sides(running: dict[str, Side]) -> dict[str, Side]:
    """Ours and the peer's."""
    return {
        name: replace(side, before={table: rows(side.site.url, table) for table in ROWS})
        for name, side in running.items()
    }


@pytest.fixture(
    scope="module",
    params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.postgresql)],
)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, peers: None
) -> Iterator[dict[str, Side]]:
    """Both with a server that runs, and what one of their mediators sends."""
    folder = tmp_path_factory.mktemp("sides")
    with ExitStack() as stack:
        postgres = None
        if request.param == "PostgreSQL":
            postgres = stack.enter_context(durable_server())
        found = {}
        for name in ("ours", "peer"):
            home = folder / name
            url = f"sqlite:///{home / 'intake.sqlite'}"
            site = Site(home=home, url=postgres.create_database() if postgres else url)
            site.prepare()
            server = site.ours(1) if name == "ours" else site.peer(1, STYLES[request.param])
            stack.enter_context(server)
            found[name] = Side(
                site=site,
                client=stack.enter_context(client_of(site, server, name)),
                path="/intake/api/v1/disputes" if name == "ours" else "/disputes",
            )
        yield found


def durable_server() -> PostgresServer:
    return needed(PostgresServer, durable=True)


def client_of(site: Site, server: Server, name: str) -> httpx.Client:
    token = site.tokens()[0]
    headers = {"Hemu-Actor": token} if name == "ours" else {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"http://{server.address}", headers=headers, timeout=20)


def alike(row: Json) -> dict[str, Any]:
    return {
        name: value is not None if name in OWN_TO_EACH else value for name, value in row.items()
    }


def test_a_filed_dispute_leaves_the_same_rows(sides: dict[str, Side]) -> None:
    answers = {name: side.file() for name, side in sides.items()}

    assert {answer.status_code for answer in answers.values()} == {201}
    assert set(answers["peer"].json()) == set(answers["ours"].json())
    for table in ROWS:
        ours, peer = ([alike(row) for row in side.rows(table)] for side in sides.values())
        assert [{**row, "route": ""} for row in peer] == [{**row, "route": ""} for row in ours]


def test_what_is_sealed_and_what_is_announced_says_the_same(sides: dict[str, Side]) -> None:
    for side in sides.values():
        side.file().raise_for_status()

    ours, peer = (without_nothing(side.kept()) for side in sides.values())
    assert peer == ours
    told = [json.loads(bytes(side.rows(outbox)[0]["data"])) for side in sides.values()]
    ours, peer = ({**without_nothing(one), "case_id": ""} for one in told)
    assert peer == ours


def without_nothing(value: Any) -> Any:
    """Fields that hold nothing may be left out or be null."""
    if isinstance(value, dict):
        kept = {name: without_nothing(found) for name, found in value.items()}
        return {name: found for name, found in kept.items() if found not in (None, [], {})}
    return [without_nothing(one) for one in value] if isinstance(value, list) else value


def test_a_repeated_request_gets_the_answer_that_was_given_and_files_nothing(
    sides: dict[str, Side],
) -> None:
    for side in sides.values():
        first, again = side.file(key=KEY), side.file(key=KEY)

        assert again.status_code == 201
        assert again.json() == first.json()
        assert len(side.rows(disputes)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": "no.such"},
        {"narrative": ""},
        {"place": {"area": "12"}},
        {"parties": DISPUTE["parties"][:1]},
        {"danger": {"weapon": "perhaps"}},
        {"unknown": 1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_peer_refuses_what_we_refuse(sides: dict[str, Side], wrong: Json) -> None:
    answers = {side.file({**DISPUTE, **wrong}).status_code for side in sides.values()}

    assert answers == {422}


def test_nobody_files_with_a_forged_token(sides: dict[str, Side]) -> None:
    for side in sides.values():
        [name] = {"hemu-actor", "authorization"} & set(side.client.headers)
        forged = side.client.headers[name][:-6] + "AAAAAA"

        assert side.file(headers={name: forged}).status_code == 401


def test_the_peer_answers_only_what_a_power_cut_leaves(sides: dict[str, Side]) -> None:
    found = sides["peer"].client.get("/durability").json()

    assert found in (["wal", 2], ["on", "on"])


@pytest.mark.kafka
@pytest.mark.postgresql
@pytest.mark.usefixtures("peers")
def test_handling_an_event_leaves_the_same_rows(tmp_path: Path) -> None:
    with needed(KafkaNode, tmp_path) as kafka, durable_server() as postgres:
        setting = Setting(quick=True, folder=tmp_path)
        site = consuming.Site(setting=setting, kafka=kafka, postgres=postgres, events=60)
        site.fill()

        ours, peer = (handled(site, name) for name in (consuming.OURS, consuming.PEER))

    assert peer.decisions == ours.decisions
    assert peer.mediations == ours.mediations
    assert peer.published == ours.published
    assert peer.counts == ours.counts


@dataclass(frozen=True, kw_only=True)
class Handled:
    """What is the same in whichever order cases come, but for which mediator has one."""

    decisions: dict[UUID, Json]
    mediations: dict[UUID, Json]
    published: dict[str, list[str]]
    counts: dict[str, int]


MAY_DIFFER = {"decided_at", "since", "mediator_id", "assigned"}


def handled(site: consuming.Site, name: str) -> Handled:
    url = site.new_database()
    with site.server(name, "routed", url):
        eventually(partial(all_there, url, site.events), 60)
    published: dict[str, list[str]] = {}
    for row in sorted(rows(url, outbox), key=lambda row: row["kseq"]):
        published.setdefault(row["key"], []).append(row["type"])
    tables = (inbox, DOSSIERS, ROOMS, timeline, key_counter)
    counts = {table.name: len(rows(url, table)) for table in tables}
    counts["workload"] = sum(row["open"] for row in rows(url, workloads))
    return Handled(
        decisions=by_case(rows(url, DECISIONS)),
        mediations=by_case(rows(url, MEDIATIONS)),
        published=published,
        counts=counts,
    )


def all_there(url: str, events: int) -> bool:
    return len(rows(url, MEDIATIONS)) == events


def by_case(found: list[dict[str, Any]]) -> dict[UUID, Json]:
    return {
        row["case_id"]: {name: text for name, text in row.items() if name not in MAY_DIFFER}
        for row in found
    }
