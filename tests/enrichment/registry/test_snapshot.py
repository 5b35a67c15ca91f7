from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remit_enrichment.errors import BadInput
from remit_enrichment.registry import snapshot
from remit_enrichment.registry.loading import inspect_registry, load_registry
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Bind, Identity, Owner, Task
from remit_enrichment.registry.objects import INDEXES, LISTED, NAMED, InMemory
from remit_enrichment.registry.snapshot import APPLICATION, FORMAT, Snapshot, build

HERE = Path(__file__).parent
WHOLE, FEED = HERE / "whole.yml", HERE / "whole.jsonl"
ACME = HERE.parents[2] / "tests" / "acme"
ROLE = "aws:role:arn:aws:iam::111122223333:role/agent-dba"


def built(source: Path, target: Path) -> Path:
    loaded = inspect_registry(source)
    assert loaded.problems == ()
    assert isinstance(loaded.objects, InMemory)
    build(loaded.objects, target)
    return target


def assert_same(memory: InMemory, other: Snapshot) -> None:
    for kind in NAMED:
        for id, versions in memory.all(kind):
            assert other.versions(kind, id) == versions
        assert other.count(kind) == memory.count(kind)
    for kind in LISTED:
        assert other.listed(kind) == memory.listed(kind)
    for index, key, ids in memory.entries():
        assert other.ids(index, key) == ids
    for index in INDEXES:
        assert other.ids(index, "no such key") == ()


@pytest.mark.parametrize("source", [WHOLE, ACME / "registry"])
def test_a_snapshot_answers_like_the_folder_it_was_built_from(source: Path, tmp_path: Path) -> None:
    memory = inspect_registry(source).objects
    assert isinstance(memory, InMemory)
    opened = Snapshot(built(source, tmp_path / "r.remit"))

    assert_same(memory, opened)
    assert opened.version == memory.version
    assert load_registry(tmp_path / "r.remit").version == load_registry(source).version


def test_a_feed_lies_over_a_snapshot_as_over_a_folder(tmp_path: Path) -> None:
    path = built(WHOLE, tmp_path / "r.remit")
    one, other = load_registry(WHOLE, [FEED]), load_registry(path, [FEED])

    assert other.tasks_of(ROLE) == one.tasks_of(ROLE)
    assert len(other.tasks_of(ROLE)) == 2
    assert [other.bindings(h) for h in ("s-1", "s-2", "ASIAOTHER")] == [
        one.bindings(h) for h in ("s-1", "s-2", "ASIAOTHER")
    ]
    assert other.revocations("TASK-1") == one.revocations("TASK-1") != ()
    assert other.version == one.version


names = st.text("ab:\0é", max_size=3)
identities = st.builds(
    lambda id, aliases, tag: Identity(id=f"aws:role:{id}", aliases=tuple(aliases), tags=(tag,)),
    names,
    st.lists(names),
    names,
)
owners = st.builds(lambda id, aliases: Owner(id=f"o{id}", aliases=tuple(aliases)), names, st.lists(names))
binds = st.builds(lambda handles, source: Bind(sessions=tuple(handles), source_identity=source), st.lists(names), names)
tasks = st.builds(
    lambda id, identity, bind: Task(id=id, identity=identity, start=0, end=1, registered_at=0, bind=bind),
    names,
    names,
    binds,
)


@pytest.mark.parametrize("collide", [False, True])
@given(things=st.lists(identities | owners | tasks, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_objects_are_found_again_even_if_every_hash_is_the_same(
    things: list[Identity | Owner | Task], collide: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = InMemory(things, "version")
    with monkeypatch.context() as patch:
        if collide:
            patch.setattr(snapshot, "_hash", lambda space, key: 7)
        build(memory, tmp_path / "r.remit")
        assert_same(memory, Snapshot(tmp_path / "r.remit"))


def test_lookups_of_what_was_never_registered_find_nothing_and_long_ones_are_not_remembered(tmp_path: Path) -> None:
    opened = Snapshot(built(WHOLE, tmp_path / "r.remit"))
    registry = Registry(opened)

    assert registry.identity("aws", "x" * 10**6, 0) is None
    assert registry.identity("aws", "aws:role:" + "x" * 10**6, 0) is None
    assert registry.confusable("aws:role:" + "x" * 10**6) is None
    assert registry.bindings("x" * 10**6) == ()
    assert (opened._versions.cache_info().currsize, opened._ids.cache_info().currsize) == (0, 0)
    assert registry.confusable(ROLE.replace("a", "а")) == ROLE


def test_a_name_that_nobody_registered_seldom_costs_a_query(tmp_path: Path) -> None:
    opened = Snapshot(built(ACME / "registry", tmp_path / "r.remit"))
    asked: list[str] = []
    opened._database.set_trace_callback(asked.append)

    assert all(opened.ids("bound", f"ASIA{number}") == () for number in range(4000))
    assert len(asked) < 400


def test_a_snapshot_without_the_map_of_names_answers_the_same(tmp_path: Path) -> None:
    path = built(WHOLE, tmp_path / "r.remit")
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM meta WHERE key = 'map'")
    memory = inspect_registry(WHOLE).objects
    assert isinstance(memory, InMemory)

    assert_same(memory, Snapshot(path))


def test_a_snapshot_of_an_unknown_format_is_refused_clearly(tmp_path: Path) -> None:
    path = built(WHOLE, tmp_path / "r.remit")
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version={FORMAT + 1}")
    database.close()

    with pytest.raises(BadInput, match=rf"format {FORMAT + 1}; this version of Remit reads format {FORMAT}"):
        load_registry(path)


def test_another_database_is_no_snapshot(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE meta (key, value)")
    database.close()

    with pytest.raises(BadInput, match="no snapshot"):
        load_registry(path)


@pytest.mark.parametrize("keep", [100, 4096, 0.6])
def test_a_snapshot_that_was_cut_is_refused(tmp_path: Path, keep: float) -> None:
    path = built(WHOLE, tmp_path / "r.remit")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep if keep > 1 else keep * len(whole))])

    with pytest.raises(BadInput, match="damaged"):
        ask_everything(path)


def test_a_snapshot_whose_content_was_changed_is_refused_where_it_is_read(tmp_path: Path) -> None:
    path = built(WHOLE, tmp_path / "r.remit")
    with sqlite3.connect(path) as database:
        ((blob,),) = database.execute("SELECT versions FROM object WHERE number = 1").fetchall()
        database.execute("UPDATE object SET versions = ?", (blob[:-1] + bytes([blob[-1] ^ 1]),))
    database.close()

    with pytest.raises(BadInput, match="damaged"):
        ask_everything(path)


def ask_everything(path: Path) -> None:
    registry = load_registry(path)
    registry.identity("aws", ROLE, 1768003200500)
    registry.charter("agents/dba", 1768003200500)
    registry.owner("jane@example.com", 1768003200500)
    registry.tasks_of(ROLE)


def test_building_again_replaces_the_file_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "r.remit"
    built(ACME / "registry", target)
    first = Snapshot(target)
    built(WHOLE, target)

    assert [path.name for path in tmp_path.iterdir()] == ["r.remit"]
    assert Snapshot(target).count(Identity) == 2
    assert first.versions(Identity, "aws:role:arn:aws:iam::111122223333:role/ci-deploy") != ()  # the open one stays


def test_a_snapshot_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "x").touch()

    for target in (tmp_path / "missing" / "r.remit", tmp_path / "folder"):
        with pytest.raises(BadInput, match="cannot be written"):
            built(WHOLE, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = built(ACME / "registry", tmp_path / "a"), built(ACME / "registry", tmp_path / "b")

    assert one.read_bytes() == other.read_bytes()


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    path = built(WHOLE, tmp_path / "r.remit")
    database = sqlite3.connect(path)

    assert database.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    assert database.execute("PRAGMA user_version").fetchone() == (FORMAT,)
    database.close()
    assert stat.S_ISREG(path.stat().st_mode)


def test_a_read_only_folder_is_enough_to_read_a_snapshot(tmp_path: Path) -> None:
    path = built(WHOLE, tmp_path / "a b#?.remit")
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        assert load_registry(path).owner("jane@example.com", 1768003200500) is not None
        assert [p.name for p in tmp_path.iterdir()] == ["a b#?.remit"]
    finally:
        tmp_path.chmod(0o700)
