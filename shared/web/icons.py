"""The icons that pages use, cut from the package's sheet of some two thousand."""

from functools import cache

from shared.web.shipped import shipped

NAMES = frozenset(
    {
        "arrow-left",
        "arrow-repeat",
        "arrow-return-left",
        "arrow-right",
        "box-arrow-right",
        "building",
        "calendar3",
        "chat-left-text",
        "check",
        "check-circle",
        "clock",
        "diagram-3",
        "door-open",
        "exclamation-circle",
        "exclamation-triangle-fill",
        "eye",
        "eye-slash",
        "file-earmark-text",
        "hourglass-split",
        "house",
        "inbox",
        "info-circle",
        "journal-text",
        "lock",
        "lock-fill",
        "megaphone",
        "paperclip",
        "pause-circle",
        "people",
        "person",
        "person-hearts",
        "plus-lg",
        "printer",
        "receipt",
        "search",
        "shield-exclamation",
        "telephone",
        "telephone-fill",
        "x-lg",
    }
)


@cache
def sheet() -> bytes:
    """Only the icons named above, as one file that pages refer to."""
    whole = shipped("flask_bootstrap", "bootstrap5/icons/bootstrap-icons.svg")
    symbols = whole.split(b"<symbol ")[1:]
    found = b"".join(b"<symbol " + text for text in symbols if _name(text) in NAMES)
    return b'<svg xmlns="http://www.w3.org/2000/svg">' + found.removesuffix(b"</svg>") + b"</svg>"


def _name(symbol: bytes) -> str:
    return symbol.partition(b' id="')[2].partition(b'"')[0].decode()
