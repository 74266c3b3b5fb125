"""Forms: dotted names become nested values, and errors find their way back to the names."""

import pytest
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from shared.errors import Malformed, Rejected
from shared.web.forms import form_errors, nested
from tests.web.notes.service import WRITE


def form(*pairs: tuple[str, str]) -> MultiDict[str, str]:
    return MultiDict(pairs)


def test_dotted_names_are_nested() -> None:
    found = nested(
        form(
            ("text", "a"),
            ("danger.weapon", "yes"),
            ("people.0.name", "b"),
            ("people.1.name", "c"),
            ("people.1.needs[]", "elder"),
            ("people.1.needs[]", "minor"),
        )
    )

    assert found == {
        "text": "a",
        "danger": {"weapon": "yes"},
        "people": [{"name": "b"}, {"name": "c", "needs": ["elder", "minor"]}],
    }


def test_empty_fields_and_the_forms_own_are_left_out() -> None:
    found = nested(form(("a", " "), ("b", ""), ("request_key", "x"), ("version", "1")))

    assert found == {}


def test_numbers_may_have_gaps() -> None:
    found = nested(form(("people.7.name", "b"), ("people.2.name", "a"), ("people.0.name", "")))

    assert found == {"people": [{"name": "a"}, {"name": "b"}]}


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "1"), ("a", "2")],
        [("a", "1"), ("a.b", "2")],
        [("a.b", "1"), ("a", "2")],
        [("a.b.c.d.e.f.g.h", "1")],
    ],
)
def test_a_form_that_contradicts_itself_is_malformed(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Malformed):
        nested(form(*pairs))


def test_errors_stand_at_the_names_of_the_form() -> None:
    sent = form(
        ("people.2.name", "a" * 30),
        ("people.5.name", "b"),
        ("people.5.needs[]", "x"),
        ("kind", "other"),
    )

    with pytest.raises(ValidationError) as caught:
        WRITE.read(nested(sent))
    errors = form_errors(caught.value, sent)

    assert set(errors) == {"text", "kind", "people.2.name", "people.5.needs[]"}


def test_a_rule_that_refuses_stands_at_its_field_or_at_the_form() -> None:
    sent = form(("text", "a"))

    assert form_errors(Rejected("No.", fields={"text": "Not this."}), sent) == {
        "text": ["Not this."]
    }
    assert form_errors(Rejected("No, %(name)s.", name="x"), sent) == {"": ["No, x."]}
