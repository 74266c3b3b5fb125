"""``hemu events``: the log as CloudEvents, one JSON object a line."""

import os
from collections.abc import Iterator
from contextlib import closing

import click

from shared.events import CASES, TOPICS, Undecodable
from shared.events.codec import structured
from shared.messaging.delivery import read
from shared.messaging.log import EventLog, LogUnavailable, StoredRecord
from shared.messaging.open_log import open_log
from shared.settings import Settings


@click.command()
@click.option("--topic", type=click.Choice(TOPICS), default=CASES, show_default=True)
@click.option("--subject", metavar="ID", help="Only the events about this case or lead.")
@click.pass_obj
def events(settings: Settings, topic: str, subject: str | None) -> None:
    """Print a topic, from its beginning to its present end, as structured CloudEvents.

    The events about one case are in order. What is not an event is told on the error output.
    """
    try:
        with closing(open_log(settings)) as log:
            for record in history(log, topic):
                try:
                    envelope = read(record, wants=lambda _type: False).envelope
                except Undecodable as error:
                    place = f"{record.topic} {record.partition} {record.offset}"
                    click.echo(f"{place}: {error}", err=True)
                    continue
                if subject in {None, envelope.subject}:
                    click.echo(structured(envelope))
    except LogUnavailable as error:
        raise click.ClickException(str(error)) from error


def history(log: EventLog, topic: str) -> Iterator[StoredRecord]:
    """All records of a topic, in order within each partition, up to what is its end now."""
    begins = log.begins(topic)
    wanted = {place: end for place, end in log.ends(topic).items() if end > begins[place]}
    with closing(log.subscribe(f"history-{os.getpid()}", [topic])) as subscription:
        while wanted:
            for place, records in subscription.poll(1.0).items():
                end = wanted.get(place, 0)
                yield from (record for record in records if record.offset < end)
                if records[-1].offset + 1 >= end:
                    wanted.pop(place, None)
