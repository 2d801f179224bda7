"""The floor under every read: an ASGI function that sends captured bytes and headers, and knows nothing else.

BENCH_ANSWERS names a pickle: a dictionary from (path, query) to a list of (status, headers, body), sent in turn.
"""

import os
import pickle
from itertools import cycle
from pathlib import Path
from typing import Any

Message = dict[str, Any]


def _loaded() -> dict[tuple[str, bytes], Any]:
    # The file is made by the benchmark a moment before, in a folder of its own.
    captured = pickle.loads(Path(os.environ["BENCH_ANSWERS"]).read_bytes())
    return {
        key: cycle(
            [
                (
                    {"type": "http.response.start", "status": status, "headers": headers},
                    {"type": "http.response.body", "body": body},
                )
                for status, headers, body in answers
            ]
        )
        for key, answers in captured.items()
    }


ANSWERS = _loaded()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Send the next answer of the path and query; `/any/` paths ignore the query."""
    if scope["type"] != "http":
        return
    path = scope["path"]
    answers = ANSWERS.get((path, scope["query_string"])) or ANSWERS[path, b"*"]
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
    start, body = next(answers)
    await send(start)
    await send(body)
