"""Reads other services' internal API under this service's own identity.

In one process the request goes straight to the other application, otherwise over HTTP; the caller
cannot tell, and neither goes through the gateway.
"""

from collections.abc import Callable, Mapping

import httpx

from shared.auth.actor import service_actor
from shared.auth.door import HEADER
from shared.auth.tokens import Signer
from shared.errors import NotFound, Unavailable

TIMEOUT = httpx.Timeout(5.0)


class InternalClient:
    """An InternalReader. Safe for threads."""

    def __init__(
        self,
        service: str,
        signer: Signer,
        connect: Callable[[str], httpx.Client],
    ) -> None:
        """``connect`` gives the client of a service; its base URL ends in the service's prefix."""
        self._actor = service_actor(service)
        self._signer = signer
        self._connect = connect
        self._clients: dict[str, httpx.Client] = {}

    def get(self, service: str, path: str) -> object:
        return self._request("GET", service, path, None)

    def post(self, service: str, path: str, body: object) -> object:
        return self._request("POST", service, path, body)

    def _request(self, method: str, service: str, path: str, body: object) -> object:
        """Raises NotFound, or Unavailable for anything else that is not an answer."""
        client = self._clients.get(service) or self._clients.setdefault(
            service, self._connect(service)
        )
        token = self._signer.sign(self._actor, audience=service)
        try:
            response = client.request(
                method,
                path.lstrip("/"),
                headers={HEADER: token},
                json=body,
            )
        except httpx.HTTPError as error:
            raise Unavailable("A part of the system is away. Please try again.") from error
        if response.status_code == httpx.codes.NOT_FOUND:
            raise NotFound("There is no such record.")
        if not response.is_success:
            raise Unavailable("A part of the system is away. Please try again.")
        found: object = response.json()
        return found


def local(applications: Mapping[str, object]) -> Callable[[str], httpx.Client]:
    """Clients for applications of this process, which may be added to the mapping later."""

    def connect(service: str) -> httpx.Client:
        transport = httpx.WSGITransport(
            app=applications[service],  # type: ignore[arg-type]
            raise_app_exceptions=False,
            script_name=f"/{service}",
        )
        return httpx.Client(transport=transport, base_url=f"http://{service}/", timeout=TIMEOUT)

    return connect


def remote(urls: Mapping[str, str]) -> Callable[[str], httpx.Client]:
    """Clients for services elsewhere; Unavailable when a service's URL is not set."""

    def connect(service: str) -> httpx.Client:
        if service not in urls:
            raise Unavailable("A part of the system is away. Please try again.")
        return httpx.Client(base_url=f"{urls[service].rstrip('/')}/{service}/", timeout=TIMEOUT)

    return connect
