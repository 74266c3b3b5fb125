"""Which roles go with which kind of organisation: ``rules/roles.yaml``."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from shared.readable import readable

ROLES = Path(__file__).parents[1] / "rules" / "roles.yaml"


@readable
class KindRoles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``may``: its members may have these. ``own``: it needs somebody of its own in each of these;
    ``anybody``: its area needs somebody who serves it, whoever that belongs to.
    """

    may: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    anybody: tuple[str, ...] = ()


@cache
def role_table() -> Mapping[str, KindRoles]:
    """By kind of organisation; raises msgspec.ValidationError."""
    found = yaml.load(ROLES.read_bytes(), Loader=yaml.CSafeLoader)
    return msgspec.convert(found, type=dict[str, KindRoles])


def roles_for(kind: str) -> tuple[str, ...]:
    """What a member of such an organisation may be; nothing for an unknown kind."""
    return role_table().get(kind, KindRoles()).may
