"""A disk that is full, that cannot sync, or that loses its power; and a clock that jumps.

A small library in C (disk.c) is loaded into the processes under test. It stands below SQLite and
Python, so both are the real ones.
"""

import mmap
import os
import random
import shutil
import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.servers import ServerMissing

SOURCE = Path(__file__).with_name("disk.c")
FULL, FAILING, SECONDS, SIZE = 0, 256, 512, 520
BLOCK = 4096
EVERYTHING = "/"


@cache
def library() -> Path:
    """The compiled library; raises ServerMissing without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise ServerMissing("there is no C compiler (deploy/debian.sh compiler)")
    made = Path(tempfile.mkdtemp(prefix="hemu-disk-")) / "disk.so"
    command = [compiler, "-Wall", "-O2", "-shared", "-fPIC", "-o", str(made), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True, timeout=60)
    return made


def folder_in_memory(prefix: str) -> Path:
    """Where an fsync costs nothing and no inode number comes twice, if there is such a place."""
    memory = Path("/dev/shm")  # noqa: S108 – a folder in memory, where there is one
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory if memory.is_dir() else None))


class FaultyDisk:
    """Below ``root``, for processes that are started with ``environment``."""

    def __init__(self, folder: Path, root: Path, *, power: bool = False) -> None:
        """``folder`` is for its own files, outside of ``root``; with ``power`` it also keeps there
        what would survive a power cut.
        """
        self.root = root.resolve()
        self._image = folder / "durable"
        self._image.mkdir(parents=True)
        orders = folder / "orders"
        orders.write_bytes(bytes(SIZE))
        self.environment = {
            "LD_PRELOAD": str(library()),
            "FAULTY_ROOT": str(self.root),
            "FAULTY_ORDERS": str(orders),
        }
        if power:
            self.environment["FAULTY_IMAGE"] = str(self._image)
        with orders.open("r+b") as file:
            self._orders = mmap.mmap(file.fileno(), SIZE)

    def full(self, part: str = EVERYTHING) -> None:
        """No write succeeds to files with this in their path."""
        self._order(FULL, part)

    def failing(self, part: str = EVERYTHING) -> None:
        """No fsync succeeds of files with this in their path."""
        self._order(FAILING, part)

    def well(self) -> None:
        """There is room again, and every fsync succeeds."""
        self._order(FULL, "")
        self._order(FAILING, "")

    def set_clock(self, seconds: int) -> None:
        """Be so many seconds ahead of the true time, for files and everything else."""
        self._orders[SECONDS : SECONDS + 8] = struct.pack("q", seconds)

    def cut(self, chance: random.Random | None = None) -> None:
        """Leave below the root what a power cut would; every process must be dead.

        Of what was not synced nothing survives, or, with ``chance``, any part of it: a disk writes
        back its blocks in an order of its own.
        """
        dark = self.root.with_name(f"{self.root.name}.dark")
        self.root.rename(dark)
        self.root.mkdir(mode=0o700)
        self._restore(dark, self.root, chance)
        shutil.rmtree(dark)

    def settle(self) -> None:
        """All that is below the root now is durable, as it is after minutes of rest; nobody may
        be writing.
        """
        for old in self._image.iterdir():
            old.unlink()
        self._remember(self.root)

    def _order(self, at: int, part: str) -> None:
        self._orders[at : at + 256] = part.encode().ljust(256, b"\0")

    def _restore(self, dark: Path, target: Path, chance: random.Random | None) -> None:
        for inode, name in self._listed(dark):
            before, kept = dark / name, self._image / str(inode)
            if before.is_dir():
                (target / name).mkdir(mode=0o700)
                self._restore(before, target / name, chance)
                continue
            content = kept.read_bytes() if kept.exists() else b""
            if chance is not None and before.exists() and before.stat().st_ino == inode:
                content = _mixed(content, before.read_bytes(), chance)
            (target / name).write_bytes(content)
            (target / name).chmod(0o600)

    def _listed(self, folder: Path) -> list[tuple[int, str]]:
        """What the folder held when it was last synced."""
        kept = self._image / str(folder.stat().st_ino)
        if not kept.exists():
            return []
        lines = [line.partition(" ") for line in kept.read_text().splitlines()]
        return [(int(inode), name) for inode, _, name in lines]

    def _remember(self, folder: Path) -> None:
        lines = []
        for each in folder.iterdir():
            inode = each.stat().st_ino
            lines.append(f"{inode} {each.name}\n")
            if each.is_dir():
                self._remember(each)
            else:
                shutil.copyfile(each, self._image / str(inode))
        (self._image / str(folder.stat().st_ino)).write_text("".join(lines))


def _mixed(durable: bytes, written: bytes, chance: random.Random) -> bytes:
    """Block by block the durable content or what was written since."""
    share, size = chance.random(), chance.choice((len(durable), len(written)))
    blocks = []
    for at in range(0, size, BLOCK):
        old, new = durable[at : at + BLOCK], written[at : at + BLOCK]
        blocks.append((new if chance.random() < share else old).ljust(min(BLOCK, size - at), b"\0"))
    return b"".join(blocks)


def mounted_memory(folder: Path, megabytes: int) -> bool:
    """Mount a small file system there, if we may."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "none", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
