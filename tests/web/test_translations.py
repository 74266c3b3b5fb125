"""Everything shared/web says to people is said in Chinese too."""

from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

import shared
from tests.web.conftest import TRANSLATIONS

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **dict.fromkeys(
        [
            "translate",
            "ValidationError",
            "Malformed",
            "Unauthenticated",
            "Forbidden",
            "NotFound",
            "Conflict",
            "VersionMoved",
            "Rejected",
            "VersionMissing",
            "Throttled",
            "Unavailable",
        ]
    ),
}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def texts() -> list[str]:
    found = extract_from_dir(Path(shared.__file__).parent, METHODS, keywords=KEYWORDS)
    return sorted({message for _, _, message, _, _ in found if isinstance(message, str)})


@pytest.mark.parametrize("text", texts())
def test_a_text_is_translated_with_the_same_places(text: str) -> None:
    with (TRANSLATIONS / "zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as file:
        found = read_po(file).get(text)

    assert found is not None
    assert found.string
    assert list(found.check()) == []
