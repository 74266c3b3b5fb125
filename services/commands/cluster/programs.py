"""supervisord's configuration: one program per process, and in which order they stop."""

import os
import pwd
import shlex
import shutil
from collections.abc import Iterator, Mapping

from services.commands.cluster.passwords import superuser_file
from services.commands.cluster.plan import DEPLOY, ROOT, Plan
from services.topology import LOG_SERVER, Process, Role

SERVER_USER = "postgres"
HEAPS = {1: "512m"}
HEAP_OF_SEVERAL = "300m"
PATIENCE = {Role.LOG: 30, Role.DATABASE: 30, Role.GATEWAY: 5}
"""Seconds to stop in, before a kill -9; the others have 15."""
STOP = {Role.DATABASE: "INT", Role.GATEWAY: "QUIT"}


class Unusable(Exception):
    """The cluster cannot be run here; the text says what to do."""


def server_user() -> str | None:
    """Whom PostgreSQL runs as: ourselves, but for root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SERVER_USER).pw_name
    except KeyError:
        raise Unusable(f"PostgreSQL does not run as root; no user {SERVER_USER}") from None


def supervisord_text(plan: Plan) -> str:
    """One program per process, in groups that stop one after the other, last started first."""
    return "\n".join(
        [
            *_head(plan),
            *(line for name in plan.processes for line in _program(plan, name)),
            *(line for role in Role for line in _group(plan, role)),
            "",
        ]
    )


def group_of(process: Process) -> str:
    return str(process.role)


def _head(plan: Plan) -> list[str]:
    user = ["user=root"] if os.geteuid() == 0 else []
    return [
        "; Made by `hemu cluster` from services/topology.py at each start; do not edit.",
        "[supervisord]",
        "nodaemon=true",
        "silent=true",
        f"logfile={_escaped(str(plan.log_of('supervisord')))}",
        f"pidfile={_escaped(str(plan.folder / 'supervisord.pid'))}",
        "umask=077",
        "minfds=4096",
        *user,
        "[unix_http_server]",
        f"file={_escaped(str(plan.socket))}",
        "chmod=0700",
        "[supervisorctl]",
        f"serverurl=unix://{_escaped(str(plan.socket))}",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
    ]


def _program(plan: Plan, name: str) -> Iterator[str]:
    """``hemu cluster`` starts them, when what they need is there; supervisord starts them again,
    each time a second later than the last time if they do not stay up, and never gives up.
    """
    process = plan.processes[name]
    environment = _environment(plan, name)
    yield f"[program:{name}]"
    yield f"command={_escaped(shlex.join(_command(plan, name)))}"
    yield f"directory={_escaped(str(ROOT))}"
    yield f"environment={','.join(f'{key}={_quoted(text)}' for key, text in environment.items())}"
    yield "autostart=false"
    if process.role == Role.PREPARING:
        yield "autorestart=false"
        yield "startsecs=0"
    else:
        yield "autorestart=true"
        yield "startsecs=2"
        yield "startretries=1000000"
    yield f"stopsignal={STOP.get(process.role, 'TERM')}"
    yield f"stopwaitsecs={PATIENCE.get(process.role, 15)}"
    yield "killasgroup=true"
    yield f"stdout_logfile={_escaped(str(plan.log_of(name)))}"
    yield "stdout_logfile_maxbytes=20MB"
    yield "stdout_logfile_backups=3"
    yield "redirect_stderr=true"
    if process.role == Role.DATABASE and server_user() is not None:
        yield f"user={server_user()}"


def _group(plan: Plan, role: Role) -> Iterator[str]:
    names = plan.of(role)
    if names:
        yield f"[group:{role}]"
        yield f"programs={','.join(names)}"
        yield f"priority={100 + list(Role).index(role)}"


def _command(plan: Plan, name: str) -> list[str]:
    """Each ends with supervisord, however that ends."""
    role = plan.processes[name].role
    return [*tied(STOP.get(role, "TERM")), *_own_command(plan, name, role)]


def tied(number: str) -> list[str]:
    """What to put before a command so that it gets this signal when its parent dies."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", number] if setpriv else []


def _own_command(plan: Plan, name: str, role: Role) -> list[str]:
    folder = plan.folder / name
    match role:
        case Role.DATABASE:
            password = str(superuser_file(plan.passwords))
            script = str(DEPLOY / "postgresql" / "server.sh")
            return [script, str(folder), str(plan.ports[name]), password]
        case Role.LOG:
            ports = [str(plan.ports[name]), str(plan.ports[f"{name}:quorum"])]
            return [str(DEPLOY / "kafka" / "node.sh"), str(plan.folder / LOG_SERVER / name), *ports]
        case Role.GATEWAY:
            files = [str(plan.gateway_file), str(folder / "nginx.pid")]
            return [str(DEPLOY / "gateway.sh"), *files]
        case _:
            return plan.command_of(name)


def _environment(plan: Plan, name: str) -> Mapping[str, str]:
    match plan.processes[name].role:
        case Role.LOG:
            return {
                "KAFKA_NODE_ID": name.rpartition("-")[2],
                "KAFKA_QUORUM": plan.quorum,
                "KAFKA_CLUSTER_ID": (plan.folder / LOG_SERVER / "cluster-id").read_text(),
                "KAFKA_HEAP": HEAPS.get(plan.brokers, HEAP_OF_SEVERAL),
            }
        case Role.DATABASE | Role.GATEWAY:
            return {"LC_ALL": "C.UTF-8"}
        case _:
            return plan.environment_of(name)


def _escaped(text: str) -> str:
    """As supervisord's configuration wants it. Raises Unusable for what it cannot express."""
    if "\n" in text or " ;" in text or " #" in text:
        raise Unusable(f"supervisord cannot be told {text!r}")
    return text.replace("%", "%%")


def _quoted(text: str) -> str:
    if '"' in text:
        raise Unusable(f"supervisord cannot be told {text!r}")
    return f'"{_escaped(text)}"'
