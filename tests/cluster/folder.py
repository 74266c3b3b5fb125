"""Folders for clusters: pytest's own cannot be entered by the user that PostgreSQL runs as."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def cluster_folder() -> Iterator[Path]:
    """An empty one; removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix="hemu-cluster-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
