"""What several threads read for the first time at once is read, and ends no process."""

import subprocess
import sys

RACE = """
import sys, threading
from dataclasses import dataclass, make_dataclass, field
import msgspec
from shared.readable import readable

sys.setswitchinterval(1e-6)
for number in range(100):
    inner = [
        make_dataclass(f"I{number}_{k}", [(f"g{i}", int | None) for i in range(9)])
        for k in range(8)
    ]
    fields = [(f"f{i}", kind | None, field(default=None)) for i, kind in enumerate(inner)]
    outer = readable(make_dataclass(f"A{number}", fields))
    together = threading.Barrier(8)

    def read():
        together.wait()
        msgspec.json.decode(b'{"f7": null}', type=outer)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_threads_may_read_a_class_for_the_first_time_together() -> None:
    done = subprocess.run([sys.executable, "-c", RACE], check=False, timeout=60)

    assert done.returncode == 0
