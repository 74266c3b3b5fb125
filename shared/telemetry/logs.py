"""Logs: one JSON object per line on stderr, and no personal data in them.

What may be logged is an allow-list of keys, whose values are numbers, ids and codes: a sentence or
a name does not pass. Messages of exceptions and of libraries may quote data: of the former the
class and the places are kept, of the latter the text before anything is put into it.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, TextIO
from uuid import UUID

import orjson
import structlog

Logger = structlog.typing.FilteringBoundLogger

KEYS = frozenset(
    {
        # what, when and where
        "event",
        "level",
        "time",
        "logger",
        "service",
        "role",
        "worker",
        "pid",
        # which request, trace and case
        "request_id",
        "trace_id",
        "correlation_id",
        "causation_id",
        "case_id",
        "event_id",
        "event_type",
        # a request
        "method",
        "rule",
        "status",
        "ms",
        "action",
        # the log and the outbox
        "topic",
        "partition",
        "offset",
        "kseq",
        "count",
        "attempts",
        "state",
        "reason",
        # what went wrong
        "error",
        "where",
        # operations
        "revision",
        "seconds",
        "signal",
    }
)
MAX_TEXT = 200
MAX_FRAMES = 12
_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
_NAME = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_CODE = re.compile(r"[A-Za-z0-9_.:/<>{}+-]*")

Context = Mapping[str, object]
Record = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

_CONTEXT: ContextVar[Context] = ContextVar("hemu_log_context", default={})  # noqa: B039 – never changed in place


def logger() -> Logger:
    """Log ``noun.verb_past`` with ids, codes and numbers under the names in ``KEYS``."""
    if not structlog.is_configured():
        _configure(logging.WARNING, None)  # structlog's own default would print local variables
    found: Logger = structlog.get_logger()
    return found


def configure(level: str, stream: TextIO | None = None) -> None:
    """Set up the logs of this process; ``level`` is one of ``HEMU_LOG_LEVEL``."""
    number = logging.getLevelNamesMapping()[level.upper()]
    _configure(number, stream)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_LibraryFormatter())
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _configure(level: int, stream: TextIO | None) -> None:
    structlog.configure(
        processors=[
            with_context,
            structlog.processors.add_log_level,
            _STAMP,
            allow_listed,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )


class _Lines(structlog.PrintLogger):
    """A line that cannot be written (no room, nobody reads) is lost, not the work it tells of."""

    def msg(self, message: str) -> None:
        try:
            super().msg(message)
        except OSError:
            pass  # there is nobody to tell

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


@contextmanager
def context(**values: object) -> Iterator[None]:
    """Everything logged in the block carries these values too."""
    token = _CONTEXT.set({**_CONTEXT.get(), **values})
    try:
        yield
    finally:
        _CONTEXT.reset(token)


def begin_context(**values: object) -> Token[Context]:
    """From here on, everything logged in this thread carries these values and no others."""
    return _CONTEXT.set(values)


def add_context(**values: object) -> None:
    """From here on, everything logged in this thread carries these values too."""
    _CONTEXT.set({**_CONTEXT.get(), **values})


def end_context(token: Token[Context]) -> None:
    """Go back to what counted before ``begin_context``."""
    _CONTEXT.reset(token)


def with_context(_logger: object, _method: str, record: Record) -> Record:
    """The processor that adds what counts in this thread; what the record says itself wins."""
    for name, value in _CONTEXT.get().items():
        record.setdefault(name, value)
    return record


def allow_listed(_logger: object, _method: str, record: Record) -> Record:
    """The processor that lets nothing through but known keys with short plain values."""
    error = record.pop("exc_info", None)
    kept: Record = {key: _plain(value) for key, value in record.items() if key in KEYS}
    if not _NAME.fullmatch(str(record.get("event", ""))):
        kept["event"] = "text.withheld"
    found = _exc_info(error)
    if found:
        kept["error"] = found[0].__qualname__
        kept["where"] = _places(found[2])
    return kept


def _plain(value: object) -> object:
    match value:
        case bool() | int() | float() | None:
            return value
        case str():
            return value[:MAX_TEXT] if _CODE.fullmatch(value) else "<text>"
        case UUID():
            return str(value)
        case BaseException():
            return type(value).__qualname__
        case _:
            return f"<{type(value).__name__}>"


def _exc_info(given: object) -> ExcInfo | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    if isinstance(given, tuple) and given and given[0] is not None:
        return given[0], given[1], given[2]
    if given:
        kind, value, trace = sys.exc_info()
        return (kind, value, trace) if kind and value else None
    return None


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-MAX_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    """The last three parts of a path: enough to find the file, not where it is installed."""
    return "/".join(filename.split("/")[-3:])


def _json(record: Mapping[str, Any], **_options: object) -> str:
    return orjson.dumps(record).decode()


class _LibraryFormatter(logging.Formatter):
    """Records of libraries, without their arguments."""

    def format(self, record: logging.LogRecord) -> str:
        kept: dict[str, object] = {
            "event": "library.logged",
            "level": record.levelname.lower(),
            "time": _STAMP(None, "", {})["time"],
            "logger": record.name,
            "reason": str(record.msg)[:MAX_TEXT],
        }
        found = _exc_info(record.exc_info)
        if found:
            kept["error"] = found[0].__qualname__
            kept["where"] = _places(found[2])
        return _json(kept)
