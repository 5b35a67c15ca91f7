"""What enrichment costs: `remit enrich` with verdict, state and commit beside an orjson round trip, in one run.

`python -m benchmarks.enrich [EVENTS]`. Every figure is the CPU time of a whole process, file to file, start-up and
registry included; the logs are generated (1.6 KB an event, 20,000 identities). Compare within one run, on one machine.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cloudtrail import events, write_registry

IDENTITIES = 20_000
ROUND_TRIP = """
import orjson, sys
with open(sys.argv[1], "rb") as log, open(sys.argv[2], "wb") as out:
    for line in log:
        out.write(orjson.dumps(orjson.loads(line)) + b"\\n")
"""


def cpu(command: Sequence[str | Path], folder: Path) -> tuple[float, float]:
    """Run a command to its end; return its CPU seconds and its peak memory in MiB."""
    process = subprocess.Popen(list(map(str, command)), cwd=folder, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def enrich(folder: Path, log: str, registry: str, *, state: bool = True) -> tuple[float, float]:
    """Cost of one run of `remit enrich` with a fresh state."""
    for old in folder.glob("state*"):
        old.unlink()
    command: list[str] = [sys.executable, "-m", "remit", "enrich", log, "-o", "out", "--registry", registry]
    return cpu([*command, "--state", "state"] if state else command, folder)


def main(count: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="remit-bench-") as name:
        folder = Path(name)
        write_registry(folder / "registry", IDENTITIES)
        write_registry(folder / "registry10", 10 * IDENTITIES)
        for log, size in (("log", count), ("log10", 10 * count)):
            with (folder / log).open("wb") as out:
                for event in events(size, IDENTITIES):
                    out.write(event + b"\n")
        for registry in ("registry", "registry10"):
            command = [sys.executable, "-m", "remit", "registry", "build", registry, "-o", f"{registry}.snapshot"]
            cpu(command, folder)
        print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
        bytes_each = (folder / "log").stat().st_size / count
        print(f"{count:,} events of {bytes_each:,.0f} bytes, {IDENTITIES:,} identities; CPU time of whole processes\n")
        print("| run | CPU s | events a CPU s | of orjson | peak MiB |\n|---|---|---|---|---|")
        base, peak = cpu([sys.executable, "-c", ROUND_TRIP, "log", "out"], folder)
        runs = [("orjson loads + dumps", count, base, peak)]
        for title, log, registry, factor in (
            ("remit enrich, with state", "log", "registry.snapshot", 1),
            ("the same, 10 times the log", "log10", "registry.snapshot", 10),
            ("the same, 10 times the registry", "log", "registry10.snapshot", 1),
        ):
            runs.append((title, factor * count, *enrich(folder, log, registry)))
        for title, number, seconds, peak in runs:
            share = base * number / count / seconds
            print(f"| {title} | {seconds:.2f} | {number / seconds:,.0f} | {share:.3f} | {peak:.0f} |")
        one, ten, large = (seconds for _, _, seconds, _ in runs[1:])
        print(f"\n10 times the log costs {ten / one:.2f} times; 10 times the registry {large / one:.2f} times")
        print("rsyslog: " + ("installed, not measured here" if shutil.which("rsyslogd") else "not installed"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
