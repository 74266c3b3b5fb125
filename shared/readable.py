"""Classes that msgspec reads into are made known to it once, while they are imported.

It keeps what it knows of a class on the class, and fills that in when the class is first read: two
threads that did so at the same moment ended the process (msgspec 0.22.0, a segmentation fault).
"""

from typing import TypeVar

import msgspec

T = TypeVar("T")


def readable(kind: type[T]) -> type[T]:
    """For every class that ``msgspec.convert`` or ``decode`` is given, below ``@dataclass``'s own
    decorator line; classes it names must stand before it.
    """
    msgspec.json.Decoder(kind)
    return kind
