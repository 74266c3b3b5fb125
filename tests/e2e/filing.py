"""Filing as a careful client does: again with the same key until it is answered with 201."""

import time
from collections.abc import Mapping
from typing import Any, Protocol
from uuid import uuid4

import httpx

from tests.e2e.system import samples

DISPUTE: Mapping[str, Any] = next(one["body"] for one in samples() if one["id"] == "s01")


def file(client: httpx.Client, body: Mapping[str, Any] = DISPUTE, key: str = "") -> httpx.Response:
    """Until it is answered with 201: only that counts as accepted."""
    key = key or str(uuid4())
    while True:
        try:
            response = client.post(
                "/intake/api/v1/disputes", json=body, headers={"Idempotency-Key": key}
            )
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if response.status_code == httpx.codes.CREATED:
            return response
        assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE, response.text
        time.sleep(0.05)


def route_of(client: httpx.Client, case_id: str) -> str | None:
    response = client.get(f"/mediation/api/v1/mediations/{case_id}/routing")
    return response.json()["route"] if response.status_code == httpx.codes.OK else None


class Running(Protocol):
    """A Hemu of any kind."""

    def client(self, role: str | None = None) -> httpx.Client: ...


def reconciled(system: Running) -> bool:
    with system.client("ops") as client:
        found = client.get("/ops/api/v1/reconciliation").json()
    assert found["unexplained"] == 0, found
    return bool(found["waiting"] == 0)
