"""What all tables of referral are made of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, String, Uuid
from sqlalchemy.orm import DeclarativeBase

from shared.db.areas import LONGEST_AREA
from shared.db.types import Document, UtcDateTime

CODE = String(64)
AREA = String(LONGEST_AREA)


PENDING, READY = "pending", "ready"
TEXT_PURPOSE, WORDS_PURPOSE = "referral.texts", "referral.words"
REASON_PURPOSE = "referral.reasons"
"""What is sealed, and so for which purpose: texts of intake, words written here, and why somebody
opened a lead.
"""


class Base(DeclarativeBase):
    type_annotation_map = {
        UUID: Uuid,
        datetime: UtcDateTime,
        bytes: LargeBinary,
        str: CODE,
        dict[str, Any]: Document,
        list[Any]: Document,
    }
