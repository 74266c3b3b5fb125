"""The import contracts hold, and each of them notices when it is broken."""

import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, lint_imports

CONTRACTS: dict[str, str] = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}


@dataclass(frozen=True)
class Violation:
    """A line that is added to a module, which is made if need be; to a package's ``__init__``."""

    contract: str
    module: str
    line: str = ""


VIOLATIONS = [
    Violation("top", "services/intake/models.py", "import services.mediation.lifecycle"),
    Violation("top", "shared/clock.py", "import services.ops"),
    Violation("service", "services/intake/pages.py", "import services.intake.api"),
    Violation("service", "services/referral/utils.py"),
    Violation("shared", "shared/settings.py", "import shared.clock"),
    Violation("shared", "shared/common.py"),
    Violation("rules", "services/mediation/lifecycle.py", "import sqlalchemy"),
    Violation("rules", "shared/events/base.py", "import flask"),
    Violation("kafka", "shared/messaging/relay.py", "import kafka"),
    Violation("kafka", "services/ops/queries.py", "from kafka import KafkaConsumer"),
    Violation("pages", "services/intake/pages.py", "from sqlalchemy import select"),
    Violation("cycles", "shared/events/base.py", "import shared.events.registry"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "*.mo")
        )
    return folder


def broken(folder: Path) -> set[str]:
    """The names of the contracts that do not hold in the tree below the folder."""
    checked = lint_imports(folder)
    found = {
        contract
        for contract in CONTRACTS.values()
        if re.search(f"^{re.escape(contract)} BROKEN", checked.stdout, re.MULTILINE)
    }
    assert (checked.returncode == 0) == (not found), checked.stdout + checked.stderr
    return found


def test_there_are_seven_contracts() -> None:
    assert len(CONTRACTS) == 7
    assert {violation.contract for violation in VIOLATIONS} == set(CONTRACTS)


def test_all_contracts_hold(copy: Path) -> None:
    checked = lint_imports(copy)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    "violation", VIOLATIONS, ids=lambda each: f"{each.contract}-{Path(each.module).stem}"
)
def test_a_violation_is_reported_by_its_contract_and_no_other(
    copy: Path, violation: Violation
) -> None:
    module = copy / violation.module
    if module.with_suffix("").is_dir():
        module = module.with_suffix("") / "__init__.py"
    before = module.read_text() if module.exists() else None
    module.write_text(f"{before or ''}\n{violation.line}\n")

    try:
        assert broken(copy) == {CONTRACTS[violation.contract]}
    finally:
        if before is None:
            module.unlink()
        else:
            module.write_text(before)
