from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from remit.registry.showing import as_yaml
from remit.registry.writing import as_written, time_text
from remit_enrichment.registry.keys import LISTS
from remit_enrichment.registry.loading import inspect_registry, load_registry
from remit_enrichment.registry.model import Identity, Task
from remit_enrichment.registry.objects import LISTED, NAMED, InMemory

ROOT = Path(__file__).parents[3]
WHOLE = ROOT / "tests" / "enrichment" / "registry" / "whole.yml"
FEED = WHOLE.with_suffix(".jsonl")
ACME = ROOT / "tests" / "acme"


def everything(objects: InMemory) -> list[Any]:
    named = [version for kind in NAMED for _, versions in objects.all(kind) for version in versions]
    return named + [thing for kind in LISTED for thing in objects.listed(kind)]


@pytest.mark.parametrize("source", [WHOLE, ACME / "registry"])
def test_what_is_written_loads_as_the_same_registry(source: Path, tmp_path: Path) -> None:
    objects = inspect_registry(source).objects
    assert isinstance(objects, InMemory)
    plurals = {singular: plural for plural, singular in LISTS.items()}
    lists: dict[str, list[Any]] = {}
    for thing in everything(objects):
        lists.setdefault(plurals[type(thing).__name__.lower()], []).append(as_written(thing))
    (tmp_path / "again.yml").write_text(yaml.safe_dump(lists, sort_keys=False))

    assert load_registry(tmp_path).version == load_registry(source).version


def test_the_lines_of_a_feed_are_written_as_they_were_read(tmp_path: Path) -> None:
    registry = load_registry(WHOLE, [FEED])
    things: list[Any] = [
        *registry.bindings_of("TASK-1"),
        *registry.bindings_of("TASK-2"),
        *registry.revocations("TASK-1"),
    ]
    task = registry.task("TASK-2", None)
    assert task is not None
    names = {"Binding": "binding", "Revocation": "revoke", "Task": "task"}
    lines = [{"type": names[type(thing).__name__], **as_written(thing)} for thing in (*things, task)]
    (tmp_path / "feed.jsonl").write_text("\n".join(map(json.dumps, lines)))

    assert load_registry(WHOLE, [tmp_path / "feed.jsonl"]).version == registry.version


def test_what_the_loader_decided_and_what_is_a_default_is_not_written() -> None:
    task = Task(id="t", identity="aws:role:x", start=0, end=1500, registered_at=0, counts=False, self_issued=True)

    assert as_written(task) == {
        "id": "t",
        "identity": "aws:role:x",
        "window": {"start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:00:01.500Z"},
        "registered_at": "1970-01-01T00:00:00Z",
    }


@pytest.mark.parametrize(("moment", "text"), [(0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59.999Z")])
def test_times_are_utc_with_milliseconds_only_where_there_are_any(moment: int, text: str) -> None:
    assert time_text(moment) == text


def test_a_hostile_name_is_shown_inert() -> None:
    shown = as_yaml([Identity(id="aws:role:\x1b[31m\u202e", name="x: &a [*b]\n- !!python/object")])

    assert shown.isascii()
    assert "\x1b" not in shown
    assert yaml.safe_load(shown)["identities"][0]["name"] == "x: &a [*b]\n- !!python/object"
