"""The names of the services; ``load`` imports the one that is asked for and no other."""

from importlib import import_module

from shared.service import Service
from shared.settings import SERVICES

NAMES = SERVICES


def load(name: str) -> Service:
    """The manifest of a service; ValueError for an unknown name."""
    if name not in NAMES:
        raise ValueError(f"{name}: no such service")
    manifest = import_module(f"services.{name}.manifest")
    service: Service = manifest.SERVICE
    return service


def load_all() -> tuple[Service, ...]:
    return tuple(load(name) for name in NAMES)
