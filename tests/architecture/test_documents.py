"""The documents say what the code does: quotes, links, names and generated pages are in step."""

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from services import registry
from services.documents import DOCUMENTS, routes_of
from shared.events import EVENT_CLASSES
from shared.messaging.replica import DIRECTORY_REACTIONS
from shared.service import Service
from shared.settings import settings_table
from shared.telemetry import metrics
from tests.architecture.tree import ROOT, name

DOCS = ROOT / "docs"
ADRS = sorted((DOCS / "adr").glob("*.md"))
README, CONTRIBUTING = ROOT / "README.md", ROOT / "CONTRIBUTING.md"
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part == "var" for part in path.relative_to(ROOT).parts)
)
MAX_README = 120
HEADINGS = ["Status", "Context", "Decision", "Consequences", "Rejected alternatives"]
RECIPES = {
    "A routing rule": 1,
    "An event": 2,
    "A reaction": 2,
    "A page": 3,
    "A form action": 5,
}
"""How many files each takes, as its heading says too."""

NUMBERS = {1: "one file", 2: "two files", 3: "three files", 5: "five files"}
LINK = re.compile(r"\]\(([^)\s]+)\)")
STEP = re.compile(r"^\d+\. \[[^\]]*\]\(([^)]+)\)", re.MULTILINE)
CONTRACTS = re.compile(r"^\[tool\.importlinter\]\n.*?(?=^# --|\Z)", re.MULTILINE | re.DOTALL)
QUOTE = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```(?:python|yaml|html)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.docs


def sections(text: str) -> dict[str, str]:
    """The text below each heading of the third level, by heading."""
    parts = re.split(r"^### (.+)$", text, flags=re.MULTILINE)
    bodies = (body.partition("\n## ")[0] for body in parts[2::2])
    return dict(zip(parts[1::2], bodies, strict=True))


def recipe(title: str) -> str:
    heading = f"{title}: {NUMBERS[RECIPES[title]]}"
    return sections(CONTRIBUTING.read_text())[heading]


def page_prefixes(service: Service) -> set[str]:
    """``/SERVICE/api/v1`` for what is prefixed as a whole, ``/SERVICE/NOUN`` for each page."""
    found = set()
    for blueprint in service.blueprints:
        if blueprint.url_prefix:
            found.add(f"/{service.name}{blueprint.url_prefix}")
            continue
        for _method, path, _view in routes_of(blueprint):
            noun = path.lstrip("/").partition("/")[0]
            found.add(f"/{service.name}/{noun}")
    return found


def collectors() -> list[str]:
    return sorted(
        metric.name
        for value in vars(metrics).values()
        if isinstance(value, MetricWrapperBase)
        for metric in value.describe()
    )


def test_the_readme_fits_in_one_sitting() -> None:
    assert len(README.read_text().splitlines()) <= MAX_README


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = [target.partition("#")[0] for target in LINK.findall(page.read_text())]

    broken = [
        target
        for target in targets
        if target and "://" not in target and not (page.parent / target).exists()
    ]

    assert broken == []


def test_the_architecture_quotes_the_import_contracts_word_for_word() -> None:
    contracts = CONTRACTS.search((ROOT / "pyproject.toml").read_text())
    quoted = QUOTE.search((DOCS / "architecture.md").read_text())

    assert contracts is not None
    assert quoted is not None
    assert quoted[1].strip() == contracts[0].strip()


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name.partition("-")[0]) for path in ADRS]

    assert numbers == list(range(1, len(ADRS) + 1))


@pytest.mark.parametrize("adr", ADRS, ids=name)
def test_a_decision_has_its_number_and_the_five_headings(adr: Path) -> None:
    text = adr.read_text()

    assert text.startswith(f"# {adr.name.partition('-')[0]}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS


@pytest.mark.parametrize("service", registry.load_all(), ids=lambda service: service.name)
def test_the_readme_of_a_service_names_its_tables_events_and_pages(service: Service) -> None:
    text = (service.folder / "README.md").read_text()
    sealed = service.sealed.tables if service.sealed is not None else ()
    heard = {
        reaction.event_class.event_type
        for reaction in service.reactions
        if reaction.event_class is not None and reaction not in DIRECTORY_REACTIONS
    }
    published = {kind for kind in EVENT_CLASSES if kind.startswith(f"{service.name}.")}

    wanted = {*service.metadata.tables, *sealed, *heard, *published, *page_prefixes(service)}
    if set(DIRECTORY_REACTIONS) & set(service.reactions):
        wanted.add("directory")

    assert {each for each in wanted if each not in text} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_generated_document_is_current(document: str) -> None:
    path = DOCS / document

    assert path.is_file(), "run `hemu docs`"
    assert path.read_text() == DOCUMENTS[document](), "run `hemu docs`"


def test_every_setting_is_documented() -> None:
    text = (DOCS / "settings.md").read_text()

    assert [variable for variable, _ in settings_table() if f"`{variable}`" not in text] == []


def test_every_figure_is_explained_to_operators() -> None:
    text = (DOCS / "operations.md").read_text()

    assert [figure for figure in collectors() if figure not in text] == []


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_names_as_many_files_as_it_says(title: str) -> None:
    steps = STEP.findall(recipe(title))

    assert len(steps) == RECIPES[title]
    assert [step for step in steps if not (ROOT / step).is_file()] == []


@pytest.mark.parametrize("title", RECIPES)
def test_the_example_of_a_recipe_is_taken_from_its_files(title: str) -> None:
    body = recipe(title)
    lines = {
        line.strip()
        for step in STEP.findall(body)
        for line in (ROOT / step).read_text().splitlines()
    }

    examples = EXAMPLE.findall(body)

    assert examples
    shown = [line.strip() for example in examples for line in example.splitlines()]
    assert [line for line in shown if line not in lines] == []
