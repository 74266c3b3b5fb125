"""What the directory does by itself."""

from services.directory.handlers import sweep
from shared.service import Worker, Workplace

EVERY = 600.0


def _sweep(at: Workplace) -> bool:
    with at.database.transaction() as tx:
        sweep(tx)
    return False


SWEEP = Worker(name="sweep", run=_sweep, every=EVERY)
