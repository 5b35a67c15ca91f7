from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit_enrichment.registry import lookup
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Bind, Binding, Identity, Owner, Task

ROLE = "aws:role:arn:aws:iam::111122223333:role/team/agent-dba"


def version(begin: int | None, end: int | None, *aliases: str, id: str = ROLE) -> Identity:
    return Identity(id=id, aliases=aliases, valid_from=begin, valid_to=end)


def task(id: str, identity: str = ROLE, **keys: object) -> Task:
    return Task(id=id, identity=identity, start=0, end=1, registered_at=0, **keys)  # type: ignore[arg-type]


def test_a_version_holds_from_its_beginning_until_before_its_end() -> None:
    registry = Registry.of(version(10, 20), version(20, None))

    assert [registry.identity("aws", ROLE, at) is None for at in (9, 10, 19, 20, 10**15)] == [True] + [False] * 4
    found = registry.identity("aws", ROLE, 20)
    assert found is not None
    assert found.valid_from == 20


@given(
    cuts=st.lists(st.integers(-50, 50), max_size=12, unique=True).map(sorted),
    kept=st.lists(st.booleans(), min_size=13, max_size=13),
    open_ends=st.tuples(st.booleans(), st.booleans()),
    at=st.integers(-60, 60),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=300)
def test_lookup_as_of_a_time_is_a_scan_over_all_versions(
    cuts: list[int], kept: list[bool], open_ends: tuple[bool, bool], at: int, order: object
) -> None:
    bounds: list[int | None] = [*([None] if open_ends[0] else []), *cuts, *([None] if open_ends[1] else [])]
    versions = [
        version(begin, end, "AROA")
        for begin, end, keep in zip(bounds, bounds[1:], kept, strict=False)
        if keep and not (begin is None and end is None and len(bounds) > 2)
    ]
    order.shuffle(versions)  # type: ignore[attr-defined]
    registry = Registry.of(*versions)
    holding = [
        v for v in versions if (v.valid_from is None or v.valid_from <= at) and (v.valid_to is None or at < v.valid_to)
    ]

    for handle in (ROLE, "AROA"):
        found = registry.identity("aws", handle, at)
        assert ([] if found is None else [found]) == holding
    assert len(registry.identities_ever("aws", "AROA")) == len(versions)


def test_an_alias_holds_only_within_the_platform_and_while_a_version_has_it() -> None:
    registry = Registry.of(
        version(None, 10, "AROAOLD"), version(10, None, "AROANEW"), version(None, None, "AROAOLD", id="okta:app:x")
    )

    assert registry.identity("aws", "AROAOLD", 9) is not None
    assert registry.identity("aws", "AROAOLD", 10) is None
    assert registry.identity("okta", "AROANEW", 10) is None
    assert registry.identity("aws", "okta:app:x", 0) is None
    assert [i.aliases for i in registry.identities_ever("aws", "AROAOLD")] == [("AROAOLD",), ("AROANEW",)]


def test_ids_are_compared_exactly() -> None:
    registry = Registry.of(version(None, None, "AROA"))

    assert registry.identity("aws", ROLE.upper(), 0) is None
    assert registry.identity("aws", "aroa", 0) is None


def test_a_role_is_found_by_account_and_name_whatever_its_path() -> None:
    gov = "aws:role:arn:aws-us-gov:iam::111122223333:role/agent-dba"
    registry = Registry.of(
        version(10, None), version(None, None, id=gov), version(None, None, id="aws:user:arn:aws:iam::1:user/x")
    )

    assert [i.id for i in registry.aws_roles("111122223333", "agent-dba", 10)] == [gov, ROLE]
    assert [i.id for i in registry.aws_roles("111122223333", "agent-dba", 9)] == [gov]
    assert registry.aws_roles("444455556666", "agent-dba", 10) == ()
    assert registry.aws_roles("1", "x", 10) == ()


def test_a_person_is_found_by_id_and_by_alias_of_then() -> None:
    registry = Registry.of(Owner(id="jane", aliases=("jroe",), valid_to=10), Owner(id="jane", valid_from=10))

    assert registry.owner_by_handle("jroe", 9) == registry.owner("jane", 9)
    assert registry.owner_by_handle("jane", 10) is not None
    assert registry.owner_by_handle("jroe", 10) is None


def test_tasks_bindings_and_references_of_registry_and_feed_are_one() -> None:
    base = [task("B", bind=Bind(sessions=("s",), source_identity="CHG-1")), task("X", identity="aws:role:x")]
    registry = Registry.of(*base, task("A"), Binding(task="A", handle="s", kind="session", bound_at=5))

    assert [t.id for t in registry.tasks_of(ROLE)] == ["A", "B"]
    assert [(b.task, b.kind) for b in registry.bindings("s")] == [("B", "session"), ("A", "session")]
    assert [t.id for t in registry.referenced("CHG-1")] == ["B"]
    assert [t.id for t in registry.referenced("A")] == ["A"]
    assert registry.referenced("CHG") == ()
    assert registry.bindings("x") == ()


def test_a_task_without_a_time_is_its_latest_version() -> None:
    registry = Registry.of(task("A", valid_to=10, name="old"), task("A", valid_from=10, name="new"))

    assert [getattr(registry.task("A", at), "name", None) for at in (9, 10, None)] == ["old", "new", "new"]
    assert registry.task("B", None) is None


def test_a_look_alike_of_a_registered_id_is_named_and_the_id_itself_is_not() -> None:
    registry = Registry.of(version(None, None))

    assert registry.confusable(ROLE.replace("agent", "Аgent")) == ROLE
    assert registry.confusable(ROLE) is None
    assert registry.confusable(ROLE + "2") is None


def test_the_empty_registry_knows_nothing() -> None:
    registry = Registry.empty()

    assert registry.identity("aws", ROLE, 0) is None
    assert registry.tasks_of(ROLE) == ()
    assert registry.confusable(ROLE) is None
    assert set(registry.counts().values()) == {0}


DAY = 24 * 60 * 60 * 1000
moments = st.integers(-3 * DAY, 3 * DAY) | st.integers(-40 * DAY, 40 * DAY)


@given(
    windows=st.lists(st.tuples(moments, moments, st.sampled_from([ROLE, "aws:role:other"])), max_size=20),
    at=moments,
    slack=st.sampled_from([0, 300_000]),
)
@settings(max_examples=300)
def test_the_open_tasks_are_those_that_a_scan_of_all_tasks_finds(
    windows: list[tuple[int, int, str]], at: int, slack: int
) -> None:
    tasks = [
        Task(id=f"T{number:02}", identity=identity, start=min(a, b), end=max(a, b), registered_at=0, valid_to=valid_to)
        for number, (a, b, identity) in enumerate(windows)
        for valid_to in [None if number % 3 else at]
    ]
    registry = Registry.of(*tasks)
    scan = tuple(t for t in registry.tasks_of(ROLE) if t.start - slack <= at <= t.end + slack and t.valid_to is None)

    assert registry.tasks_open(ROLE, at, slack) == scan
    assert registry.tasks_open(ROLE, at, slack) == scan


def test_the_open_tasks_of_a_busy_agent_are_found_without_looking_at_the_others() -> None:
    tasks = [Task(id=f"T{n}", identity=ROLE, start=n * DAY, end=n * DAY + 1, registered_at=0) for n in range(3000)]
    registry = Registry.of(*tasks)

    assert [t.id for t in registry.tasks_open(ROLE, 2000 * DAY, 0)] == ["T2000"]
    assert len(registry._windows[ROLE, 0].ids(2000 * DAY)) == 1


def test_the_memory_of_open_tasks_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "_MAX_WINDOWS", 10)
    registry = Registry.of(task("T"))

    for number in range(100):
        assert registry.tasks_open(f"aws:role:{number}", 0, 0) == ()
        assert [t.id for t in registry.tasks_open(ROLE, 0, 0)] == ["T"]
    assert len(registry._windows) <= 10
