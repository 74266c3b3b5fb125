"""Opens the event log that the settings name."""

import socket
from urllib.parse import urlsplit

from shared.messaging.log import EventLog
from shared.messaging.sqlite_log import SqliteLog
from shared.messaging.wakeup import Wakeups
from shared.settings import Settings, SettingsError


def open_log(settings: Settings, wakeups: Wakeups | None = None) -> EventLog:
    """``sqlite:PATH`` or ``kafka://HOST:PORT[,HOST:PORT]``; nothing is touched before the first
    use. Make one in each process, after the fork. Raises SettingsError.
    """
    scheme, _, path = settings.log_url.partition(":")
    if scheme == "sqlite" and path:
        return SqliteLog(path, wakeups=wakeups)
    brokers = urlsplit(settings.log_url).netloc.split(",")
    if scheme == "kafka" and all(":" in broker for broker in brokers):
        from shared.messaging.kafka_log import KafkaLog  # noqa: PLC0415 – costs memory when unused

        return KafkaLog(brokers, client_id=f"hemu@{socket.gethostname()}")
    raise SettingsError("HEMU_LOG: must be sqlite:PATH or kafka://HOST:PORT[,HOST:PORT]")
