"""Addresses that come from outside and are to be gone to."""

from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "::1", ""})
"""Where a request comes from that comes from this machine; a socket in the file system has none."""


def local_path(path: str, otherwise: str) -> str:
    """The path if it leads to this site, else the other one."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return otherwise
    parts = urlsplit(path)
    return otherwise if parts.scheme or parts.netloc else path
