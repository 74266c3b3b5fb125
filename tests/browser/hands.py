"""What hands do on a page, with a mouse or with keys alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

FOCUSED = "element => element === document.activeElement"
NAME = "document.activeElement.name"
VALUE = """name => (document.querySelector(`select[name="${name}"]`)
    ?? document.querySelector(`input[name="${name}"]:checked`))?.value"""
MOST_KEYS = 250


def pick(page: Page, name: str, value: str) -> None:
    """From a list or among boxes, whichever it is."""
    found = page.locator(f'select[name="{name}"]')
    if found.count():
        found.select_option(value)
    else:
        page.locator(f'input[name="{name}"][value="{value}"]').check()


def reach(page: Page, target: Locator) -> None:
    """With the tabulator, as far as it takes."""
    _tab(page, lambda: bool(target.evaluate(FOCUSED)), str(target))


def step_to(page: Page, name: str, value: str) -> None:
    """To a list or a group of boxes, then down to the choice."""
    _tab(page, lambda: page.evaluate(NAME) == name, name)
    for _ in range(MOST_KEYS):
        if page.evaluate(VALUE, name) == value:
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"{name} cannot be chosen by keys")


def _tab(page: Page, there: Callable[[], bool], wanted: str) -> None:
    for _ in range(MOST_KEYS):
        if there():
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{wanted} is not reached by keys")
