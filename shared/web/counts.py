"""How much is open behind a link of the navigation, which every page asks for by itself."""

from collections.abc import Iterable


def open_count(counts: Iterable[int], most: int | None = None) -> str:
    """Their sum as HTML; nothing for none, ``most`` and a plus where each is only known so far.

    In an element of its own, by which the page tells it from a page to sign in on.
    """
    number = sum(counts)
    if not number:
        return ""
    said = str(number) if most is None or number < most else f"{most}+"
    return f'<data value="{number}">{said}</data>'
