"""The notes service as gunicorn serves it: ``tests.web.served:make("HOME", "DATABASE_URL")``."""

from pathlib import Path

from flask import Flask

from tests.web.conftest import make_site, make_tables


def make(home: str, database_url: str) -> Flask:
    make_tables(database_url)
    return make_site(database_url, Path(home)).app
