"""One service's web by itself, under its prefix, for the cluster; the gateway stands before it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker as GunicornWorker
from werkzeug.exceptions import NotFound

from services.assembly import Assembly
from services.embedded import keep_out_of_collections, server_options
from shared.messaging.wakeup import Wakeups
from shared.service import Service
from shared.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Separate(BaseApplication):
    """gunicorn with one service."""

    def __init__(self, settings: Settings, service: Service, wakeups: Wakeups) -> None:
        self._settings = settings
        self._service = service
        self._wakeups = wakeups
        self._assembly: Assembly | None = None
        super().__init__()

    def load_config(self) -> None:
        options = {**server_options(self._settings), "worker_exit": self._worker_exit}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":  # type: ignore[override]  # its stubs know no wsgi types
        self._assembly = Assembly(self._settings, [self._service], wakeups=self._wakeups)
        applications = self._assembly.make_applications()
        keep_out_of_collections()
        return Prefix(self._service.name, applications[self._service.name])

    def _worker_exit(self, _server: Arbiter, _worker: GunicornWorker) -> None:
        if self._assembly is not None:
            self._assembly.runtime.stop()


class Prefix:
    """Serves an application below ``/NAME`` and nothing elsewhere."""

    def __init__(self, name: str, application: "WSGIApplication") -> None:
        self._prefix = f"/{name}"
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != self._prefix and not path.startswith(f"{self._prefix}/"):
            return NotFound()(environ, start_response)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + self._prefix
        environ["PATH_INFO"] = path.removeprefix(self._prefix) or "/"
        return self._application(environ, start_response)
