"""Settings, read once from the environment when a process starts, and validated there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

SERVICES = ("directory", "intake", "mediation", "referral", "ops")
DATABASES = (*SERVICES, "intake_sealed")
PREFIX = "HEMU_"


class SettingsError(Exception):
    """The environment does not hold what the process needs to start."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What differs between one installation and another, and nothing else.

    Each field is one environment variable, ``HEMU_`` and the field's name in capitals; the two
    mappings are one variable per service (``HEMU_INTAKE_DATABASE_URL``, ``HEMU_INTAKE_URL``).
    An unknown ``HEMU_`` variable is refused: it is a typing error that would otherwise be silent.
    """

    home: Path = field(
        default=Path("var"), metadata={"help": "Folder of databases, log, keys and locks"}
    )
    address: str = field(default="127.0.0.1:8080", metadata={"help": "Where the web listens"})
    log: str = field(
        default="",
        metadata={
            "help": "The event log: `sqlite:PATH` or `kafka://HOST:PORT[,HOST:PORT]`; "
            "empty means `sqlite:` in the home folder"
        },
    )
    workers: int = field(
        default=0, metadata={"help": "Worker processes of the web; 0 means one per core"}
    )
    threads: int = field(default=16, metadata={"help": "Threads of one worker process"})
    log_level: str = field(
        default="warning", metadata={"help": "debug, info, warning or error (JSON on stderr)"}
    )
    metrics_address: str = field(
        default="",
        metadata={
            "help": "Where `hemu relay` and `hemu consume` tell their health and figures: "
            "`HOST:PORT`, or a port of 127.0.0.1; empty means nowhere"
        },
    )
    public_url: str = field(
        default="",
        metadata={
            "help": "How browsers reach Hemu, `https://hemu.example`; for an OpenID provider"
        },
    )
    openid_issuer: str = field(
        default="", metadata={"help": "An OpenID provider to sign in at; empty means none"}
    )
    openid_client: str = field(default="", metadata={"help": "How that provider knows Hemu"})
    openid_secret_file: Path | None = field(
        default=None, metadata={"help": "File with the secret that goes with it"}
    )
    checkpoint_seconds: int = field(
        default=300,
        metadata={"help": "Seconds after which another service must vouch for new audit rows"},
    )
    failpoints: str = field(
        default="",
        metadata={"help": "For tests only: where the process shall break (shared/failpoints.py)"},
    )
    database_urls: Mapping[str, str] = field(
        default_factory=dict,
        repr=False,
        metadata={"help": "Database of one service; default: an SQLite file in the home folder"},
    )
    urls: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"help": "Where one service's internal API answers; not needed in one process"},
    )

    def openid_secret(self) -> str:
        """Empty where there is no file. Raises OSError."""
        return self.openid_secret_file.read_text().strip() if self.openid_secret_file else ""

    @property
    def keys(self) -> Path:
        """Folder of the signing and encryption keys."""
        return self.home / "keys"

    @property
    def passwords(self) -> Path:
        """Folder of the passwords of PostgreSQL's roles."""
        return self.home / "passwords"

    @property
    def locks(self) -> Path:
        """Folder of the role locks."""
        return self.home / "locks"

    @property
    def log_url(self) -> str:
        return self.log or f"sqlite:{self.home / 'log.sqlite'}"

    @property
    def worker_count(self) -> int:
        return self.workers or os.cpu_count() or 1

    def database_url(self, name: str) -> str:
        """The URL of a service's database; ``name`` is one of ``DATABASES``."""
        return self.database_urls.get(name, f"sqlite:///{(self.home / name).absolute()}.sqlite")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read and check the environment; raises SettingsError naming the variable."""
        given = {name: value for name, value in env.items() if name.startswith(PREFIX)}
        database_urls = _take(given, DATABASES, "_DATABASE_URL")
        urls = _take(given, SERVICES, "_URL")
        settings = cls(
            home=Path(given.pop("HEMU_HOME", "var")),
            address=given.pop("HEMU_ADDRESS", "127.0.0.1:8080"),
            log=given.pop("HEMU_LOG", ""),
            workers=_number(given, "HEMU_WORKERS", 0),
            threads=_number(given, "HEMU_THREADS", 16),
            log_level=given.pop("HEMU_LOG_LEVEL", "warning").lower(),
            metrics_address=given.pop("HEMU_METRICS_ADDRESS", ""),
            public_url=given.pop("HEMU_PUBLIC_URL", ""),
            openid_issuer=given.pop("HEMU_OPENID_ISSUER", ""),
            openid_client=given.pop("HEMU_OPENID_CLIENT", ""),
            openid_secret_file=_file(given, "HEMU_OPENID_SECRET_FILE"),
            checkpoint_seconds=_number(given, "HEMU_CHECKPOINT_SECONDS", 300),
            failpoints=given.pop("HEMU_FAILPOINTS", ""),
            database_urls=database_urls,
            urls=urls,
        )
        if given:
            raise SettingsError(f"{', '.join(sorted(given))}: not a setting of Hemu")
        _check(settings)
        return settings


def _take(given: dict[str, str], names: tuple[str, ...], suffix: str) -> dict[str, str]:
    variables = {name: f"{PREFIX}{name.upper()}{suffix}" for name in names}
    return {name: given.pop(variable) for name, variable in variables.items() if variable in given}


def _file(given: dict[str, str], name: str) -> Path | None:
    found = given.pop(name, "")
    return Path(found) if found else None


def _number(given: dict[str, str], name: str, default: int) -> int:
    text = given.pop(name, str(default))
    if not text.isdecimal():
        raise SettingsError(f"{name}: must be a whole number, not {text!r}")
    return int(text)


def _check(settings: Settings) -> None:
    host, _, port = settings.address.rpartition(":")
    if not host or not port.isdecimal():
        raise SettingsError("HEMU_ADDRESS: must be HOST:PORT")
    if settings.metrics_address and not settings.metrics_address.rpartition(":")[2].isdecimal():
        raise SettingsError("HEMU_METRICS_ADDRESS: must be HOST:PORT or a port")
    if urlsplit(settings.log_url).scheme not in {"sqlite", "kafka"}:
        raise SettingsError("HEMU_LOG: must begin with sqlite: or kafka:")
    if settings.log_level not in {"debug", "info", "warning", "error"}:
        raise SettingsError("HEMU_LOG_LEVEL: must be debug, info, warning or error")
    if settings.threads < 1:
        raise SettingsError("HEMU_THREADS: must be at least 1")
    _check_openid(settings)
    if settings.checkpoint_seconds < 1:
        raise SettingsError("HEMU_CHECKPOINT_SECONDS: must be at least 1")
    for name, url in settings.database_urls.items():
        if urlsplit(url).scheme.partition("+")[0] not in {"sqlite", "postgresql"}:
            raise SettingsError(
                f"HEMU_{name.upper()}_DATABASE_URL: must begin with sqlite: or postgresql:"
            )


def _check_openid(settings: Settings) -> None:
    if not settings.openid_issuer:
        return
    for name in ("openid_client", "public_url"):
        if not getattr(settings, name):
            raise SettingsError(f"{PREFIX}{name.upper()}: needed with HEMU_OPENID_ISSUER")
    secret = settings.openid_secret_file
    if secret is not None and not secret.is_file():
        raise SettingsError("HEMU_OPENID_SECRET_FILE: there is no such file")


def settings_table() -> list[tuple[str, str]]:
    """Each variable and what it means, for people."""
    rows = []
    for each in fields(Settings):
        help_text = str(each.metadata["help"])
        if each.name == "database_urls":
            rows.append((f"{PREFIX}(SERVICE)_DATABASE_URL", help_text))
        elif each.name == "urls":
            rows.append((f"{PREFIX}(SERVICE)_URL", help_text))
        else:
            default = f" (default: {each.default})" if str(each.default) else ""
            rows.append((f"{PREFIX}{each.name.upper()}", help_text + default))
    return rows
