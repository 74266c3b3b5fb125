"""Modules stay small, and services leave transactions to shared/db."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, SERVICE_SOURCES, SOURCES, TESTS, name

MAX_MODULE = 400
MAX_FUNCTION = 50
NO_PACKAGES = ("migrations", "migrations_sealed")  # Alembic's folders: long lists of columns
NO_MODULES = {"utils", "util", "helpers", "helper", "common", "misc", "constants", "base_classes"}


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name)
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MAX_MODULE


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.parent.name not in NO_PACKAGES], ids=name
)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    too_long = {
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= MAX_FUNCTION
    }

    assert not too_long


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=name)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    if path.parent.name in NO_PACKAGES and not path.read_text():
        return

    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", SERVICE_SOURCES, ids=name)
def test_services_leave_transactions_to_the_database_module(path: Path) -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }

    assert called.isdisjoint({"commit", "rollback", "flush"})


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_every_folder_with_modules_is_a_package(package: str) -> None:
    """The import contracts do not see modules elsewhere."""
    folders = {path.parent for path in (ROOT / package).rglob("*.py")}

    without = {
        name(folder)
        for folder in folders
        if folder.name not in NO_PACKAGES and not (folder / "__init__.py").exists()
    }

    assert not without


def test_no_module_is_named_for_nothing_in_particular() -> None:
    assert [name(path) for path in SOURCES if path.stem in NO_MODULES] == []
