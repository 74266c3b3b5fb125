"""The tables of intake, and what stands in them."""

from services.intake.models.sealed_tables import sealed_metadata
from services.intake.models.tables import metadata

__all__ = ["metadata", "sealed_metadata"]
