"""What somebody sees of a person who is not theirs to know: enough to tell two apart."""

from services.intake.models.filed import Party

PEOPLE = frozenset({"person", "household", "unknown"})
PHONE_SHOWN = 11
"""A shorter number would be told by what is shown of it."""


def masked_name(name: str) -> str:
    """王*兰, 王*: the first character and, from three on, the last; never how many between."""
    return f"{name[0]}*{name[-1]}" if len(name) > len("王兰") else f"{name[:1]}*"


def masked_phone(phone: str) -> str:
    """138****5678"""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= PHONE_SHOWN else "****"


def shown_name(party: Party) -> str | None:
    """Masked unless it is the name of an organisation."""
    if party.name is None or party.kind not in PEOPLE:
        return party.name
    return masked_name(party.name)
