"""Forms: flat names (``parties.0.name``) to nested values, and errors back to the names.

``name[]`` is always a list (boxes that can be ticked together); an empty field counts as left out.
"""

from collections.abc import Iterator, Mapping
from uuid import uuid4

from flask import request
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from shared.errors import AppError, Malformed
from shared.web.fields import FormText
from shared.web.i18n import N_, translate
from shared.web.idempotency import KEY_FIELD
from shared.web.operation import VERSION_FIELD
from shared.web.schema import flat_errors

MAX_DEPTH = 6
LIST = "[]"

Tree = dict[str, object]
Errors = dict[str, list[str]]

_UNREADABLE = N_("The form cannot be read. Please load it again.")


def nested(form: MultiDict[str, str]) -> dict[str, object]:
    """The form as a schema reads it; raises Malformed. The numbers of a list may have gaps."""
    return {name: _listed(value) for name, value in _tree(form).items()}


def form_errors(error: ValidationError | AppError, form: MultiDict[str, str]) -> Errors:
    """What is wrong, by the names of the form's own fields; "" is the form as a whole."""
    if isinstance(error, AppError):
        found = {name: [translate(text, **error.params)] for name, text in error.fields.items()}
        if not found:
            return {"": [translate(error.text, **error.params)]}
    else:
        found = flat_errors(error.messages)
    tree = _tree(form)
    named: Errors = {}
    for path, texts in found.items():
        name = _own_name(path, tree)
        named.setdefault(name if name in form else _list_name(name, form), []).extend(texts)
    return named


def request_key() -> str:
    """The hidden key of a form: the one it was sent with, or a new one."""
    return request.form.get(KEY_FIELD) or str(uuid4())


def _tree(form: MultiDict[str, str]) -> Tree:
    root: Tree = {}
    for name, texts in form.lists():
        values = [FormText(text) for text in texts if text.strip()]
        if name in {KEY_FIELD, VERSION_FIELD} or not values:
            continue
        if not name.endswith(LIST) and len(values) > 1:
            raise Malformed(_UNREADABLE, fields={name[:200]: N_("This is given twice.")})
        *path, last = name.removesuffix(LIST).split(".")
        if len(path) >= MAX_DEPTH:
            raise Malformed(_UNREADABLE, fields={name[:200]: N_("This is nested too deeply.")})
        branch = _branch(root, path, name)
        if last in branch:
            raise Malformed(_UNREADABLE, fields={name[:200]: N_("This is given twice.")})
        branch[last] = values if name.endswith(LIST) else values[0]
    return root


def _branch(root: Tree, path: list[str], name: str) -> Tree:
    branch = root
    for part in path:
        inner = branch.setdefault(part, {})
        if not isinstance(inner, dict):
            raise Malformed(_UNREADABLE, fields={name[:200]: N_("This is given twice.")})
        branch = inner
    return branch


def _listed(value: object) -> object:
    """A branch whose names are all numbers is a list."""
    if not isinstance(value, dict):
        return value
    if _numbered(value):
        return [_listed(value[name]) for name in _in_order(value)]
    return {name: _listed(inner) for name, inner in value.items()}


def _numbered(branch: Mapping[str, object]) -> bool:
    return all(name.isascii() and name.isdecimal() and len(name) <= len("999") for name in branch)


def _in_order(branch: Mapping[str, object]) -> list[str]:
    return sorted(branch, key=int)


def _own_name(path: str, tree: Tree) -> str:
    """The path of an error counts entries of lists; the form may number them otherwise."""
    return ".".join(_own_parts(path.split("."), tree))


def _own_parts(parts: list[str], branch: object) -> Iterator[str]:
    for part in parts:
        own = part
        if isinstance(branch, dict) and branch and _numbered(branch) and part.isdecimal():
            names = _in_order(branch)
            own = names[int(part)] if int(part) < len(names) else part
        branch = branch.get(own) if isinstance(branch, dict) else None
        yield own


def _list_name(name: str, form: MultiDict[str, str]) -> str:
    """``vulnerable.0`` is shown at ``vulnerable[]``."""
    for candidate in (name + LIST, name.rpartition(".")[0] + LIST):
        if candidate in form:
            return candidate
    return name
