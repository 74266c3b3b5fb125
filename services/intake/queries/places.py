"""Where something can have happened: the communities that the directory knows."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from shared.db import Database
from shared.messaging.replica import applied_revision, directory

COMMUNITY = "community"


def communities(session: Session, language: str) -> list[tuple[str, str]]:
    """Code and name, in the order of the codes."""
    known = directory(session)
    areas = sorted(
        area
        for found in known.organisations.values()
        if found.kind == COMMUNITY
        for area in found.areas
    )
    return [(area, known.area_name(area, language)) for area in areas]


def why_not_ready(database: Database) -> str | None:
    """Before the directory has arrived, nothing can be registered."""
    with database.reading() as session:
        return None if applied_revision(session) else "the directory has not arrived yet"


def area_names(session: Session, language: str) -> Callable[[str], str]:
    """What an area is called: by the directory, else its code."""
    known = directory(session)
    return lambda area: known.area_name(area, language)
