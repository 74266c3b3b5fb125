"""How large the soaks are: in CI, for the mutants, and in ``make soak``."""

from dataclasses import replace

from tests.reliability.soak import Size

CI = Size(cases=500, every=3.0, patience=20.0)
LARGE_CLUSTER = Size(cases=500, every=3.0, rate=0.005)
CLUSTER_CI = replace(LARGE_CLUSTER, recovery=150.0)
"""Calm, here, is seventeen processes started anew: 35 s when they have two processors to
themselves, twice that beside another test. The limit of 60 s (I9) is held by ``make soak``.
"""
MUTANT = Size(cases=80, every=2.0, rate=0.03, patience=6.0, recovery=40.0, rest=40.0)
"""The product passes it, too: without that, a mutant's being caught would mean nothing."""
LARGE = Size(cases=5_000)
SECONDS_PER_CASE = 0.6
"""At the slowest."""


def sized(size: Size, cases: int) -> Size:
    return replace(size, cases=cases, seconds=max(300.0, cases * SECONDS_PER_CASE))
