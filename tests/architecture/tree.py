"""Where things are: the repository's root, its sources and its tools."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("services", "shared")
TOOLS = Path(sys.executable).parent

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SERVICE_SOURCES = [path for path in SOURCES if path.is_relative_to(ROOT / "services")]
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def name(path: Path) -> str:
    """How a test names a file."""
    return str(path.relative_to(ROOT))


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the import contracts of the tree below ``folder``."""
    command = [str(TOOLS / "lint-imports"), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
