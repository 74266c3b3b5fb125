"""The report says what was run and found, and no more than that."""

from collections import Counter

from tests.reliability.mutants import MUTANTS
from tests.reliability.report import Run, document
from tests.reliability.soak import Result


def result(*violations: str, recovery: float | None = 4.2) -> Result:
    return Result(
        seed=7,
        cases=500,
        acts=900,
        kills=Counter({"worker": 30, "master": 2}),
        failpoints=40,
        restarts=3,
        answers=Counter({0: 12, 200: 2_000, 201: 510}),
        seconds=50.0,
        recovery=recovery,
        unplayed=0,
        violations=violations,
    )


def test_the_bound_is_three_by_the_number_of_cases() -> None:
    run = Run(name="Embedded", results=[result(), result()])

    text = document([run], {})

    assert run.bound == 0.003
    assert "| seed 7 | 500 | 900 | 32 | 40 | 2522 | 12 | 0 | 4.2 s |" in text
    assert "| **all** | 1000 | 1800 | 64 | 80 | 5044 | 24 | 0 | 4.2 s |" in text
    assert "Kills: 4 × master, 60 × worker." in text
    assert "fewer than one case in 333" in text


def test_a_violation_leaves_no_bound_to_be_claimed() -> None:
    text = document([Run(name="Embedded", results=[result("I1: lost", recovery=None)])], {})

    assert "**1 violations.**" in text
    assert "never" in text
    assert "confidence" not in text.partition("## Soak")[2].partition("## Mutants")[0]


def test_every_mutant_is_told_with_what_caught_it() -> None:
    name = "offset-before-effect"

    text = document([], {name: ["I5: not heard", "I3: nobody has it"]})

    assert all(mutant.says in text for mutant in MUTANTS.values())
    assert f"| {MUTANTS[name].says} | soak | – | I3, I5 |" in text


def test_a_mutant_that_survives_is_told_loudly() -> None:
    text = document([], {"no-idempotency-key": []})

    assert "| **survived** |" in text
