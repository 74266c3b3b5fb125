"""The repository holds what we wrote, and nothing that belongs to others or to one machine."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

MAX_LINE = 1000
MAX_BYTES = 300_000
NOT_OURS = re.compile(
    r"(^|/)(node_modules|vendor|vendored|third[_-]party|dist|site-packages)/"
    r"|\.min\.(js|css)$"
    r"|\.(jar|war|class|whl|so|dll|exe|pyc|mo|zip|gz|tgz|woff2?|ttf|otf|sqlite|db|key|pem|p12)$"
)
ONE_MACHINE = re.compile(r"(?<![\w.:/-])/(work|home|root|Users|mnt|opt/wheels)/[\w.-]+")
SECRETS = [
    re.compile(pattern)
    for pattern in (
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
        r"\bAKIA[0-9A-Z]{16}\b",
        r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
        r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    )
]
GENERATED = {"requirements.lock", "requirements-dev.lock"}


def tracked() -> list[str]:
    """What is in the repository or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return sorted({path for path in listed.stdout.split("\0") if (ROOT / path).is_file()})


FILES = tracked()

pytestmark = pytest.mark.skipif(not FILES, reason="this is no git repository")


def text(path: str) -> str:
    try:
        return (ROOT / path).read_text()
    except UnicodeDecodeError:
        return ""


def matching(pattern: re.Pattern[str]) -> list[str]:
    here = str(Path(__file__).relative_to(ROOT))
    return [
        f"{path}:{number}: {line.strip()[:80]}"
        for path in FILES
        if path != here
        for number, line in enumerate(text(path).splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_of_others_and_none_that_is_made() -> None:
    assert [path for path in FILES if NOT_OURS.search(path)] == []


def test_no_minified_or_huge_file() -> None:
    huge = [path for path in FILES if (ROOT / path).stat().st_size > MAX_BYTES]
    minified = [
        path
        for path in FILES
        if Path(path).suffix in {".js", ".css", ".html", ".svg"}
        and any(len(line) > MAX_LINE for line in text(path).splitlines())
    ]

    assert [path for path in huge if path not in GENERATED] == []
    assert minified == []


@pytest.mark.parametrize("pattern", SECRETS, ids=lambda pattern: pattern.pattern[:20])
def test_no_secret(pattern: re.Pattern[str]) -> None:
    assert matching(pattern) == []


def test_no_path_of_one_machine() -> None:
    assert matching(ONE_MACHINE) == []
