"""The figures of all benchmarks, each from its latest run, and what is written of them.

A run of some benchmarks replaces their figures and leaves the others as they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from tests.benchmarks.frame import Benchmark, Result
from tests.benchmarks.page import Section, page
from tests.benchmarks.picture import picture

FIGURES, PAGE = "performance.json", "performance.md"
_DECODER = msgspec.json.Decoder(dict[str, Section])


@dataclass(frozen=True, kw_only=True)
class Records:
    """``folder`` holds the figures, the page, and below ``pictures`` one picture for each."""

    folder: Path
    sections: dict[str, Section]

    @classmethod
    def of(cls, folder: Path) -> Self:
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        figures = folder / FIGURES
        sections = _DECODER.decode(figures.read_bytes()) if figures.exists() else {}
        return cls(folder=folder, sections=sections)

    def keep(
        self,
        benchmark: Benchmark,
        result: Result,
        *,
        machine: Mapping[str, str],
        speed: str,
        command: str,
        day: str,
    ) -> None:
        """Write the figures and everything that is made of them."""
        self.sections[benchmark.name] = Section(
            number=benchmark.number,
            name=benchmark.name,
            machine=dict(machine),
            speed=speed,
            command=command,
            day=day,
            result=result,
        )
        self.write()

    def write(self) -> None:
        shown = sorted(self.sections.values(), key=lambda section: section.number)
        figures = msgspec.json.encode({section.name: section for section in shown})
        (self.folder / FIGURES).write_bytes(msgspec.json.format(figures, indent=1) + b"\n")
        (self.folder / PAGE).write_text(page(shown))
        for section in shown:
            path = self.folder / "pictures" / f"bench-{section.name}.svg"
            path.write_text(picture(section.result))
