"""Files that are there after a power cut."""

import os
from pathlib import Path


def write_new(path: Path, content: bytes) -> None:
    """A file that only its owner can read, safe before this returns; its entry is not, before the
    folder is synced. Raises FileExistsError, also for a link: nothing is written through it.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the entries that were made or renamed in it safe."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
