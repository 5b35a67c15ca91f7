"""What a large registry costs: building its snapshot from JSON lines, opening it, and asking it.

`python benchmarks/registry.py [IDENTITIES]` makes a registry of that many identities (default 300,000) and one of a
tenth, with three versions of each, by a seeded generator, in a temporary folder. Times are of this machine.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from remit_enrichment.registry.loading import inspect_registry, load_registry
from remit_enrichment.registry.objects import InMemory
from remit_enrichment.registry.snapshot import build

YEARS = ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]
AT = 1_750_000_000_000
ASKED = 20_000


def lines(identities: int) -> Iterator[dict[str, Any]]:
    """Yield the registry's objects, about 550 bytes each."""
    chance = random.Random(1)
    for n in range(2000):
        yield {"type": "owner", "id": f"user{n}@example.com", "name": f"User {n}", "team": f"team-{n % 200}"}
    for n in range(500):
        allow = {"actions": ["s3:*", "rds:*"], "resources": [f"arn:aws:s3:::bucket-{n}/*"]}
        yield {"type": "charter", "id": f"charters/{n}", "allow": allow}
    for n in range(identities):
        role = f"arn:aws:iam::{100_000_000_000 + n % 997}:role/svc-{n:06d}"
        for version, begin in enumerate(YEARS):
            yield {
                "type": "identity",
                "id": f"aws:role:{role}",
                "kind": "ai_agent" if n % 10 == 0 else "role",
                "name": f"svc-{n:06d}",
                "owner": f"user{chance.randrange(2000)}@example.com",
                "sponsor": f"user{chance.randrange(2000)}@example.com",
                "environment": chance.choice(["prod", "staging", "dev"]),
                "criticality": chance.choice(["low", "medium", "high"]),
                "aliases": [f"AROA{n * 7919:016X}"],
                "charter": f"charters/{n % 500}",
                "status": "active",
                "created": YEARS[0],
                "credentials": [{"id": f"AKIA{n * 31 + version:016X}", "type": "long_lived_key", "issued": begin}],
                "valid_from": begin,
                **({"valid_to": YEARS[version + 1]} if version < 2 else {}),
            }


def built(identities: int, folder: Path) -> Path:
    """Make the registry and its snapshot, and say what the snapshot took."""
    source, target = folder / f"{identities}.jsonl", folder / f"{identities}.remit"
    with source.open("w") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines(identities))
    wall, processor = time.perf_counter(), time.process_time()
    loaded = inspect_registry(source)
    assert isinstance(loaded.objects, InMemory)
    assert not loaded.problems
    build(loaded.objects, target)
    print(
        f"build  {identities} x 3: {time.perf_counter() - wall:.1f} s "
        f"({time.process_time() - processor:.1f} s of one core), "
        f"{source.stat().st_size / 1e6:.0f} MB of JSON lines -> {target.stat().st_size / 1e6:.0f} MB, "
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )
    return target


def ask(snapshot: Path, identities: int) -> None:
    """Open the snapshot and look up identities at random, then the same few again and again."""
    before, begin = _resident(), time.perf_counter()
    registry = load_registry(snapshot)
    opened = time.perf_counter() - begin
    chance = random.Random(2)
    for name, among in (("anywhere", identities), ("among 2,000", 2000)):
        begin = time.perf_counter()
        for _ in range(ASKED):
            identity = registry.identity("aws", f"AROA{chance.randrange(among) * 7919:016X}", AT)
            assert identity is not None
            registry.charter(identity.charter or "", AT)
            registry.owner(identity.owner or "", AT)
        print(f"ask    {name}: {(time.perf_counter() - begin) / ASKED * 1e6:.1f} us for identity, charter and owner")
    print(f"open   {opened * 1000:.1f} ms; adds {_resident() - before:.0f} MB after {2 * ASKED} questions")


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


if __name__ == "__main__":
    if len(sys.argv) == 4:  # in a process of its own, so that memory is that of reading alone
        ask(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
        with tempfile.TemporaryDirectory() as name:
            for size in (count // 10, count):
                path = built(size, Path(name))
                subprocess.run([sys.executable, __file__, "ask", str(path), str(size)], check=True)
