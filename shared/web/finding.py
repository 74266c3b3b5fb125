"""Looking a number up: every kind of case has a page of its own, reached by its exact number."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from shared.web.context import current_actor, platform, service
from shared.web.schema import CommandSchema, Text

MAX_NUMBER = 40
_KIND = re.compile("[A-Z]{2}(?=[0-9])")
_RECEIPT = re.compile("[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}")


@dataclass(frozen=True, kw_only=True)
class Find:
    """``number`` as it is written: without blanks, in capitals."""

    number: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", "".join(self.number.split()).upper())

    @property
    def receipt(self) -> bool:
        """Whether it is rather a receipt, which has a page of its own, and is a secret."""
        return _RECEIPT.fullmatch(self.number) is not None

    @property
    def elsewhere(self) -> str | None:
        """Where numbers of this kind are found, for those who may look there; None for here."""
        kind = _KIND.match(self.number)
        for link in platform().finders:
            if kind and link.numbers == kind[0] and link.leads(current_actor()):
                here = link.path.startswith(f"/{service().name}/")
                return None if here else f"{link.path}?{urlencode({'number': self.number})}"
        return None


class FindSchema(CommandSchema[Find]):
    command = Find

    number = Text(max_length=MAX_NUMBER, min_length=0, load_default="")


FIND = FindSchema()
