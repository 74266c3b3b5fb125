"""One thread at a time makes the decoders of Kafka's client, which many threads here share."""

import threading
from functools import wraps
from typing import Any

from kafka.protocol.schemas.fields.struct import StructField

_turn = threading.RLock()


def one_at_a_time() -> None:
    """Mends kafka-python 3.0.12, once per process; doing it again changes nothing.

    It compiles the decoder of an answer when the first such answer comes, and swaps a class in a
    table of all threads while it does. When two consumers in one process join their groups at the
    same moment, one of them may compile with the wrong class; the decoder is kept, and no consumer
    of the process can join a group any more ("TypeError" in the decoding of a response).
    """
    compile_decoder = StructField.compiled_decode_from
    if getattr(compile_decoder, "taken_in_turns", False):
        return

    @wraps(compile_decoder)
    def in_turn(*args: Any, **kwargs: Any) -> Any:
        with _turn:
            return compile_decoder(*args, **kwargs)

    in_turn.taken_in_turns = True  # type: ignore[attr-defined]
    StructField.compiled_decode_from = in_turn
