"""Files that other packages bring; the packages themselves are not imported."""

from importlib.util import find_spec
from pathlib import Path


def shipped(package: str, name: str) -> bytes:
    """The file of this name below the package's ``static``; raises FileNotFoundError."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise FileNotFoundError(package)
    return (Path(found.origin).parent / "static" / name).read_bytes()
