"""What a member has that is not over: a service that keeps such things tells the directory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.readable import readable

Loads = Mapping[str, Mapping[str, int]]
"""How much of a kind the members have who have any."""

MOST_HELD = 200
"""Of each kind; the others follow when these are given away."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """``barred`` are the members who may not have it: they are recused from it."""

    kind: str
    item_id: UUID
    number: str
    state: str
    area: str
    barred: Sequence[str] = ()


@readable
@dataclass(frozen=True, kw_only=True)
class Holdings:
    items: Sequence[Held]
    loads: Loads
