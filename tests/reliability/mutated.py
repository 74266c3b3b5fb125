"""``python -m tests.reliability.mutated NAME up``: Hemu with one guard taken out, else as it is."""

import os
import sys

from services.__main__ import METRICS, SERVERS, main, prepare_metrics


def run(name: str, arguments: list[str]) -> None:
    """Mutate this process, and then do what ``hemu`` does with these arguments."""
    sys.argv = ["hemu", *arguments]
    if SERVERS & set(arguments[:1]) and METRICS not in os.environ:
        prepare_metrics()  # before anything that counts is imported
    import pytest  # noqa: PLC0415 – see above

    from tests.reliability.mutants import MUTANTS  # noqa: PLC0415 – see above

    MUTANTS[name].apply(pytest.MonkeyPatch())
    main()


if __name__ == "__main__":
    run(sys.argv[1], [each for each in sys.argv[2:] if each != "--"])
