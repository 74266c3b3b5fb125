"""A cluster's files: folders, configuration of supervisord and nginx, settings for a shell."""

import re
import secrets
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

from services.commands.cluster.passwords import superuser_file
from services.commands.cluster.plan import DEPLOY, Plan
from services.commands.cluster.programs import (
    SERVER_USER,
    Unusable,
    server_user,
    supervisord_text,
)
from services.topology import DATABASE_SERVER, GATEWAY, LOG_SERVER
from shared.settings import SERVICES

SOCKET_PATH_LIMIT = 100
BLANK = re.compile(r"\$\{([A-Z_]+)\}")


def write_files(plan: Plan) -> None:
    """Everything that supervisord and the processes need to start; safe to repeat."""
    if len(str(plan.socket)) > SOCKET_PATH_LIMIT:
        raise Unusable(f"HEMU_HOME is too long for a socket in it: {plan.home}")
    for folder in (plan.folder, plan.passwords, plan.folder / "logs", plan.folder / LOG_SERVER):
        folder.mkdir(parents=True, exist_ok=True)
    remembered(plan.folder / LOG_SERVER / "cluster-id", _cluster_id())
    if server_user() is not None:
        _let_server_in(plan)
    (plan.folder / "gateway").mkdir(exist_ok=True)
    (plan.folder / "gateway").chmod(0o711)  # for the workers of nginx, who are nobody
    plan.gateway_file.write_text(gateway_text(plan))
    (plan.folder / "environment").write_text(shell_text(plan.shell))
    plan.configuration.write_text(supervisord_text(plan))


def hand_over(plan: Plan) -> None:
    """Once the passwords are there: the server's own folders belong to whom it runs as."""
    folder = plan.folder / DATABASE_SERVER
    folder.mkdir(exist_ok=True)
    user = server_user()
    if user is not None:
        password = superuser_file(plan.passwords)
        for path in (folder, password.parent, password):
            shutil.chown(path, user)


def _let_server_in(plan: Plan) -> None:
    """Others may pass through our folders, not look into them. Above them it is not for us."""
    for folder in (plan.home, plan.folder, plan.passwords):
        folder.chmod(folder.stat().st_mode | 0o111)
    for folder in plan.home.parents:
        if not folder.stat().st_mode & 0o001:
            raise Unusable(
                f"PostgreSQL runs as {SERVER_USER}, who cannot enter {folder}: run this as "
                f"another user than root, set HEMU_HOME elsewhere, or chmod o+x {folder}"
            )


def remembered(path: Path, text: str) -> str:
    """What was written there at the first start."""
    if not path.exists():
        path.write_text(text)
    return path.read_text()


def _cluster_id() -> str:
    """As Kafka wants it: sixteen bytes in base64; a dash in front would make it an option."""
    return secrets.token_urlsafe(15).replace("-", "a") + "AA"


# -- nginx ----------------------------------------------------------------------------------------


def gateway_text(plan: Plan) -> str:
    """The template that docker-compose.yml uses too, filled in."""
    blanks = {
        "GATEWAY_LISTEN": plan.address,
        "GATEWAY_FOLDER": str(plan.folder / GATEWAY),
        **{f"{service.upper()}_ADDRESS": plan.local(service) for service in SERVICES},
    }
    template = (DEPLOY / "nginx.conf.template").read_text()
    return BLANK.sub(lambda found: blanks[found[1]], template)


# -- a shell --------------------------------------------------------------------------------------


def shell_text(variables: Mapping[str, str]) -> str:
    lines = (f"export {name}={shlex.quote(value)}" for name, value in variables.items())
    return "\n".join(["# Settings for commands beside the cluster: source this.", *lines, ""])
