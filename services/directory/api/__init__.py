"""The directory's JSON API."""

from services.directory.api import changes, conflicts, leaving, lists, tables

BLUEPRINTS = (
    lists.blueprint,
    changes.blueprint,
    leaving.blueprint,
    tables.blueprint,
    conflicts.blueprint,
)

__all__ = ["BLUEPRINTS"]
