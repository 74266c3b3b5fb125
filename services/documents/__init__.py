"""The documents that follow from the code, by file name in docs/."""

from collections.abc import Callable, Mapping

from services.documents.asyncapi import asyncapi
from services.documents.markdown import api, events, routes_of, settings

__all__ = ["DOCUMENTS", "routes_of"]

DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "events.md": events,
    "asyncapi.yaml": asyncapi,
    "api.md": api,
    "settings.md": settings,
}
