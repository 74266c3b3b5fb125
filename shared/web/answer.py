"""What a view of the JSON API answers."""

from dataclasses import KW_ONLY, dataclass

from shared.readable import readable


@readable
@dataclass(frozen=True)
class Answer:
    """``status`` None is the status the operation names. ``plain`` says that the body has been
    written through the answer schema already, as a stored answer has.
    """

    body: object
    _: KW_ONLY
    status: int | None = None
    etag: int | None = None
    location: str | None = None
    next_cursor: str | None = None
    plain: bool = False
