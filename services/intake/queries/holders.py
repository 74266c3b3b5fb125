"""Who has a case now, by the names that the directory knows."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.messaging.replica import Directory


@dataclass(frozen=True, kw_only=True)
class Holder:
    """``role`` is ``organisation`` or a role of the directory."""

    role: str
    id: str
    name_zh: str
    name_en: str

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en


def holders(known: Directory, ids: Iterable[tuple[str, str | None]]) -> tuple[Holder, ...]:
    """From pairs of role and id; those without an id are left out."""
    return tuple(
        Holder(
            role=role,
            id=holder_id,
            name_zh=known.name(holder_id, "zh"),
            name_en=known.name(holder_id, "en"),
        )
        for role, holder_id in ids
        if holder_id is not None
    )
