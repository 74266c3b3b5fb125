"""The command ``hemu`` and its sub-commands."""

import os
from collections.abc import Mapping
from importlib import import_module

import click

from shared.failpoints import arm
from shared.settings import Settings, SettingsError
from shared.telemetry import configure

COMMANDS = {
    "up": "up",
    "cluster": "cluster.command",
    "demo": "demo",
    "token": "people",
    "account": "people",
    "rules": "rules",
    "web": "roles",
    "relay": "roles",
    "consume": "roles",
    "passwords": "cluster.command",
    "databases": "cluster.command",
    "migrate": "installation",
    "topics": "installation",
    "district": "installation",
    "settings": "installation",
    "events": "events",
    "docs": "documents",
    "audit": "audit",
}
"""Each with the module it is in, below services.commands."""


class Commands(click.Group):
    """Imports the one that is asked for: a cluster starts two dozen processes."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 – click's own
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"services.commands.{COMMANDS[cmd_name]}")
        found: click.Command = getattr(module, cmd_name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """Hemu: disputes settled and leads followed up, together.

    Settings are environment variables; `hemu settings` lists them.
    """
    context.obj = settings_or_exit(os.environ)
    configure(context.obj.log_level)
    try:
        arm(context.obj.failpoints)
    except ValueError as error:
        raise click.ClickException(f"HEMU_FAILPOINTS: {error}") from error


def settings_or_exit(environment: Mapping[str, str]) -> Settings:
    try:
        return Settings.from_env(environment)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
