"""What is over is deleted: sessions, tokens, and tries to sign in."""

from sqlalchemy import delete, or_

from services.directory.handlers.sessions import IDLE, LIFETIME
from services.directory.handlers.throttle import WINDOW
from services.directory.models import api_tokens, attempts, sessions
from shared.db import Transaction


def sweep(tx: Transaction) -> None:
    ended = or_(sessions.c.seen_at < tx.now - IDLE, sessions.c.opened_at < tx.now - LIFETIME)
    tx.execute(delete(sessions).where(ended))
    tx.execute(delete(api_tokens).where(api_tokens.c.expires_at < tx.now))
    tx.execute(delete(attempts).where(attempts.c.since < tx.now - 2 * WINDOW))
