"""One run of a cluster: from its files to its last process."""

import fcntl
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from services.commands.cluster.files import remembered, write_files
from services.commands.cluster.plan import Plan
from services.commands.cluster.programs import Unusable
from services.commands.cluster.starting import Starting, ports_in_use
from services.commands.cluster.supervisor import Supervisor
from services.commands.demo_accounts import print_accounts
from shared.settings import Settings

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(Exception):
    """Somebody wants us to stop."""


def run(plan: Plan) -> None:
    """Until it is told to stop. Raises Unusable when it cannot start, or ends by itself."""
    with _only_one(plan.folder):
        _settle_brokers(plan)
        _check_ports(plan)
        write_files(plan)
        for number in STOPPING:
            signal.signal(number, _stop)
        with Supervisor(plan) as supervisor:
            try:
                Starting(plan, supervisor, click.echo).run()
                _announce(plan)
                raise Unusable(f"supervisord ended with {supervisor.wait()}")
            except Stopped:
                click.echo("Stopping")


def _announce(plan: Plan) -> None:
    address = f"http://{plan.address}/"
    click.echo(f"Hemu is ready: {address}")
    print_accounts(Settings.from_env(plan.shell), address)
    click.echo(f"Settings for other commands: {plan.folder / 'environment'}")
    click.echo("Ctrl-C stops it.")


def _check_ports(plan: Plan) -> None:
    taken = ports_in_use({**plan.ports, "gateway": int(plan.address.rpartition(":")[2])})
    if taken:
        ports = ", ".join(f"{port} ({name})" for name, port in taken.items())
        raise Unusable(f"in use on this machine: {ports}; see HEMU_ADDRESS and --first-port")


def _settle_brokers(plan: Plan) -> None:
    known = remembered(plan.folder / "brokers", str(plan.brokers))
    if int(known) != plan.brokers:
        raise Unusable(
            f"this cluster was made with {known} broker(s), not {plan.brokers}; "
            "docs/operations.md tells how to change that"
        )


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Unusable(f"a cluster runs in {folder} already") from error
        yield


def _stop(number: int, _frame: object) -> NoReturn:
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)  # once is enough: stopping takes its time
    raise Stopped(number)
