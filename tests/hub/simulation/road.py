"""The road from one shop to the hub: in this process, and as bad as the seed says."""

import random
from collections import Counter
from collections.abc import Callable

import httpx

# Of every request: what may become of it, and how likely that is.
_TROUBLES = {
    "request_lost": 0.03,
    "answer_lost": 0.06,
    "duplicated": 0.05,
    "delayed": 0.04,
    "truncated": 0.03,
}
_COMES_NOW = 0.4  # of what is on its way, with each later request


class Road(httpx.BaseTransport):
    """Carries a shop's requests to the hub's own application.

    ``is_cut`` stops everything. On a road that is not ``bad`` everything else arrives once and in
    order; on a bad one requests get lost, come twice, come after later ones or arrive as a part,
    and answers get lost when the hub has already done what was asked.
    """

    def __init__(self, app: object, draw: random.Random, is_out: Callable[[], bool]) -> None:
        self._inner = httpx.WSGITransport(app=app)  # an error inside the hub ends the simulation
        self._draw, self._is_out = draw, is_out
        self._late: list[httpx.Request] = []
        self.is_cut, self.is_bad = False, False
        self.happened: Counter[str] = Counter()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if self.is_cut or self._is_out():
            self.happened["out"] += 1
            raise httpx.ConnectError("no road", request=request)
        if not self.is_bad:
            return self._carry(request)
        self.catch_up(_COMES_NOW)
        trouble = self._trouble()
        if trouble is None or (trouble == "truncated" and not request.content):
            return self._carry(request)
        self.happened[trouble] += 1
        if trouble == "request_lost":
            raise httpx.ConnectTimeout("lost", request=request)
        if trouble == "delayed":
            self._late.append(request)
            raise httpx.ReadTimeout("late", request=request)
        if trouble == "truncated":
            return self._carry(_part(request, self._draw.random()))
        answer = self._carry(request)
        if trouble == "answer_lost":
            raise httpx.ReadTimeout("lost", request=request)
        return self._carry(request) if trouble == "duplicated" else answer

    def catch_up(self, likely: float = 1.0) -> None:
        """Let what is on its way arrive, in no order; nobody waits for the answers any more."""
        self._draw.shuffle(self._late)
        waiting, self._late = self._late, []
        for request in waiting:
            if self._draw.random() < likely:
                self._carry(request)
            else:
                self._late.append(request)

    def _trouble(self) -> str | None:
        drawn = self._draw.random()
        for trouble, likely in _TROUBLES.items():
            drawn -= likely
            if drawn < 0:
                return trouble
        return None

    def _carry(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        content = answer.read()
        answer.close()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


def _part(request: httpx.Request, share: float) -> httpx.Request:
    content = request.content[: int(len(request.content) * share)]
    headers = [one for one in request.headers.raw if one[0].lower() != b"content-length"]
    part = httpx.Request(request.method, request.url, headers=headers, content=content)
    part.read()
    return part
