"""The audit's background work: chains and seals what is new, and hands checkpoints over."""

import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.audit.chaining import BATCH, ChainBroken, chain
from shared.audit.handing import hand_over
from shared.auth.keys import Keyring
from shared.errors import AppError
from shared.service import Worker, Workplace
from shared.telemetry import AUDIT_BROKEN, logger

EVERY = 1.0
LOOK = 5.0
"""Seconds between looks whether a checkpoint is due, while nothing new comes."""


class Auditing:
    """The work of one process; it keeps the key, and when it last looked."""

    def __init__(self) -> None:
        self._key: Ed25519PrivateKey | None = None
        self._look = 0.0

    def run(self, workplace: Workplace) -> bool:
        """One batch, and a checkpoint when one is due; says whether there may be more."""
        moved = self._chain(workplace)
        if moved == BATCH:
            return True
        if moved == 0 and time.monotonic() < self._look:
            return False
        self._look = time.monotonic() + min(LOOK, workplace.settings.checkpoint_seconds)
        try:
            return hand_over(workplace)
        except AppError as error:
            logger().warning(
                "audit.witness_away", service=workplace.database.name, error=type(error).__name__
            )
            return False

    def _chain(self, workplace: Workplace) -> int:
        service = workplace.database.name
        if self._key is None:
            self._key = Keyring(workplace.settings.keys).signing(service)
        try:
            moved = chain(workplace.database, self._key)
        except ChainBroken:
            AUDIT_BROKEN.labels(service).set(1)
            raise
        AUDIT_BROKEN.labels(service).set(0)
        return moved


def audit_worker() -> Worker:
    """Of one service in one process; every service has one."""
    return Worker(name="audit", run=Auditing().run, every=EVERY)
