"""The readers against labels written by hand before the readers were (`tests/labels`)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from remit_enrichment.activity import Activity
from remit_enrichment.classify import classify
from remit_enrichment.document import decode
from remit_enrichment.logsources import sources
from remit_enrichment.readers.unwrap import container
from remit_enrichment.times import read_time

ROOT = Path(__file__).parents[3]
SAMPLES = Path(os.environ.get("REMIT_SAMPLES") or "samples") / "real"
SHARE = 0.98


@pytest.mark.parametrize("source", sorted(path.stem for path in (ROOT / "tests/labels").glob("*.jsonl")))
def test_at_least_98_percent_of_the_labelled_fields_are_read_right(source: str) -> None:
    module = next((module for module in sources() if module.NAME == source), None)
    if module is None:
        pytest.skip(f"no reader of {source} yet")
    labels = [label for label in labels_of(source) if event_of(label) is not None]
    if not labels:
        pytest.skip(f"the labelled events of {source} are not at hand; point REMIT_SAMPLES to their folder")

    total, wrong = 0, []
    for number, label in enumerate(labels, start=1):
        event = event_of(label)
        assert event is not None
        assert module.recognises(event), f"label {number} is not recognised"
        activity = module.read(event)
        for field, expected in label["labels"].items():
            total += 1
            found = value_of(field, activity)
            if found != normal(field, expected):
                wrong.append(f"label {number} ({activity.action}): {field} is {found!r}, labelled {expected!r}")

    assert total >= 40
    assert len(wrong) <= total * (1 - SHARE), f"{total - len(wrong)} of {total} right:\n" + "\n".join(wrong)


def labels_of(source: str) -> list[dict[str, Any]]:
    lines = (ROOT / "tests/labels" / f"{source}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def event_of(label: Mapping[str, Any]) -> dict[str, Any] | None:
    if "event" in label:
        raw = json.dumps(label["event"]).encode()
        (record,) = container(raw) or (raw,)
        return decode(bytes(record))
    return samples(label["sample"]["file"]).get(label["sample"]["sha256"])


@cache
def samples(name: str) -> dict[str, dict[str, Any]]:
    path = SAMPLES / name
    return dict(hashed(path)) if path.is_file() else {}


def hashed(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            raw = json.loads(line)["raw"]
            canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            yield hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest(), raw


def value_of(field: str, activity: Activity) -> Any:
    match field:
        case "principal":
            return activity.principal.id if activity.principal else None
        case "kind":
            return activity.principal.kind if activity.principal else None
        case "credential":
            return activity.credential.id if activity.credential else None
        case "class":
            return classify(activity).action_class
        case "target":
            return sorted(target.id for target in activity.targets if target.id)
        case "resources":
            return None if activity.resources is None else sorted(activity.resources)
        case "time":
            return activity.time
        case "session" | "action" | "outcome":
            return getattr(activity, field)
        case _:
            raise AssertionError(f"unknown label {field}")


def normal(field: str, expected: Any) -> Any:
    if field == "time":
        return read_time(expected)
    if field == "resources" and expected is not None:
        return sorted(expected)
    if field == "target" and expected is not None:
        return sorted([expected] if isinstance(expected, str) else expected)
    return expected
