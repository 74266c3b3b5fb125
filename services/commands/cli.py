"""The command ``hemu`` and its sub-commands."""

import os
from collections.abc import Mapping

import click

from services.commands import demo, documents, installation, people, roles, rules, up
from shared.failpoints import arm
from shared.settings import Settings, SettingsError
from shared.telemetry import configure


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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


for command in (
    up.up,
    demo.demo,
    people.token,
    rules.rules,
    roles.web,
    roles.relay,
    roles.consume,
    installation.migrate,
    installation.topics,
    installation.district,
    installation.settings,
    documents.docs,
):
    cli.add_command(command)
