"""The directory's database, for commands that read or change it themselves."""

from contextlib import closing

from shared.auth.door import ISSUER
from shared.db import Database
from shared.settings import Settings


def directory(settings: Settings) -> closing[Database]:
    return closing(Database(settings.database_url(ISSUER), name=ISSUER))
