"""The settings' log URL chooses the event log; opening it touches nothing."""

from pathlib import Path

import pytest

from shared.messaging.kafka_log import KafkaLog
from shared.messaging.open_log import open_log
from shared.messaging.sqlite_log import SqliteLog
from shared.settings import Settings, SettingsError


def test_the_default_is_a_file_in_the_home_folder(tmp_path: Path) -> None:
    log = open_log(Settings(home=tmp_path))

    assert isinstance(log, SqliteLog)
    log.ends("hemu.cases")
    assert (tmp_path / "log.sqlite").exists()
    log.close()


def test_brokers_need_not_answer_when_the_log_is_opened() -> None:
    log = open_log(Settings(log="kafka://127.0.0.1:1,127.0.0.2:1"))

    assert isinstance(log, KafkaLog)
    log.close()


@pytest.mark.parametrize("url", ["sqlite:", "kafka:", "kafka://", "kafka://host", "redis://x:1"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="HEMU_LOG"):
        open_log(Settings(log=url))
