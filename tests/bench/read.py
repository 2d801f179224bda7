"""Catalogue reads against a bare ASGI function that answers the same bytes and headers to the same requests."""

import pickle
import random
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from driver import Answer
from figures import Figure, same_round_ratio
from reading_driver import WRK, Pace, Targets, pace
from samples import list_targets, vocabulary
from servers import Server, database_settings, limber, new_database, uvicorn

CONNECTIONS = 32
ROUNDS = 3
SECONDS = 1
MIXED = 200
UNSEEN = 60_000
UNSEEN_SAMPLE = 400
BROTLI = {"Accept-Encoding": "br"}
ONE = "/exercises/standing-mid-back-reach"
PAGE = "/exercises?limit=20"
DEFAULT = "/exercises"


@dataclass(slots=True)
class Variant:
    """One way to ask, and what the two servers reached in each round. `bare` is where the bare server answers it."""

    number: int
    name: str
    bare: str
    targets: list[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    target: float | None = None
    unseen: bool = False
    limited: bool = False
    file: Path | None = None
    ours: list[Pace] = field(default_factory=list)
    theirs: list[Pace] = field(default_factory=list)
    our_cpu: list[float] = field(default_factory=list)
    their_cpu: list[float] = field(default_factory=list)

    def where(self, prefix: str, round_: int) -> str | Targets:
        """Return what the driver asks for; never the same filter twice where it must be unseen."""
        if self.file is None:
            return prefix + self.targets[0]
        path = self.file.with_suffix(".bare") if prefix else self.file
        return Targets(path, round_ * len(self.targets) // (ROUNDS + 1) if self.unseen else 0)


def run(folder: Path) -> list[Figure]:
    """Return the figures of the read path."""
    with ExitStack() as stack:
        database = folder / "limber.db"
        new_database(database)
        ours = stack.enter_context(limber(database))
        variants = _variants(ours, folder)
        _capture(ours, variants, folder / "answers.pickle")
        bare = stack.enter_context(uvicorn("bare:app", "/", {"BENCH_ANSWERS": str(folder / "answers.pickle")}))
        limited = stack.enter_context(uvicorn("limited:app", "/livez", database_settings(database)))
        _check_equal(ours, bare, variants)
        pairs = {False: [ours, bare], True: [limited, bare]}
        for round_ in range(ROUNDS + 1):
            random.shuffle(variants)
            for variant in variants:
                # The two stand side by side, so that what else the machine does meets both.
                pair = pairs[variant.limited]
                random.shuffle(pair)
                for server in pair:
                    _turn(variant, server, server is not bare, round_)
        memory = ours.resident_megabytes
    figures = [_figure(variant) for variant in sorted(variants, key=lambda variant: variant.number)]
    return [*figures, Figure("read", "resident after it, cache full", "MB", memory)]


def _variants(server: Server, folder: Path) -> list[Variant]:
    plain: dict[str, str] = {}
    tagged = {"If-None-Match": server.get(PAGE).header("etag")}
    targets = list_targets(vocabulary(server), UNSEEN + MIXED)
    variants = [
        Variant(1, "page of 20", "/page", [PAGE], plain, 0.65),
        Variant(2, "page of 20, br", "/page_br", [PAGE], BROTLI, 0.65),
        Variant(3, "default page", "/default", [DEFAULT], plain, 0.65),
        Variant(4, "default page, br", "/default_br", [DEFAULT], BROTLI, 0.65),
        Variant(5, "one exercise", "/one", [ONE], plain, 0.65),
        Variant(6, "one exercise, br", "/one_br", [ONE], BROTLI, 0.65),
        Variant(7, "304", "/304", [PAGE], tagged, 0.85),
        Variant(8, "never-seen filter", "/any", targets[MIXED:], plain, 0.15, unseen=True),
        Variant(9, "200 different queries", "/mixed", targets[:MIXED], plain),
        Variant(10, "whole export, br", "/export_br", ["/catalog/export"], BROTLI, 0.65),
        Variant(11, "page of 20, limits on", "/page", [PAGE], plain, 0.65, limited=True),
        Variant(12, "one exercise, br, limits on", "/one_br", [ONE], BROTLI, 0.65, limited=True),
        Variant(13, "304, limits on", "/304", [PAGE], tagged, 0.65, limited=True),
    ]
    for variant in variants:
        if len(variant.targets) > 1:
            variant.file = folder / f"{variant.bare[1:]}.txt"
            variant.file.write_text("\n".join(variant.targets) + "\n")
            variant.file.with_suffix(".bare").write_text("".join(f"{variant.bare}{line}\n" for line in variant.targets))
    return variants


def _capture(server: Server, variants: list[Variant], path: Path) -> None:
    """Keep what the server answers, headers included, for the bare one."""
    captured: dict[tuple[str, bytes], list[tuple[int, list[tuple[bytes, bytes]], bytes]]] = {
        ("/", b""): [(200, [], b"")]
    }
    for variant in variants:
        # The sample of unseen filters is taken from the end of the list, which no round reaches.
        sample = variant.targets[-UNSEEN_SAMPLE:] if variant.unseen else variant.targets
        for target in sample:
            answer = server.get(target, variant.headers)
            if answer.status != (304 if "If-None-Match" in variant.headers else 200):
                raise RuntimeError(f"{target} was answered with {answer.status}: {answer.body[:300]!r}")
            where, _, query = target.partition("?")
            key = (variant.bare + where, b"*" if variant.unseen else query.encode())
            captured.setdefault(key, []).append((answer.status, _sent_by_application(answer), answer.body))
    path.write_bytes(pickle.dumps(captured))


def _check_equal(ours: Server, bare: Server, variants: list[Variant]) -> None:
    """Raise RuntimeError unless the bare server sends what the real one does, apart from the date."""
    for variant in variants:
        target = variant.targets[-UNSEEN_SAMPLE if variant.unseen else 0]
        mine, its = ours.get(target, variant.headers), bare.get(variant.bare + target, variant.headers)
        same_headers = sorted(_sent_by_application(mine)) == sorted(_sent_by_application(its))
        if not (same_headers and mine.status == its.status and mine.body == its.body):
            raise RuntimeError(f"{variant.name}: the two servers answer differently")


def _sent_by_application(answer: Answer) -> list[tuple[bytes, bytes]]:
    # The date is uvicorn's own, which the bare application runs on too.
    return [(name, value) for name, value in answer.headers if name.lower() != b"date"]


def _turn(variant: Variant, server: Server, is_ours: bool, round_: int) -> None:
    where = variant.where("" if is_ours else variant.bare, round_)
    before = server.cpu_seconds
    reached = pace(server.port, where, variant.headers, connections=CONNECTIONS, seconds=SECONDS)
    if reached.errors:
        raise RuntimeError(f"{variant.name}: {reached.errors} of {reached.answers} answers were errors")
    # The first round warms up.
    if round_:
        (variant.ours if is_ours else variant.theirs).append(reached)
        (variant.our_cpu if is_ours else variant.their_cpu).append((server.cpu_seconds - before) / reached.answers)


def _figure(variant: Variant) -> Figure:
    ours, theirs = [found.rate for found in variant.ours], [found.rate for found in variant.theirs]
    late = median(found.p99 for found in variant.ours)
    ours_us, theirs_us = median(variant.our_cpu) * 1e6, median(variant.their_cpu) * 1e6
    note = f"p50 {median(found.p50 for found in variant.ours):.2g} ms, p99 {late:.2g} ms; "
    note += f"processor {ours_us:.0f} against {theirs_us:.0f} us"
    if WRK is None:
        note += "; without wrk the driver flatters the ratio"
    ratio = same_round_ratio(ours, theirs)
    return Figure("read", variant.name, "/s", median(ours), median(theirs), ratio, variant.target, note=note)
