from __future__ import annotations

import socket
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from remit.metrics import serve
from remit_enrichment.errors import BadInput
from remit_enrichment.summary import Summary

pytest.importorskip("prometheus_client", reason="the extra `metrics` is not installed")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def test_prometheus_sees_counts_lag_and_the_age_of_the_registry(tmp_path: Path) -> None:
    (tmp_path / "registry.yml").write_text("owners: []\n")
    summary, port = Summary(read=7, written=5, quarantined=2), free_port()
    summary.by_source["aws.cloudtrail"] = 4
    summary.newest = int((time.time() - 90) * 1000)

    serve(port, summary, tmp_path)
    summary.late = 3

    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10).read().decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    assert values["remit_read_total"] == "7.0"
    assert values["remit_late_total"] == "3.0"
    assert values['remit_recognised_total{source="aws.cloudtrail"}'] == "4.0"
    assert 89 < float(values["remit_lag_seconds"]) < 120
    assert 0 <= float(values["remit_registry_age_seconds"]) < 60


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(BadInput, match="the port cannot be used"):
            serve(taken.getsockname()[1], Summary(), None)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    with pytest.raises(BadInput, match="remit\\[metrics\\]"):
        serve(0, Summary(), None)
