"""The template of the route that a path belongs to: what logs and metrics name instead of the path."""

import re
from typing import Final

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

UNMATCHED: Final = "unmatched"


class RouteNames:
    """Names every path by its template, such as `/sessions/{session_id}`; what no route takes has one name in all."""

    def __init__(self, app: FastAPI) -> None:
        self._exact: dict[str, str] = {}
        self._by_first_part: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        for route in iter_route_contexts(app.routes):
            if route.path is None:
                continue
            pattern, template, _ = compile_path(route.path)
            if "{" in template:
                self._by_first_part.setdefault(_first_part(template), []).append((pattern, template))
            else:
                self._exact[template] = template

    def of(self, path: str) -> str:
        """Return the template of the path."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        for pattern, template in self._by_first_part.get(_first_part(path), ()):
            if pattern.match(path):
                return template
        return UNMATCHED


def _first_part(path: str) -> str:
    return path[1:].partition("/")[0]
