"""What the soaks showed, as numbers: the table that ``docs/reliability.md`` consists of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.reliability.mutants import MUTANTS
from tests.reliability.soak import Result

CONFIDENCE = 3.0
"""Nothing bad in n says with 95 % confidence that the probability is below 3/n."""
HEAD = """\
# Reliability

How Hemu was attacked, and what was found. Written by `make soak`; [the
tests](../tests/reliability/soak.py) run in a smaller size with every change.

Clients file disputes and leads over HTTP, each with an `Idempotency-Key` and again with the same
key until it is answered with 201, and play the short life of each case. Meanwhile `kill -9` hits
every kind of process, and every named point of the code (`shared/failpoints.py`) breaks by chance.
Then everything starts once more without faults; within 60 seconds all must be done, and the books
are compared: databases, log, and what the system says of itself.

| | Invariant |
| --- | --- |
| I1 | every id that was answered with 201 exists |
| I2 | one case per key, one event per act, however often it was asked for |
| I3 | every case is decided once, by the service whose kind it is |
| I4 | nothing stands anywhere without a case; nothing that grows was done twice |
| I5 | every event is in the log, and in the inbox of everybody who does something about it |
| I6 | per case and service the numbers have no gap; nobody waits; the log keeps the order |
| I7 | the ledger balances: accepted = routed, nothing unexplained |
| I8 | the databases are sound |
| I9 | all is done within 60 s of the last fault |
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The soaks of one kind of installation."""

    name: str
    results: Sequence[Result]

    @property
    def cases(self) -> int:
        return sum(result.cases for result in self.results)

    @property
    def bound(self) -> float:
        """Of the probability that a case is lost or doubled, with 95 % confidence."""
        return CONFIDENCE / max(1, self.cases)


def document(runs: Sequence[Run], caught: Mapping[str, Sequence[str]]) -> str:
    """``caught`` are the violations by which each mutant gave itself away."""
    parts = [HEAD, "## Soak\n", *(_soaks(run) for run in runs), "## Mutants\n", _mutants(caught)]
    return "\n".join(parts)


def write(path: Path, runs: Sequence[Run], caught: Mapping[str, Sequence[str]]) -> None:
    path.write_text(document(runs, caught))


def line(result: Result) -> str:
    """One run in one line, for who watches."""
    recovery = "never" if result.recovery is None else f"{result.recovery:.1f} s"
    return (
        f"seed {result.seed}: {result.cases} cases, {result.acts} acts, "
        f"{result.kills.total()} kills, {result.failpoints} failpoints, "
        f"{len(result.violations)} violations, done after {recovery}, "
        f"{result.seconds:.0f} s in all"
    )


def _soaks(run: Run) -> str:
    rows = [_row(f"seed {result.seed}", [result]) for result in run.results]
    return "\n".join(
        [
            f"### {run.name}\n",
            (
                "| | Cases | Acts | Kills | Failpoints hit | Requests | without an answer | "
                "Violations | Done after |"
            ),
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
            *rows,
            _row("**all**", run.results),
            "",
            f"Kills: {_kills(run.results)}. {_bound(run)}\n",
        ]
    )


def _row(name: str, results: Sequence[Result]) -> str:
    recoveries = [each.recovery for each in results]
    slowest = max((each for each in recoveries if each is not None), default=0.0)
    cells = (
        name,
        sum(each.cases for each in results),
        sum(each.acts for each in results),
        sum(each.kills.total() for each in results),
        sum(each.failpoints for each in results),
        sum(each.answers.total() for each in results),
        sum(each.answers[0] for each in results),
        sum(len(each.violations) for each in results),
        "never" if None in recoveries else f"{slowest:.1f} s",
    )
    return f"| {' | '.join(map(str, cells))} |"


def _kills(results: Sequence[Result]) -> str:
    kinds = {kind for result in results for kind in result.kills}
    counts = {kind: sum(result.kills[kind] for result in results) for kind in sorted(kinds)}
    return ", ".join(f"{count} × {kind}" for kind, count in counts.items()) or "none"


def _bound(run: Run) -> str:
    bad = sum(len(result.violations) for result in run.results)
    if bad:
        return f"**{bad} violations.**"
    return (
        f"No violation in {run.cases} cases: with 95 % confidence fewer than one case in "
        f"{round(1 / run.bound)} is lost or doubled (3/n = {run.bound:.1e})."
    )


def _mutants(caught: Mapping[str, Sequence[str]]) -> str:
    rows = [
        f"| {one.says} | {one.tier} | {one.guards_off} | {_by(one.caught, caught, name)} |"
        for name, one in MUTANTS.items()
    ]
    return "\n".join(
        [
            (
                "Hemu with one guard taken out must not pass. So that no other guard hides what is "
                "missing, some are switched off besides.\n"
            ),
            "| Mutant | Caught in | Switched off | By |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _by(expected: str, caught: Mapping[str, Sequence[str]], name: str) -> str:
    if name not in caught:
        return expected
    kinds = sorted({violation.partition(":")[0] for violation in caught[name]})
    return ", ".join(kinds) if kinds else "**survived**"
