from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from remit_enrichment.registry.loading import Loaded, inspect_registry
from remit_enrichment.registry.lookup import Registry

ROLE = "aws:role:arn:aws:iam::111122223333:role/agent-dba"
OTHER = "aws:role:arn:aws:iam::111122223333:role/ci"

BASE = f"""\
owners: [{{id: jane@example.com, aliases: [jroe]}}]
charters: [{{id: c, allow: {{actions: ["rds:*"]}}}}]
identities:
  - {{id: "{ROLE}", charter: c, aliases: [AROAEXAMPLEID], credentials: [{{id: AKIAEXAMPLE}}]}}
  - {{id: "{OTHER}"}}
coverage: [{{platform: aws}}]
"""
REGISTRARS = """\
registrars:
  - {id: broker, identities: ["aws:role:arn:aws:iam::*:role/agent-*"], feed: "feeds/*.jsonl"}
  - {id: old, valid_to: 2026-01-02T00:00:00Z}
  - {id: everyone}
"""


def task(**keys: Any) -> dict[str, Any]:
    window = {"start": "2026-01-05T09:00:00Z", "end": "2026-01-05T11:00:00Z"}
    plain = {"type": "task", "id": "T", "identity": ROLE, "registered_at": "2026-01-05T08:00:00Z", "window": window}
    return plain | keys


def binding(**keys: Any) -> dict[str, Any]:
    return {"type": "binding", "task": "T", "credential_id": "ASIA1", "bound_at": "2026-01-05T09:00:00Z"} | keys


def revoke(**keys: Any) -> dict[str, Any]:
    return {"type": "revoke", "task": "T", "at": "2026-01-05T10:00:00Z"} | keys


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def load(
        *lines: dict[str, Any], base: str = BASE, feed: str = "feeds/a.jsonl", more: tuple[Any, ...] = ()
    ) -> Loaded:
        (tmp_path / "registry").mkdir(exist_ok=True)
        (tmp_path / "registry" / "r.yml").write_text(base)
        path = tmp_path / feed
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(map(json.dumps, lines)))
        second = path.with_name("b.jsonl")
        second.write_text("\n".join(map(json.dumps, more)))
        return inspect_registry(tmp_path / "registry", [path, second])

    return load


def codes(loaded: Loaded) -> list[str]:
    return [problem.code for problem in loaded.problems]


def the_task(registry: Registry) -> Any:
    found = registry.task("T", 0)
    assert found is not None
    return found


def test_a_feed_lies_over_the_registry(load: Any) -> None:
    lines = (binding(), binding(credential_id=None, session="s-1"), revoke(), task(bind={"credential_ids": ["ASIA2"]}))
    registry = load(*lines).registry

    assert [t.id for t in registry.tasks_of(ROLE)] == ["T"]
    assert [b.kind for b in registry.bindings("ASIA1")] == ["credential_id"]
    assert [b.kind for b in registry.bindings("s-1")] == ["session"]
    assert [(b.task, b.bound_at) for b in registry.bindings("ASIA2")] == [("T", the_task(registry).registered_at)]
    assert [r.at for r in registry.revocations("T")] == [1767607200000]
    assert registry.warnings == ()


def test_a_binding_remembers_how_exactly_its_time_was_written(load: Any) -> None:
    lines = (task(), binding(), binding(bound_at="2026-01-05T09:00:00.250Z"))

    assert [b.bound_step for b in load(*lines).registry.bindings("ASIA1")] == [1000, 1]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (task(identity=ROLE + "x"), "dangling"),
        (task(allow={"actions": ["s3:*"]}), "wider"),
        (task(window={"start": "2026-01-05T09:00:00Z"}), "missing_key"),
        (task(by="broker"), "unknown_key"),
        (task(received_at="2026-01-05"), "wrong_time"),
        (binding(session="s"), "missing_key"),
        (binding(credential_id=None), "missing_key"),
        (binding(bound_at=None), "missing_key"),
        (revoke(at="2026-01-05T10:00:00"), "wrong_time"),
        ({"type": "owner", "id": "x"}, "wrong_type"),
        ({"id": "x"}, "wrong_type"),
    ],
)
def test_the_feed_is_as_strict_as_the_registry(load: Any, line: dict[str, Any], code: str) -> None:
    assert codes(load(task(id="T0"), line)) == [code]


def test_a_line_said_twice_in_whatever_file_and_order_of_keys_is_one_line(load: Any) -> None:
    loaded = load(task(), binding(), task(), more=(dict(reversed(binding().items())), task()))

    assert loaded.problems == ()
    assert len(loaded.registry.bindings("ASIA1")) == 1


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (task(), task(name="other"), ["overlap"]),
        (task(valid_to="2026-01-05T10:00:00Z"), task(valid_from="2026-01-05T10:00:00Z", name="other"), []),
        (task(valid_to="2026-01-05T10:00:01Z"), task(valid_from="2026-01-05T10:00:00Z", name="other"), ["overlap"]),
    ],
)
def test_a_task_id_comes_again_only_as_a_version_that_does_not_overlap(
    load: Any, first: dict[str, Any], second: dict[str, Any], expected: list[str]
) -> None:
    assert codes(load(first, more=(second,))) == expected


def test_a_task_of_the_registry_is_not_said_again_by_the_feed(load: Any) -> None:
    window = "{start: 2026-01-05T09:00:00Z, end: 2026-01-05T11:00:00Z}"
    base = f'{BASE}tasks: [{{id: T, identity: "{ROLE}", registered_at: 2026-01-05T08:00:00Z, window: {window}}}]\n'

    assert codes(load(task(), base=base)) == ["overlap"]


def test_a_binding_or_revocation_to_an_unknown_task_loads_and_never_counts(load: Any) -> None:
    loaded = load(binding(), revoke())

    assert loaded.problems == ()
    assert [b.counts for b in loaded.registry.bindings("ASIA1")] == [False]
    assert [r.counts for r in loaded.registry.revocations("T")] == [False]
    assert [w.code for w in loaded.warnings] == ["unknown_task", "unknown_task"]


# who: registered_by of the task, by of binding and revocation. Without a name the feed's file speaks.
@pytest.mark.parametrize(
    ("registrars", "who", "feed", "identity", "said", "counts"),
    [
        ("", None, "feeds/a.jsonl", ROLE, "2026-01-05T08:00:00Z", True),
        ("", "anyone", "feeds/a.jsonl", ROLE, "2026-01-05T08:00:00Z", True),
        (REGISTRARS, "broker", "feeds/a.jsonl", ROLE, "2026-01-05T08:00:00Z", True),
        (REGISTRARS, "broker", "elsewhere/a.jsonl", ROLE, "2026-01-05T08:00:00Z", True),
        (REGISTRARS, "broker", "feeds/a.jsonl", OTHER, "2026-01-05T08:00:00Z", False),
        (REGISTRARS, "everyone", "feeds/a.jsonl", OTHER, "2026-01-05T08:00:00Z", True),
        (REGISTRARS, "Broker", "feeds/a.jsonl", ROLE, "2026-01-05T08:00:00Z", False),
        (REGISTRARS, "anyone", "feeds/a.jsonl", ROLE, "2026-01-05T08:00:00Z", False),
        (REGISTRARS, None, "feeds/a.jsonl", ROLE, "2026-01-05T08:00:00Z", True),
        (REGISTRARS, None, "feeds/a.jsonl", OTHER, "2026-01-05T08:00:00Z", False),
        (REGISTRARS, None, "elsewhere/a.jsonl", ROLE, "2026-01-05T08:00:00Z", False),
        (REGISTRARS, "old", "feeds/a.jsonl", ROLE, "2026-01-01T23:59:59Z", True),
        (REGISTRARS, "old", "feeds/a.jsonl", ROLE, "2026-01-02T00:00:00Z", False),
    ],
)
def test_registrars_decide_what_counts(
    load: Any, registrars: str, who: str | None, feed: str, identity: str, said: str, counts: bool
) -> None:
    by = {} if who is None else {"by": who}
    lines = (
        task(identity=identity, registered_at=said, **({} if who is None else {"registered_by": who})),
        binding(bound_at=said, **by),
        revoke(at=said, **by),
    )
    loaded = load(*lines, base=BASE + registrars, feed=feed)

    assert loaded.problems == ()
    assert the_task(loaded.registry).counts is counts
    assert [b.counts for b in loaded.registry.bindings("ASIA1")] == [counts]
    assert [r.counts for r in loaded.registry.revocations("T")] == [counts]
    assert [w.code for w in loaded.warnings] == ([] if counts else ["no_registrar"] * 3)


def test_a_registrar_that_had_ended_cannot_speak_by_dating_back(load: Any) -> None:
    late = {"received_at": "2026-01-03T00:00:00Z"}
    lines = (
        task(registered_at="2026-01-01T00:00:00Z", registered_by="old", **late),
        binding(bound_at="2026-01-01T00:00:00Z", by="old", **late),
    )
    registry = load(*lines, base=BASE + REGISTRARS).registry

    assert not the_task(registry).counts
    assert not registry.bindings("ASIA1")[0].counts


@pytest.mark.parametrize(
    ("received", "backdated"),
    [(None, False), ("2026-01-05T08:05:00Z", False), ("2026-01-05T08:05:01Z", True), ("2026-01-05T07:00:00Z", False)],
)
def test_a_task_received_more_than_five_minutes_after_it_was_registered_is_backdated(
    load: Any, received: str | None, backdated: bool
) -> None:
    keys = {} if received is None else {"received_at": received}

    assert the_task(load(task(**keys)).registry).backdated is backdated


@pytest.mark.parametrize(
    "keys",
    [
        {"registered_by": ROLE},
        {"registered_by": "arn:aws:iam::111122223333:role/agent-dba"},
        {"registered_by": "AROAEXAMPLEID"},
        {"registered_by": "AKIAEXAMPLE"},
        {"delegator": {"id": ROLE, "type": "agent"}},
        {"delegator": {"id": "AROAEXAMPLEID"}},
    ],
)
@pytest.mark.parametrize("registrars", ["", "registrars: [{id: x}, {id: AROAEXAMPLEID}]\n"])
def test_a_task_that_the_identity_gave_itself_loads_with_a_warning_and_never_counts(
    load: Any, keys: dict[str, Any], registrars: str
) -> None:
    loaded = load(task(**keys), base=BASE + registrars)

    assert loaded.problems == ()
    assert the_task(loaded.registry).self_issued
    assert not the_task(loaded.registry).counts
    assert "self_issued" in [w.code for w in loaded.warnings]


def test_an_identity_cannot_bind_its_own_credential(load: Any) -> None:
    registry = load(task(), binding(by="AROAEXAMPLEID")).registry

    assert [b.counts for b in registry.bindings("ASIA1")] == [False]


@pytest.mark.parametrize(
    ("delegator", "warned"), [("jane@example.com", []), ("jroe", []), ("joe", ["unknown_delegator"])]
)
def test_a_delegator_that_nobody_registered_is_a_warning(load: Any, delegator: str, warned: list[str]) -> None:
    loaded = load(task(delegator={"id": delegator, "type": "human"}))

    assert [w.code for w in loaded.warnings] == warned
    assert the_task(loaded.registry).counts


def test_the_tasks_of_the_registry_itself_are_held_to_the_registrars_too(load: Any) -> None:
    window = "{start: 2026-01-05T09:00:00Z, end: 2026-01-05T11:00:00Z}"
    common = f'identity: "{ROLE}", registered_at: 2026-01-05T08:00:00Z, window: {window}'
    tasks = f"tasks: [{{id: T, {common}}}, {{id: U, {common}, registered_by: everyone}}]\n"
    registry = load(base=BASE + REGISTRARS + tasks).registry

    assert [(t.id, t.counts) for t in registry.tasks_of(ROLE)] == [("T", False), ("U", True)]


def test_the_feed_is_part_of_the_version_and_its_order_is_not(load: Any) -> None:
    version = load().registry.version

    assert (
        load(task(), binding(), revoke()).registry.version == load(revoke(), more=(task(), binding())).registry.version
    )
    assert load(task()).registry.version != version
