"""The HTML pages of the directory."""

from flask import Blueprint

from services.directory.pages import (
    account,
    accounts,
    api_tokens,
    conflicts,
    homes,
    leaving,
    members,
    openid,
    organisations,
    overview,
    rota,
    second_factor,
    sign_in,
    styleguide,
    tables,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    homes.blueprint,
    overview.blueprint,
    sign_in.blueprint,
    openid.blueprint,
    account.blueprint,
    api_tokens.blueprint,
    second_factor.blueprint,
    accounts.blueprint,
    organisations.blueprint,
    members.blueprint,
    leaving.blueprint,
    rota.blueprint,
    tables.blueprint,
    conflicts.blueprint,
    styleguide.blueprint,
)

__all__ = ["BLUEPRINTS"]
