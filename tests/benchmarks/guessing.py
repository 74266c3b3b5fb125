"""What guessing passwords costs those who file: a system with fifty who guess, and without."""

import asyncio
import contextlib
import statistics
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting, ratio, take_turns
from tests.benchmarks.open_loop import Decided, observe
from tests.benchmarks.processes import Server, python
from tests.benchmarks.routed import SYSTEMS, Running

GUESSERS = 50
PAUSE = 1.0
"""Seconds from an answer to the next guess of the same client."""
RATE = 10
CALM, ATTACKED = "Nobody guesses", f"{GUESSERS} guess"
TARGET = 1.5


def measure(setting: Setting) -> Result:
    with SYSTEMS["Embedded"](setting) as running, Decided(running.mediation) as decided:
        token = running.token("judicial_office")

        def filing() -> float:
            seconds = setting.pick(15, 2)
            seen = observe(running.url, token, decided, rate=RATE, seconds=seconds)
            return statistics.median(seen.filing)

        def attacked() -> float:
            with _guessing(running, setting.folder):
                return filing()

        found = take_turns({CALM: filing, ATTACKED: attacked}, setting.pick(5, 1))
    slower = ratio(found[ATTACKED], found[CALM])
    says = "A filing's median while fifty guess, of the one without"
    return Result(
        title="Guessing passwords",
        unit="milliseconds",
        how=HOW,
        bars=[Bar(group="A filing, median", label=name, values=found[name]) for name in found],
        checks=[Check(says=says, value=slower, unit="×", at_most=TARGET)],
        bound=BOUND,
        lower_is_better=True,
    )


HOW = (
    f"Ten disputes a second are filed over HTTP with the embedded system. In every second round "
    f"{GUESSERS} clients try wrong passwords of the demo's accounts, each again a second after it "
    "was answered, whatever it was told."
)
BOUND = (
    "Argon2 takes 64 MiB and three passes on one thread of low priority per process, for five at a "
    "time; who finds no place is told so at once. What is left is each guess's two rows, and the "
    "page that tells of it."
)


@contextmanager
def _guessing(running: Running, folder: Path) -> Iterator[None]:
    command = [python(), "-m", "tests.benchmarks.guessing", running.url]
    with Server(command, output=folder / "guesses", settings={}):
        yield


async def _guess(url: str) -> None:
    told: Counter[str] = Counter()
    logins = [f"mediator-a-{number}" for number in range(1, 3)] + ["director-a", "operator"]
    clients = [_client(url, logins[number % len(logins)], told) for number in range(GUESSERS)]
    print("guessing", flush=True)
    await asyncio.gather(*clients)


async def _client(url: str, login: str, told: Counter[str]) -> None:
    address = urlsplit(url)
    body = urlencode({"login": login, "password": "a guess that is long enough"}).encode()
    head = (
        f"POST /directory/sign-in HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    while True:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(head + body)
        answer = await reader.read()
        told[answer[9:12].decode()] += 1
        writer.close()
        if sum(told.values()) % 100 == 0:
            print(dict(told), flush=True)
        await asyncio.sleep(PAUSE)


BENCHMARK = Benchmark(number=8, name="guessing", run=measure)

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_guess(sys.argv[1]))
