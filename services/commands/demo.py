"""``hemu demo``: files the sample cases over HTTP and shows where each went, why and how fast."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from services.commands.people import DEMO_DISTRICT, new_token
from shared.settings import Settings

SAMPLES = Path(__file__).parents[1] / "intake" / "samples" / "intakes.jsonl"
PATIENCE = 30.0
LOOK = 0.005
AS_LONG_AS_IT_TAKES = timedelta(minutes=10)
READERS = {"mediation": "judicial_office", "referral": "referral_officer"}
"""A role that may read the decision of every case of its areas, per service."""
PLACES = {"mediation": "mediations", "referral": "leads"}

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``milliseconds`` from the 201 to the decision being there to read."""

    sample: str
    service: str
    route: str
    rule: str
    holder: str
    milliseconds: float
    expected: str

    @property
    def right(self) -> bool:
        return self.route == self.expected


class Wrong(Exception):
    """The sample could not be filed, or nothing was decided in time."""


@click.command()
@click.option("--url", help="Where Hemu is; default: HEMU_ADDRESS.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.pass_obj
def demo(settings: Settings, url: str | None, language: str) -> None:
    """File the sample cases with a running Hemu; exit 1 if a route differs from what it must be."""
    samples = [json.loads(line) for line in SAMPLES.read_text().splitlines()]
    console = Console()
    address = url or f"http://{settings.address}"
    with Demo(address, _tokens(settings), language) as running:
        try:
            outcomes = list(_with_progress(console, running, samples))
        except (Wrong, httpx.HTTPError, FileNotFoundError) as error:
            raise click.ClickException(f"Hemu cannot be used there: {error}") from error
    console.print(_table(outcomes))
    wrong = {found.sample for found in outcomes if not found.right}
    console.print(f"{len(samples) - len(wrong)} of {len(samples)} routes as expected")
    sys.exit(1 if wrong else 0)


class Demo:
    """Files samples and asks the deciding services what became of them."""

    def __init__(self, url: str, tokens: Mapping[str, str], language: str) -> None:
        """``tokens`` are one per service that is asked."""
        self._client = httpx.Client(base_url=url, timeout=PATIENCE)
        self._tokens = tokens
        self._language = language

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def run(self, sample: Json) -> Iterator[Outcome]:
        """One outcome per service that has to decide; raises Wrong."""
        kind = "disputes" if sample["kind"] == "dispute" else "leads"
        response = self._client.post(
            f"/intake/api/v1/{kind}",
            json=sample["body"],
            headers={"Idempotency-Key": str(uuid4())},
        )
        started = time.perf_counter()
        if response.status_code != httpx.codes.CREATED:
            raise Wrong(f"{sample['id']}: {response.status_code} {response.text[:300]}")
        filed = response.json()
        subjects = {
            "mediation": filed.get("case_id"),
            "referral": filed.get("lead_id") or (filed.get("lead") or {}).get("lead_id"),
        }
        for service, expected in sample["expect"].items():
            if subjects[service] or expected:
                yield self._outcome(sample, service, subjects[service], started)

    def _outcome(self, sample: Json, service: str, subject: str | None, started: float) -> Outcome:
        found = self._decision(service, subject, started) if subject else {}
        return Outcome(
            sample=sample["id"],
            service=service,
            route=str(found.get("route", "–")),
            rule=str(found.get("rule", "–")),
            holder=_names(found.get("assigned") or {}, self._language),
            milliseconds=(time.perf_counter() - started) * 1000,
            expected=str(sample["expect"][service] or "–"),
        )

    def _decision(self, service: str, subject: str, started: float) -> Json:
        while time.perf_counter() - started < PATIENCE:
            response = self._client.get(
                f"/{service}/api/v1/{PLACES[service]}/{subject}/routing",
                headers={"Authorization": f"Bearer {self._tokens[service]}"},
            )
            if response.status_code == httpx.codes.OK:
                found: Json = response.json()
                return found
            if response.status_code != httpx.codes.NOT_FOUND:
                raise Wrong(f"{service}: {response.status_code} {response.text[:300]}")
            time.sleep(LOOK)
        raise Wrong(f"{service} has not decided {subject} within {PATIENCE:.0f} s")


def _tokens(settings: Settings) -> Mapping[str, str]:
    """Of members who may read every decision there is. Raises ClickException."""
    return {
        service: new_token(settings, role, DEMO_DISTRICT, lifetime=AS_LONG_AS_IT_TAKES)
        for service, role in READERS.items()
    }


def _with_progress(console: Console, running: Demo, samples: list[Json]) -> Iterator[Outcome]:
    columns = (TextColumn("Filing"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        for sample in progress.track(samples):
            yield from running.run(sample)


def _names(assigned: Json, language: str) -> str:
    return "; ".join(str(found["name"][language]) for found in assigned.values())


def _table(outcomes: list[Outcome]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("id", "route", "rule", "who has it", "ms"):
        table.add_column(title, justify="right" if title == "ms" else "left")
    for found in outcomes:
        table.add_row(
            found.sample,
            found.route if found.right else f"[red]{found.route} ≠ {found.expected}[/red]",
            found.rule,
            found.holder,
            f"{found.milliseconds:.0f}",
        )
    return table
