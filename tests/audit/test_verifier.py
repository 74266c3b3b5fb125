"""Whoever lies with the audit of a copied database is found out; so is a verifier with a hole."""

import ast
import random
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from services.commands.cli import cli
from shared.audit import verifier
from shared.db.audit_tables import audit_checkpoint
from tests.audit.books import OURS, WITNESS, Books, open_books
from tests.audit.manipulating import ALL, Copy, Manipulation, Rows, copied, read, unguarded, write
from tests.audit.targeted import TARGETED, Target

FILE = Path(verifier.__file__)
ONE_BY_ONE = 1000


def filled(books: Books) -> None:
    """Forty rows in eight batches; the last two batches are not witnessed yet."""
    for number in range(8):
        books.act(5)
        books.chain()
        books.clock.move(minutes={0: 15, 5: 6}.get(number, 1))
        if number == 5:
            books.hand_over()


class Archive:
    """Copies of both databases; the untouched rows are kept in memory."""

    def __init__(self, books: Books, folder: Path) -> None:
        self.database, self.witness = folder / "ours.sqlite", folder / "theirs.sqlite"
        for name, file in ((OURS, self.database), (WITNESS, self.witness)):
            copied(Path(books.urls[name].removeprefix("sqlite:///")), file)
            unguarded(file)
        self.key_file = books.keys.public_file(OURS)
        self.key = books.keys.signing(OURS)
        self.rows = read(self.database, "audit_log")
        self.seals = read(self.database, "audit_seal")
        self.held = read(self.witness, "audit_checkpoint")

    def copy(self) -> Copy:
        upto = self.held[-1]["seq"]
        return Copy(deepcopy(self.rows), deepcopy(self.seals), upto, self.key)

    def found(
        self, copy: Copy, by: ModuleType = verifier, held: Rows | None = None
    ) -> list[verifier.Problem]:
        write(self.database, "audit_log", copy.rows)
        write(self.database, "audit_seal", copy.seals)
        write(self.witness, "audit_checkpoint", self.held if held is None else held)
        found: list[verifier.Problem] = by.problems(
            OURS, f"sqlite:///{self.database}", f"sqlite:///{self.witness}", self.key_file
        )
        return found


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    home = tmp_path_factory.mktemp("books")
    with open_books(home) as books:
        filled(books)
        yield Archive(books, home)


def test_an_untouched_database_is_whole(books: Books) -> None:
    filled(books)

    assert len(books.rows()) == 40
    assert len(books.rows(audit_checkpoint, WITNESS)) == 1
    assert books.wrong() == []


def test_an_untouched_copy_is_whole(archive: Archive) -> None:
    assert archive.found(archive.copy()) == []


def test_every_one_of_a_thousand_random_manipulations_is_found(archive: Archive) -> None:
    chance = random.Random(20260302)
    missed = []
    for number in range(ONE_BY_ONE):
        manipulation = chance.choice(ALL)
        copy = archive.copy()
        manipulation(copy, chance)
        assert copy != archive.copy(), "a manipulation that changes nothing"
        if not archive.found(copy):
            missed.append((number, manipulation.__name__))

    assert not missed


@pytest.mark.parametrize("manipulation", ALL, ids=lambda one: one.__name__)
def test_each_kind_of_manipulation_is_found(archive: Archive, manipulation: Manipulation) -> None:
    copy = archive.copy()
    manipulation(copy, random.Random(7))

    assert archive.found(copy)


@pytest.mark.parametrize("target", TARGETED, ids=lambda one: one.name)
def test_a_problem_is_told_in_words_with_its_row(archive: Archive, target: Target) -> None:
    copy, held = archive.copy(), deepcopy(archive.held)
    target.apply(copy, held)

    found = archive.found(copy, held=held)

    assert [problem.says for problem in found if problem.says.startswith(target.says)]


CHECKS = FILE.read_text().count("yield Problem(")


class _Silent(ast.NodeTransformer):
    """Takes the report of one check out of the verifier."""

    def __init__(self, which: int) -> None:
        self.left = which

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value.value if isinstance(node.value, ast.Yield) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "Problem":
            self.left -= 1
            if self.left == -1:
                return ast.copy_location(ast.parse("yield from ()").body[0], node)
        return node


def mutant(which: int) -> ModuleType:
    tree = ast.fix_missing_locations(_Silent(which).visit(ast.parse(FILE.read_text())))
    found = ModuleType("mutant")
    exec(compile(tree, "mutant", "exec"), found.__dict__)  # noqa: S102 – our own file
    return found


@pytest.mark.parametrize("which", range(CHECKS))
def test_without_any_of_its_checks_the_verifier_lets_something_through(
    archive: Archive, which: int
) -> None:
    holed, missed = mutant(which), []
    for target in TARGETED:
        copy, held = archive.copy(), deepcopy(archive.held)
        target.apply(copy, held)
        if not archive.found(copy, holed, held):
            missed.append(target.name)

    assert missed


def test_it_runs_by_itself(files: Books) -> None:
    filled(files)
    asked = [
        *("--service", OURS, "--key", str(files.keys.public_file(OURS))),
        *("--database", files.urls[OURS], "--witness", files.urls[WITNESS]),
    ]
    run = [sys.executable, "-I", str(FILE), *asked]

    good = subprocess.run(run, capture_output=True, text=True, check=False, cwd="/")
    with files.database.transaction() as tx:
        tx.execute(text("DROP TRIGGER audit_log_no_update"))
        tx.execute(text("UPDATE audit_log SET actor = 'm-0001' WHERE seq = 3"))
    bad = subprocess.run(run, capture_output=True, text=True, check=False, cwd="/")

    assert (good.returncode, good.stdout) == (0, f"{OURS}: whole\n"), good.stderr
    assert bad.returncode == 1
    assert "row 3: it does not say what it said when it was hashed" in bad.stdout


def test_it_is_short_and_needs_nothing_of_hemu() -> None:
    tree = ast.parse(FILE.read_text())
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    tops = {name.partition(".")[0] for name in imported}

    assert len(FILE.read_text().splitlines()) < 200
    assert tops <= sys.stdlib_module_names | {"sqlalchemy", "cryptography"}


def test_the_command_checks_a_copy(files: Books) -> None:
    filled(files)
    asked = ["audit", "verify", OURS, "--home", str(files.home)]
    environment = {"HEMU_HOME": str(files.home)}

    good = CliRunner().invoke(cli, asked, env=environment)
    files.database.close()
    Path(files.urls[OURS].removeprefix("sqlite:///")).unlink()
    gone = CliRunner().invoke(cli, asked, env=environment)

    assert (good.exit_code, good.output) == (0, f"{OURS}: whole\n")
    assert gone.exit_code == 1
    assert "cannot read it" in gone.output
