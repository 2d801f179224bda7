"""Prometheus metrics on a port of their own: requests, writers, cache, release, process. One process a server."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from api.request_figures import BOUNDS, RequestFigures
from api.response_cache import ResponseCache
from api.snapshot import SnapshotHolder
from data.database import Database

log = logging.getLogger("limber.metrics")


class ServerFigures(Collector):
    """Everything that is told of one server, read when somebody asks."""

    def __init__(
        self, requests: RequestFigures, database: Database, snapshots: SnapshotHolder, cache: ResponseCache
    ) -> None:
        self._requests = requests
        self._database = database
        self._snapshots = snapshots
        self._cache = cache

    def collect(self) -> Iterable[Metric]:
        """Return the figures of this moment."""
        yield self._durations()
        yield from self._writers()
        yield GaugeMetricFamily(
            "limber_catalog_release", "Number of the catalogue release that is served.", self._snapshots.number
        )
        yield CounterMetricFamily("limber_cache_hits", "Catalogue answers that were ready in memory.", self._cache.hits)
        yield CounterMetricFamily("limber_cache_misses", "Catalogue answers that had to be made.", self._cache.misses)
        yield GaugeMetricFamily("limber_cache_bytes", "Memory that ready answers hold.", self._cache.store.size)

    def _durations(self) -> Metric:
        family = HistogramMetricFamily(
            "limber_request_seconds",
            "Requests by route template, method and class of status, and how long they took.",
            labels=("route", "method", "status"),
        )
        names = [*map(str, BOUNDS), "+Inf"]
        for labels, kind in self._requests.kinds():
            family.add_metric(labels, list(zip(names, accumulate(kind.counts), strict=True)), kind.seconds)
        return family

    def _writers(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("limber_writes_waiting", "Writes that wait for a writer.", labels=["writer"])
        units = CounterMetricFamily("limber_writer_units", "Writes that were made durable.", labels=["writer"])
        commits = CounterMetricFamily(
            "limber_writer_commits", "Commits; units by commits is the size of a batch.", labels=["writer"]
        )
        restarts = CounterMetricFamily("limber_writer_restarts", "How often a writer died.", labels=["writer"])
        alive = GaugeMetricFamily("limber_writer_alive", "1 while the writer runs.", labels=["writer"])
        for writer in self._database.writers:
            label = [writer.name]
            waiting.add_metric(label, writer.waiting)
            units.add_metric(label, writer.units)
            commits.add_metric(label, writer.commits)
            restarts.add_metric(label, writer.restarts)
            alive.add_metric(label, writer.alive)
        yield from (waiting, units, commits, restarts, alive)


@contextmanager
def exposed(figures: ServerFigures, host: str, port: int) -> Iterator[None]:
    """Answer `GET /metrics` on the port as long as the context lasts. Raises OSError when the port cannot be had."""
    registry = CollectorRegistry()
    registry.register(figures)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        log.error("the metrics cannot be served on %s:%d: %s", host, port, error.strerror)
        raise
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
