"""Every text that people read stands in the Chinese catalogues, and nothing else does."""

import io
import subprocess

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.architecture.tree import ROOT, TOOLS

SHARED = "shared"
OWNERS = [
    SHARED,
    *sorted(f"services/{path.parent.name}" for path in ROOT.glob("services/*/manifest.py")),
]

pytestmark = pytest.mark.docs


def source(owner: str) -> Catalog:
    command = [str(ROOT / "deploy" / "translations.sh"), "extract", owner]
    environment = {"VENV": str(TOOLS.parent), "PATH": "/usr/bin:/bin"}
    extracted = subprocess.run(command, check=True, capture_output=True, env=environment)
    return read_po(io.BytesIO(extracted.stdout))


def catalogue(owner: str) -> Catalog:
    folder = "shared/web" if owner == SHARED else owner
    path = ROOT / folder / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file)


def texts(found: Catalog) -> set[str]:
    return {str(message.id) for message in found if message.id}


def translated(found: Catalog) -> set[str]:
    return {str(message.id) for message in found if message.id and message.string}


@pytest.mark.parametrize("owner", OWNERS)
def test_every_text_is_translated(owner: str) -> None:
    known = translated(catalogue(owner)) | translated(catalogue(SHARED))

    assert texts(source(owner)) - known == set(), "run make translations, then translate"


@pytest.mark.parametrize("owner", OWNERS)
def test_no_translation_is_a_guess(owner: str) -> None:
    assert [message.id for message in catalogue(owner) if message.fuzzy and message.id] == []


@pytest.mark.parametrize("owner", OWNERS)
def test_no_translation_is_left_over(owner: str) -> None:
    assert texts(catalogue(owner)) - texts(source(owner)) == set(), "run make translations"


@pytest.mark.parametrize("owner", OWNERS)
def test_a_translation_keeps_the_places_of_its_text(owner: str) -> None:
    wrong = [
        f"{message.id}: {error}"
        for message in catalogue(owner)
        for error in message.check(catalogue(owner))
    ]

    assert wrong == []
