"""Names of members, organisations and areas, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.messaging.replica import Directory
from shared.rules import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, kw_only=True)
class Named:
    """``name`` is by language; one that is not known any more is named by its id."""

    id: str
    name: Mapping[str, str]


def named(known: Directory, entry_id: str | None) -> Named | None:
    if entry_id is None:
        return None
    return Named(
        id=entry_id, name={language: known.name(entry_id, language) for language in LANGUAGES}
    )


def area_named(known: Directory, area: str) -> Named:
    return Named(
        id=area, name={language: known.area_name(area, language) for language in LANGUAGES}
    )
