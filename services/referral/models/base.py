"""What all tables of referral are made of."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Dialect, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from shared.db.areas import LONGEST_AREA
from shared.db.types import UtcDateTime

CODE = String(64)
AREA = String(LONGEST_AREA)


PENDING, READY = "pending", "ready"
TEXT_PURPOSE, WORDS_PURPOSE = "referral.texts", "referral.words"
REASON_PURPOSE = "referral.reasons"
"""What is sealed, and so for which purpose: texts of intake, words written here, and why somebody
opened a lead.
"""


class Document(TypeDecorator[object]):
    """Plain data as JSON text: written with every decision, so by the faster writer."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, _dialect: Dialect) -> str:
        return msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> object:
        return None if value is None else msgspec.json.decode(value)


class Base(DeclarativeBase):
    type_annotation_map = {
        UUID: Uuid,
        datetime: UtcDateTime,
        bytes: LargeBinary,
        str: CODE,
        dict[str, Any]: Document,
        list[Any]: Document,
    }
