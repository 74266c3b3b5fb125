"""``hemu web | relay | consume SERVICE``: one role of one service, for a process of its own."""

import signal

import click

from services import registry
from services.assembly import Assembly, wakeups
from services.commands.probe import serve_probe
from services.topology import SILENT
from shared.settings import Settings

SERVICE = click.argument("name", metavar="SERVICE", type=click.Choice(registry.NAMES))


@click.command()
@SERVICE
@click.pass_obj
def web(settings: Settings, name: str) -> None:
    """Serve the pages and the API of SERVICE at HEMU_ADDRESS."""
    from services.separate import Separate  # noqa: PLC0415 – the other roles need no web server

    Separate(settings, registry.load(name), wakeups()).run()


@click.command()
@SERVICE
@click.pass_obj
def relay(settings: Settings, name: str) -> None:
    """Publish the events of SERVICE and do its background work; one process does at a time."""
    assembly = Assembly(settings, [registry.load(name)], wakeups=wakeups(), together=False)
    [service] = assembly.services
    assembly.runtime.start([assembly.runtime.relay(service), *assembly.workers(service)])
    _until_stopped(assembly)


@click.command()
@SERVICE
@click.pass_obj
def consume(settings: Settings, name: str) -> None:
    """React to events as SERVICE; several processes share the work."""
    assembly = Assembly(settings, [registry.load(name)], wakeups=wakeups(), together=False)
    [service] = assembly.services
    if not service.reactions:
        raise click.ClickException(f"{name} does not listen to any event")
    # A service without a relay process has its background work done here.
    workers = assembly.workers(service) if name in SILENT else []
    assembly.runtime.start([*assembly.consumers(service, alone=False), *workers])
    _until_stopped(assembly)


def _until_stopped(assembly: Assembly) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: assembly.runtime.ask_to_stop())
    with serve_probe(assembly.settings.metrics_address, assembly.runtime.silences):
        assembly.runtime.wait()
    assembly.runtime.stop()
