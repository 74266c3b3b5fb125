"""A process for tests to kill: it appends to a log, or is a member of a consumer group.

``child.py URL TOPIC append WRITER`` prints the last number of each batch that was acknowledged,
until there are 500 records;
``child.py URL TOPIC hold GROUP`` prints ``assigned`` when it has partitions.
"""

import sys

from shared.messaging.log import Record
from tests.contracts.logs import PARTITIONS, open_url

BATCH, ALL = 5, 500


def main(url: str, topic: str, what: str, name: str) -> None:
    log = open_url(url, {topic: PARTITIONS})
    if what == "append":
        for first in range(0, ALL, BATCH):
            numbers = range(first, first + BATCH)
            if None not in log.append([Record(topic, name, b"%d" % n) for n in numbers]):
                print(numbers[-1], flush=True)  # noqa: T201
        return
    subscription = log.subscribe(name, [topic])
    while not subscription.assignment():
        subscription.poll(0.1)
    print("assigned", flush=True)  # noqa: T201
    while True:
        subscription.poll(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
