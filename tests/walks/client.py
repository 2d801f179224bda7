"""What the clients of both walks have in common."""

import time
from typing import Any

import httpx2


class Client(httpx2.Client):
    """A client that waits when too much was asked, as long as the server says, and asks again."""

    def send(self, request: httpx2.Request, **how: Any) -> httpx2.Response:
        answer = super().send(request, **how)
        while answer.status_code == 429:
            time.sleep(int(answer.headers["Retry-After"]))
            answer = super().send(request, **how)
        return answer


def expect(status: int, answer: httpx2.Response) -> Any:
    """Return the body of an answer; raise AssertionError when it has another status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json()
