"""Metrics of a live run for Prometheus (the extra `metrics`)."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from remit_enrichment.errors import BadInput
from remit_enrichment.summary import Summary


class RunMetrics:
    """Collects what a run has done at the moment when Prometheus asks."""

    def __init__(self, summary: Summary, registry: Path | None) -> None:
        self._summary = summary
        self._registry_written = _written(registry)

    def collect(self) -> Iterator[Any]:
        """Yield the metric families."""
        core: Any = importlib.import_module("prometheus_client.core")
        counter, gauge = core.CounterMetricFamily, core.GaugeMetricFamily
        summary = self._summary
        for name, text in (
            ("read", "Records read"),
            ("written", "Records written with their tags"),
            ("quarantined", "Records that could not be read"),
            ("unrecognised", "Records of no known log source"),
            ("late", "Events that came late"),
            ("duplicates", "Events that came before"),
        ):
            yield counter(f"remit_{name}", text, value=getattr(summary, name))
        sources = counter("remit_recognised", "Records by log source", labels=["source"])
        for source, count in sorted(summary.by_source.items()):
            sources.add_metric([source], count)
        yield sources
        if summary.newest is not None:
            lag = time.time() - summary.newest / 1000
            yield gauge("remit_lag_seconds", "How far the newest event lies behind now", value=lag)
        if self._registry_written is not None:
            age = time.time() - self._registry_written
            yield gauge("remit_registry_age_seconds", "Since the registry in use was written", value=age)


def serve(port: int, summary: Summary, registry: Path | None) -> None:
    """Serve the metrics on this machine's own address, until the process ends.

    Raises:
        BadInput: the extra is not installed, or the port is taken.
    """
    try:
        client: Any = importlib.import_module("prometheus_client")
    except ModuleNotFoundError:
        todo = "pip install 'remit[metrics]'"
        raise BadInput("the Prometheus client is not installed", where="--metrics", todo=todo) from None
    collectors = client.CollectorRegistry()
    collectors.register(RunMetrics(summary, registry))
    try:
        client.start_http_server(port, addr="127.0.0.1", registry=collectors)
    except OSError as error:
        where = f"--metrics {port}"
        raise BadInput(f"the port cannot be used ({error.strerror})", where=where, todo="name another") from error


def _written(registry: Path | None) -> float | None:
    """Return when the newest file of a registry was written."""
    if registry is None or not registry.exists():
        return None
    files = [path for path in registry.rglob("*") if path.is_file()] if registry.is_dir() else [registry]
    return max((path.stat().st_mtime for path in files), default=None)
