"""How fast the enrichment is with everything on, against an orjson round trip of the same file in the same process.

`python -m benchmarks.enrich [EVENTS] [IDENTITIES]`. Processor time, one core, file to file: registry, tasks, ledger,
first sights, counters, verdict, tags, SQLite state. A ratio holds on any machine; events a second hold on this one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
from benchmarks.cloudtrail import events, write_registry

from remit.enriching import Options, enrich
from remit_enrichment.classify import classify
from remit_enrichment.document import decode
from remit_enrichment.enricher import Enricher
from remit_enrichment.logsources import recognise
from remit_enrichment.registry.loading import load_registry
from remit_enrichment.store import MemoryStore


def timed(work: Callable[[], object], rounds: int = 3) -> float:
    """Return the least processor time of a few rounds, in seconds."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def round_trip(log: Path, out: Path) -> None:
    """Decode and encode every line: what any job in Python has to do at least."""
    with log.open("rb") as lines, out.open("wb") as written:
        for line in lines:
            written.write(orjson.dumps(orjson.loads(line)) + b"\n")


def stages(log: Path, registry_folder: Path) -> dict[str, float]:
    """Return seconds by stage; what is left of `enrich` is judgement, state and tags."""
    lines = log.read_bytes().splitlines()
    enricher = Enricher(load_registry(registry_folder), MemoryStore())
    spent: Counter[str] = Counter()
    clock = time.process_time
    for line in lines:
        a = clock()
        document = decode(line)
        b = clock()
        module = recognise(document, line)
        assert module is not None
        activity = module.read(document)
        c = clock()
        classify(activity)
        d = clock()
        enricher.enrich_activity(activity, raw=line)
        e = clock()
        spent.update({"decode": b - a, "recognise, read": c - b, "classify": d - c, "judge, remember, tag": e - d})
    return dict(spent)


def main(count: int = 30_000, identities: int = 300) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, out, registry = folder / "log.jsonl", folder / "out.jsonl", folder / "registry"
        log.write_bytes(b"".join(line + b"\n" for line in events(count, identities)))
        write_registry(registry, identities)
        least = timed(lambda: round_trip(log, out))
        whole = timed(lambda: enrich(Options((str(log),), registry=registry, output=str(out))))
        print(f"orjson round trip  {count / least:9,.0f} events a second")
        print(f"remit enrich       {count / whole:9,.0f} events a second, ratio {least / whole:.3f}")
        for stage, seconds in stages(log, registry).items():
            print(f"  {stage:22} {seconds / count * 1e6:6.1f} us an event")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
