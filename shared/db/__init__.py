"""A service's database: the only place that begins and commits, and the tables of messaging."""

from shared.db.database import Database
from shared.db.transaction import Delivered, Transaction

__all__ = ["Database", "Delivered", "Transaction"]
