"""Write Acme's day as an S3 export of CloudTrail: gzip files of `Records`, an hour each, per account and region.

Same seed, same broker's feed: same bytes. The files are named `synthetic`, and a README beside them says so.
"""

from __future__ import annotations

import gzip
import io
import json
import random
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from .agents import agents
from .automation import automation
from .people import people_and_deployments
from .shapes import Json, Log

SEED = 20260512
README = """Synthetic CloudTrail of a made-up company, written by examples/acme of Remit. Nobody's data is in it:
account numbers, keys (they end in EXAMPLE) and addresses are those that documentation uses.
"""


def events(feed: Path, seed: int = SEED) -> list[Json]:
    """Return the day's events in order of time. `feed` is the task broker's feed that binds the agents' credentials."""
    log = Log(random.Random(seed))
    automation(log)
    people_and_deployments(log)
    agents(log, feed)
    return sorted(log.events, key=lambda event: (str(event["eventTime"]), str(event["eventID"])))


def write(folder: Path, feed: Path, seed: int = SEED) -> int:
    """Write the export below `folder`, in place of one that an earlier run left, and return the number of events."""
    for stale in (folder / "AWSLogs").rglob("*_synthetic.json.gz"):
        stale.unlink()
    day = events(feed, seed)
    hours: dict[tuple[str, str, str], list[Json]] = defaultdict(list)
    for event in day:
        hours[event["recipientAccountId"], event["awsRegion"], event["eventTime"][11:13]].append(event)
    for (account, region, hour), records in sorted(hours.items()):
        target = folder / "AWSLogs" / account / "CloudTrail" / region / "2026" / "05" / "12"
        target.mkdir(parents=True, exist_ok=True)
        name = f"{account}_CloudTrail_{region}_20260512T{hour}00Z_synthetic.json.gz"
        (target / name).write_bytes(_packed(records))
    (folder / "README.txt").write_text(README, "utf-8")
    return len(day)


def _packed(records: Iterable[Json]) -> bytes:
    text = json.dumps({"Records": list(records)}, separators=(",", ":"))
    buffer = io.BytesIO()
    # Neither time nor name in the header, so that the bytes depend on the events alone.
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as stream:
        stream.write(text.encode())
    return buffer.getvalue()
