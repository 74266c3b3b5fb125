"""``make soak``: the soaks in their large sizes, told as they go, and written down in the end."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from tests.reliability.mutants import MUTANTS
from tests.reliability.report import Run, line, write
from tests.reliability.sizes import LARGE, LARGE_CLUSTER, MUTANT, sized
from tests.reliability.soak import Result, Size, Soak
from tests.reliability.target import Target
from tests.reliability.target_cluster import ClusterTarget
from tests.reliability.target_embedded import EmbeddedTarget
from tests.running import ROOT

SOAK = "soak"
SCENES = ROOT / "tests/reliability/test_mutants.py"


@click.command()
@click.option("--seeds", default=10, show_default=True, help="Runs of the embedded system.")
@click.option("--cases", default=5_000, show_default=True, help="Cases of each.")
@click.option("--cluster-seeds", default=3, show_default=True, help="Runs of the cluster.")
@click.option("--cluster-cases", default=2_000, show_default=True, help="Cases of each.")
@click.option("--first-seed", default=1, show_default=True, help="To repeat a run: its seed.")
@click.option("--mutants/--no-mutants", default=True, help="Also see each mutant caught.")
@click.option("--write-to", type=click.Path(path_type=Path), default=ROOT / "docs/reliability.md")
def main(
    seeds: int,
    cases: int,
    cluster_seeds: int,
    cluster_cases: int,
    first_seed: int,
    mutants: bool,  # noqa: FBT001 – click gives it by name
    write_to: Path,
) -> None:
    """Attack Hemu, and write down what was found."""
    kept = Path(tempfile.mkdtemp(prefix="hemu-soak-"))
    kept.chmod(0o711)  # PostgreSQL has a user of its own
    click.echo(f"What fails is kept in {kept}")
    embedded = [
        _embedded(kept, seed, sized(LARGE, cases)) for seed in range(first_seed, first_seed + seeds)
    ]
    cluster = [
        _clustered(kept, seed, sized(LARGE_CLUSTER, cluster_cases))
        for seed in range(first_seed, first_seed + cluster_seeds)
    ]
    runs = [
        Run(name="Embedded: one process group, SQLite", results=embedded),
        Run(name="Cluster: separate processes, PostgreSQL, Kafka", results=cluster),
    ]
    caught = _mutants(kept) if mutants else {}
    write(write_to, [run for run in runs if run.results], caught)
    survivors = [name for name, found in caught.items() if not found]
    failed = [result.seed for result in (*embedded, *cluster) if result.violations]
    click.echo(f"Seeds with violations: {failed or 'none'}. Surviving: {survivors or 'none'}.")
    sys.exit(bool(failed or survivors))


def _embedded(kept: Path, seed: int, size: Size) -> Result:
    folder = kept / f"embedded-{seed}"
    target = EmbeddedTarget(folder, chance=random.Random(f"{seed}/target"))
    return _run(target, seed, size, folder)


def _clustered(kept: Path, seed: int, size: Size) -> Result:
    folder = kept / f"cluster-{seed}"
    folder.mkdir(mode=0o711)
    target = ClusterTarget(folder, chance=random.Random(f"{seed}/target"))
    return _run(target, seed, size, folder)


def _run(target: Target, seed: int, size: Size, folder: Path) -> Result:
    """Its folder is kept when something was found."""
    result = Soak(target, seed, size, click.echo).run()
    click.echo(line(result))
    if not result.violations:
        shutil.rmtree(folder, ignore_errors=True)
        return result
    for violation in result.violations:
        click.echo(f"  {violation}")
    click.echo(f"  kept: {folder}; once more: --seeds 1 --first-seed {seed}")
    return result


def _mutants(kept: Path) -> Mapping[str, Sequence[str]]:
    """By what each gave itself away. The product has to pass what they do not."""
    click.echo("the product, as the mutants are run")
    folder = kept / "product"
    product = EmbeddedTarget(folder, chance=random.Random("1/target"))
    if _run(product, 1, MUTANT, folder).violations:
        raise click.ClickException("the product does not pass what the mutants must not pass")
    scenes = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", SCENES],
        cwd=ROOT,
        env={**os.environ, "CI": "true"},  # what cannot be seen is not caught
        check=False,
    )
    found: dict[str, Sequence[str]] = {}
    for name, mutant in MUTANTS.items():
        click.echo(f"mutant {name}")
        if mutant.tier == SOAK:
            found[name] = _soaked(kept / name, name)
        elif scenes.returncode == 0:
            found[name] = [mutant.caught]
        else:
            found[name] = []
    return found


def _soaked(folder: Path, name: str) -> Sequence[str]:
    module = ("tests.reliability.mutated", name)
    target = EmbeddedTarget(folder, chance=random.Random("1/target"), module=module)
    found = Soak(target, 1, MUTANT).run().violations
    shutil.rmtree(folder, ignore_errors=True)
    return found


if __name__ == "__main__":
    main()
