"""Wakes a waiting thread of another process: a byte through a pipe made before the fork.

Only a hint: whoever waits also looks by itself every so often, so a lost byte costs a fraction
of a second and nothing else.
"""

import os
import select
from collections.abc import Iterable


class Wakeups:
    """One pipe per name. Make it before forking; the children share the pipes."""

    def __init__(self, names: Iterable[str]) -> None:
        self._pipes = {name: os.pipe() for name in names}
        for ends in self._pipes.values():
            for end in ends:
                os.set_blocking(end, False)

    def __contains__(self, name: str) -> bool:
        return name in self._pipes

    def wake(self, name: str) -> None:
        """Wake whoever waits for this name, in whichever process; unknown names do nothing."""
        if name in self._pipes:
            try:
                os.write(self._pipes[name][1], b"!")
            except BlockingIOError:
                pass  # the pipe is full of wake-ups already

    def wake_all(self, prefix: str) -> None:
        """Wake every name that begins so."""
        for name in self._pipes:
            if name.startswith(prefix):
                self.wake(name)

    def wait(self, name: str, seconds: float) -> bool:
        """Wait until woken, at most so long; True when woken. One waiter gets the byte."""
        reader = self._pipes[name][0]
        ready, _, _ = select.select([reader], [], [], seconds)
        if not ready:
            return False
        try:
            os.read(reader, 65536)
        except BlockingIOError:
            return False  # another process was faster
        return True
