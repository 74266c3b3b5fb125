"""A real OpenID provider (npm oidc-provider), and a browser that goes through its pages."""

import re
import shutil
from pathlib import Path
from typing import Self
from urllib.parse import urljoin

import httpx

from tests.servers.npm import npm_packages
from tests.servers.process import ServerMissing, ServerProcess, free_port

HERE = Path(__file__).parent
CLIENT, SECRET = "hemu", "a-secret-that-only-tests-know"
READY_SECONDS = 30


class OpenIdProvider:
    """Raises ServerMissing without node or the packages."""

    def __init__(self, folder: Path, redirect: str) -> None:
        node = shutil.which("node")
        if node is None:
            raise ServerMissing("node is not installed")
        self.issuer = f"http://127.0.0.1:{free_port()}"
        packages = npm_packages(HERE)
        script = str(HERE / "provider.mjs")
        self._process = ServerProcess(
            [node, script, str(packages), self.issuer, CLIENT, SECRET, redirect],
            output=folder / "openid.log",
        )

    def __enter__(self) -> Self:
        self._process.start(self._answers, seconds=READY_SECONDS)
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.issuer}/.well-known/openid-configuration").is_success
        except httpx.TransportError:
            return False


def through_the_provider(browser: httpx.Client, address: str, login: str, stop: str) -> str:
    """Sign in there and agree; the address with which it sends the browser back to ``stop``."""
    response = browser.get(address)
    for _ in range(20):
        if response.is_redirect:
            address = urljoin(str(response.url), response.headers["location"])
            if address.startswith(stop):
                return address
            response = browser.get(address)
            continue
        action = re.search(r'action="([^"]+)"', response.text)
        assert action, response.text[:500]
        prompt = "login" if 'name="login"' in response.text else "consent"
        form = {"prompt": prompt, "login": login, "password": "any"}
        response = browser.post(urljoin(str(response.url), action[1]), data=form)
    raise AssertionError("the provider never sent the browser back")
