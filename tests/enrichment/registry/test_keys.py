"""`whole.yml` and `whole.jsonl` hold every key once: what the tables allow is read, and nothing read is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from remit_enrichment.judgement import MUTATING, SENSITIVE
from remit_enrichment.registry.keys import FEED, LISTS, REGISTRY
from remit_enrichment.registry.loading import load_registry
from remit_enrichment.registry.model import CLASSES, Identity, Task
from remit_enrichment.registry.reading import Record

HERE = Path(__file__).parent
WHOLE, FEED_FILE = HERE / "whole.yml", HERE / "whole.jsonl"


def written_keys(value: Any, path: str) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            for key, inner in item.items():
                yield f"{path}.{key}"
                yield from written_keys(inner, f"{path}.{key}")


def known_keys(record: Record, path: str) -> Iterator[str]:
    for key in record.keys:
        yield f"{path}.{key.name}"
        if key.type.record:
            yield from known_keys(key.type.record, f"{path}.{key.name}")


def test_every_key_of_the_tables_is_in_the_whole_registry_and_feed() -> None:
    lists = yaml.safe_load(WHOLE.read_text())
    lines = [json.loads(line) for line in FEED_FILE.read_text().splitlines()]
    written = {key for name, items in lists.items() for key in written_keys(items, LISTS[name])}
    fed = {key for line in lines for key in written_keys({k: v for k, v in line.items() if k != "type"}, line["type"])}

    assert written == {key for name, record in REGISTRY.items() for key in known_keys(record, name)}
    assert fed | written >= {key for name, record in FEED.items() for key in known_keys(record, name)}


def test_the_whole_registry_loads_and_keeps_every_value() -> None:
    registry = load_registry(WHOLE, [FEED_FILE])

    identity = registry.identity("aws", "AROAEXAMPLEID", 1768003200500)
    assert identity is not None
    assert [name for name in Identity.__struct_fields__ if getattr(identity, name) in (None, ())] == []
    task = registry.task("TASK-1", None)
    assert task is not None
    assert [n for n in Task.__struct_fields__ if getattr(task, n) in (None, ())] == ["received_at"]
    assert (task.end, task.counts, task.self_issued) == (1775991600250, True, False)
    assert registry.tools[0].action_class == "write"
    assert registry.coverage[0].agents == 1767312000000
    assert [b.handle for b in registry.bindings_of("TASK-2")] == ["s-2"]


def test_the_classes_of_the_judgement_are_classes_of_the_registry() -> None:
    assert set(CLASSES) >= MUTATING | SENSITIVE
