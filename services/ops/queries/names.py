"""Names of areas, organisations and members, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.messaging.replica import Directory

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, kw_only=True)
class Named:
    """``name`` is by language; one that is not known any more is named by its id."""

    id: str
    name: Mapping[str, str]


def named(directory: Directory, entry_id: str | None) -> Named | None:
    if not entry_id:
        return None
    return Named(
        id=entry_id, name={language: directory.name(entry_id, language) for language in LANGUAGES}
    )


def area_named(directory: Directory, area: str | None) -> Named | None:
    if area is None:
        return None
    return Named(
        id=area, name={language: directory.area_name(area, language) for language in LANGUAGES}
    )
