"""Receipts: sixteen random digits that somebody without an account keeps and shows again.

Stored only as a keyed fingerprint; never in a URL, a log or an event.
"""

import re
import secrets
import unicodedata

DIGITS = 16
_NOT_DIGITS = re.compile(r"[\s\-–—·]+")


def new_receipt() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def grouped(receipt: str) -> str:
    """``1234 5678 9012 3456``"""
    return " ".join(receipt[start : start + 4] for start in range(0, DIGITS, 4))


def digits(text: str) -> str | None:
    """The digits of a receipt however it was typed (full-width, with blanks or dashes); None when
    it cannot be one.
    """
    found = _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", text))
    return found if re.fullmatch(rf"[0-9]{{{DIGITS}}}", found) else None
