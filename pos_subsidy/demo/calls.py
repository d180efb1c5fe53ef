"""One till's API, as any other program would call it."""

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

Json = dict[str, Any]
_BACK_ONLINE_SECONDS = 30.0


class Refused(Exception):
    """The service said no: the codes it gave, the first one foremost."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = tuple(codes)
        super().__init__(", ".join(codes))


class TillApi:
    """Calls with the shop's API key; every write with a key of its own."""

    def __init__(self, url: str, api_key: str) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {api_key}", "Accept-Language": "en"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def read(self, path: str, **query: str) -> Json:
        return self._answer(self._http.get(f"/api/v1{path}", params=query))

    def ask(self, path: str, body: Mapping[str, Any]) -> Json:
        """Send what changes nothing."""
        return self._answer(self._http.post(f"/api/v1{path}", json=body))

    def write(self, path: str, body: Mapping[str, Any]) -> Json:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        return self._answer(self._http.post(f"/api/v1{path}", json=body, headers=headers))

    def upload(self, path: str, files: Mapping[str, tuple[str, bytes]]) -> Json:
        return self._answer(self._http.post(f"/api/v1{path}", files=dict(files)))

    def ready(self) -> Json:
        return dict(self._http.get("/readyz").json())

    def wait_online(self) -> None:
        """Wait until the till says that it reaches the hub; raises TimeoutError."""
        end = time.monotonic() + _BACK_ONLINE_SECONDS
        while self.ready()["hub"] != "online":
            if time.monotonic() > end:
                raise TimeoutError(f"{self.url} does not come back online")
            time.sleep(0.1)

    def _answer(self, response: httpx.Response) -> Json:
        content: Json = response.json()
        if response.status_code >= 500:
            raise RuntimeError(f"{response.request.url.path} answered {response.status_code}: {content}")
        if response.status_code >= 400:
            raise Refused([reason["code"] for reason in content.get("reasons") or [content]])
        return content


def move_clock(url: str, moment: str) -> None:
    """Move a service's training clock forward to a moment."""
    httpx.post(f"{url}/training/clock", json={"now": moment}, timeout=10, trust_env=False).raise_for_status()
