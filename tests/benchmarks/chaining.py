"""The audit's background work of intake by itself: python -m tests.benchmarks.chaining HOME URL."""

import sys
import time
from pathlib import Path

from shared.audit.worker import audit_worker
from shared.auth.keys import Keyring
from shared.auth.tokens import signer
from shared.clock import utc_now
from shared.db import Database
from shared.service import Workplace
from shared.settings import Settings
from shared.web.internal import InternalClient, remote

NAME = "intake"


def run(home: Path, url: str) -> None:
    """Until it is stopped. No witness answers: a checkpoint is due long after the benchmark."""
    keys = Keyring(home / "keys")
    workplace = Workplace(
        settings=Settings(home=home, checkpoint_seconds=86_400),
        database=Database(url, name=NAME),
        internal=InternalClient(NAME, signer(keys, NAME, utc_now), remote({})),
        clock=utc_now,
    )
    worker = audit_worker()
    while True:
        if not worker.run(workplace):
            time.sleep(worker.every)


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2])
