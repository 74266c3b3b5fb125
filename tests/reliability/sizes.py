"""How large the soaks are: in CI, for the mutants, and in ``make soak``."""

from dataclasses import replace

from tests.reliability.soak import Size

CI = Size(cases=500)
CLUSTER_CI = Size(cases=500, every=3.0, rate=0.005)
MUTANT = Size(cases=80, every=2.0, rate=0.03, patience=6.0, recovery=20.0)
"""The product passes it, too: without that, a mutant's being caught would mean nothing."""
LARGE = Size(cases=5_000)
LARGE_CLUSTER = CLUSTER_CI
SECONDS_PER_CASE = 0.6
"""At the slowest."""


def sized(size: Size, cases: int) -> Size:
    return replace(size, cases=cases, seconds=max(300.0, cases * SECONDS_PER_CASE))
