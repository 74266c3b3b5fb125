"""The only way to the database from a request is the one that writes the row."""

import ast
from pathlib import Path

import pytest

from services import registry
from shared.web.app import create_app
from shared.web.operation import SAFE, Guarded
from shared.web.platform import Platform
from shared.words import codes
from tests.architecture.tree import SERVICE_SOURCES, SOURCES, name
from tests.audit import calls
from tests.intake import site as of_intake

BESIDES = {
    "services/commands/installation.py",
    "services/commands/people.py",
    "services/directory/holders.py",  # that a session was seen
    "services/directory/workers.py",
    "services/intake/handlers/desk.py",  # the sealed database, in the middle of a told change
    "services/mediation/workers.py",
    "services/ops/handlers/retries.py",  # told by the view, before
    "services/referral/workers.py",
}
"""They begin transactions themselves: commands, background work, and what is said."""


def _calls(path: Path, wanted: str) -> bool:
    return any(
        isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == wanted
        and (wanted != "transaction" or isinstance(node.func, ast.Attribute))
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_services_change_things_in_the_transaction_of_the_request() -> None:
    assert {name(path) for path in SERVICE_SOURCES if _calls(path, "transaction")} == BESIDES


def test_only_the_audits_own_books_are_kept_without_a_row() -> None:
    found = {name(path) for path in SOURCES if _calls(path, "unaudited")}

    assert found == {"shared/web/context.py", "shared/web/witness.py"}


@pytest.mark.parametrize("service", registry.NAMES)
def test_everything_that_leaves_a_row_has_words(service: str, intake: of_intake.Site) -> None:
    platform: Platform = intake.platform
    app = create_app(registry.load(service), platform)
    views = [
        (rule, app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if rule.rule not in calls.UNCHANGED
    ]
    actions = {
        view.action
        for rule, view in views
        if isinstance(view, Guarded) and (view.shows or not (rule.methods or set()) <= SAFE)
    }
    shown = {field for _, view in views if isinstance(view, Guarded) for field in view.shows}

    assert actions <= set(codes("audit_action"))
    assert shown <= set(codes("audit_field"))
