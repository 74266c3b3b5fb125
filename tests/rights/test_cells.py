"""Every role, action and standing over HTTP: who may, who is told so, and what they see."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from flask.testing import FlaskClient

from shared.auth.actor import Actor
from shared.db.migrate import migrate
from shared.web.operation import Guarded
from tests.intake.site import open_site as open_intake
from tests.mediation.site import open_site as open_mediation
from tests.ops.system import open_system
from tests.referral.site import open_site as open_referral
from tests.referral.site import prepare
from tests.rights import intake_world, mediation_world, referral_world
from tests.rights.asking import Request, Standing, differences
from tests.rights.expected import ROLES, cells

PLACE = re.compile(r"<[^>]+>|\{[^}]+\}")


def wrong(
    client: FlaskClient,
    service: str,
    requests: Iterable[Request],
    standings: Mapping[str, Standing],
    *,
    at_least: int,
) -> list[str]:
    count, found = 0, []
    for request in requests:
        asked, differing = differences(client, service, request, standings)
        count += asked
        found += differing
    assert count >= at_least
    return found


def unasked(client: FlaskClient, requests: Iterable[Request]) -> set[str]:
    """What can be done with one case by the API, and no request does; and actions of pages."""
    asked = {(one.method, PLACE.sub("*", one.path)) for one in requests}
    actions = {one.action for one in requests}
    found = set()
    for rule in client.application.url_map.iter_rules():
        view = client.application.view_functions[rule.endpoint]
        if not isinstance(view, Guarded) or "<uuid" not in rule.rule:
            continue
        path = PLACE.sub("*", rule.rule)
        methods = (rule.methods or set()) & {"GET", "POST"}
        if path.startswith("/api/"):
            found |= {f"{method} {path}" for method in methods if (method, path) not in asked}
        elif path.startswith("/internal/"):
            continue
        elif view.action not in actions:
            found.add(f"{rule.rule}: {view.action}")
    return found


def test_mediation_answers_as_expected(tmp_path: Path) -> None:
    with open_mediation(f"sqlite:///{tmp_path / 'mediation.sqlite'}", tmp_path) as site:
        world = mediation_world.World(site)
        requests, client = mediation_world.requests(world), site.client()

        assert unasked(client, requests) == set()
        assert wrong(client, "mediation", requests, world.standings, at_least=3_500) == []


def test_referral_answers_as_expected(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'referral.sqlite'}"
    prepare(url, tmp_path)
    with open_referral(url, tmp_path) as site:
        world = referral_world.World(site)
        requests, client = referral_world.requests(world), site.client()

        assert unasked(client, requests) == set()
        assert wrong(client, "referral", requests, world.standings, at_least=2_900) == []


def test_intake_answers_as_expected(tmp_path: Path) -> None:
    with open_intake(*_two(tmp_path), tmp_path) as site:
        site.know_the_district()
        world, client = intake_world.World(site), site.client()
        disputes = intake_world.requests("disputes", "dispute.read")
        leads = intake_world.requests("leads", "lead.read")

        assert unasked(client, (*disputes, *leads)) == set()
        assert wrong(client, "intake", disputes, world.disputes, at_least=500) == []
        assert wrong(client, "intake", leads, world.leads, at_least=400) == []


def test_what_services_ask_each_other_is_told_to_no_person(tmp_path: Path) -> None:
    with open_intake(*_two(tmp_path), tmp_path) as site:
        paths = {
            "mediation": f"/internal/v1/dossiers/{'0' * 8}-0000-4000-8000-{'0' * 12}",
            "referral": f"/internal/v1/leads/{'0' * 8}-0000-4000-8000-{'0' * 12}/texts",
        }
        for service, path in paths.items():
            for role in ROLES:
                assert site.get(path, Actor(id="m-1", roles=frozenset({role}))).status_code == 403
            for name in ("mediation", "referral", "ops", "directory"):
                answer = site.client().get(path, headers=site.service_headers(name))
                assert answer.status_code == (404 if name == service else 403)


def test_operations_are_for_operators(tmp_path: Path) -> None:
    empty = tmp_path / "empty.sqlite"
    migrate(f"sqlite:///{empty}")
    retry = {"consumer": "mediation", "key": "0"}
    with open_system(f"sqlite:///{tmp_path / 'ops.sqlite'}", tmp_path, empty) as system:
        answers = {
            role: (
                ("flow.read", system.get("/api/v1/flows", role)),
                ("flow.read", system.get("/flows", role)),
                ("flow.retry", system.post("/api/v1/dead-letters/retry", retry, role)),
            )
            for role in ROLES
        }
    expected = {key[1:3] for key in cells() if key[0] == "ops"}
    for role, asked in answers.items():
        for action, answer in asked:
            assert (answer.status_code != 403) == ((action, role) in expected), (action, role)


def _two(folder: Path) -> tuple[str, str]:
    return f"sqlite:///{folder / 'intake.sqlite'}", f"sqlite:///{folder / 'sealed.sqlite'}"
