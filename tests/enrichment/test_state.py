from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remit_enrichment import state
from remit_enrichment.errors import BadInput
from remit_enrichment.readers.position import Position
from remit_enrichment.state import SqliteStore, copy_state, temporary_store
from remit_enrichment.store import MemoryStore

actions = st.lists(
    st.tuples(
        st.sampled_from(["get", "put", "delete", "commit", "items", "reopen"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([f"k{i}" for i in range(9)]),
        st.binary(max_size=3),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions)
def test_it_answers_as_a_dictionary_does_with_the_smallest_of_caches(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str, str, bytes]]
) -> None:
    path = str(tmp_path_factory.mktemp("state") / "s")
    model, committed = MemoryStore(), dict[tuple[str, str], bytes]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "HOT", 2)
        store = SqliteStore(path)
        for action, kind, key, value in actions:
            if action == "get":
                assert store.get(kind, key) == model.get(kind, key)
            elif action == "put":
                store.put(kind, key, value)
                model.put(kind, key, value)
            elif action == "delete":
                store.delete(kind, key)
                model.delete(kind, key)
            elif action == "items":
                assert list(store.items(kind)) == list(model.items(kind))
            elif action == "commit":
                store.commit()
                committed = {(k, key): v for k in "ab" for key, v in model.items(k)}
            else:
                store.close()
                store = SqliteStore(path)
                model = MemoryStore()
                for (k, key), v in committed.items():
                    model.put(k, key, v)
        store.close()


def test_a_kind_of_which_nothing_was_ever_written_is_not_looked_for_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "HOT", 2)
    store = SqliteStore(str(tmp_path / "s"))
    store.put("a", "k", b"v")
    store.commit()
    asked: list[str] = []
    store._db.set_trace_callback(asked.append)

    assert all(store.get("b", str(number)) is None for number in range(9))
    assert asked == []
    assert store.get("a", "k") == b"v", "it left memory meanwhile and lies on disk alone"
    assert len(asked) == 1
    store.close()


def test_a_checkpoint_is_one_with_what_is_remembered(tmp_path: Path) -> None:
    path, place = str(tmp_path / "s"), Position(7, 2, 1, head_size=3, head=b"h", seen=(1, 2, 3))
    store = SqliteStore(path)
    store.put("k", "a", b"1")
    store.commit({"/log": place, "/gone": Position(1)}, {"/out": 12})
    store.put("k", "a", b"2")
    store.commit({"/gone": None}, {"/out": 13})
    store.put("k", "a", b"3")
    store.close()

    again = SqliteStore(path)

    assert again.get("k", "a") == b"2"
    assert again.positions() == {"/log": place}
    assert again.lengths() == {"/out": 13}
    again.close()


def test_a_failed_commit_changes_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "s"))
    store.put("k", "a", b"1")
    with pytest.raises(sqlite3.ProgrammingError):
        store.commit(None, {"/out": object()})  # type: ignore[dict-item]

    store.commit()

    assert store.lengths() == {}
    assert store.get("k", "a") == b"1"
    store.close()


def test_a_state_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    SqliteStore(str(tmp_path / "s")).close()

    assert (tmp_path / "s").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("PRAGMA user_version=2", "the state has format 2, this Remit reads 1; use the version of Remit that wrote it"),
        ("PRAGMA application_id=7", "this SQLite file is no state of Remit; name another file"),
        ("DROP TABLE memory", "the state is damaged or no state of Remit"),
    ],
)
def test_a_state_that_is_not_ours_is_refused_with_what_to_do(tmp_path: Path, statement: str, message: str) -> None:
    path = tmp_path / "s"
    SqliteStore(str(path)).close()
    db = sqlite3.connect(path)
    db.execute(statement)
    db.commit()
    db.close()

    with pytest.raises(BadInput, match=message):
        SqliteStore(str(path)).get("k", "a")
    if "PRAGMA" in statement:
        with pytest.raises(BadInput, match=message):
            copy_state(str(path), str(tmp_path / "copy"))


def test_a_state_in_use_is_refused_and_a_copy_of_it_is_not(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    store = SqliteStore(path)
    store.put("k", "a", b"1")
    store.commit()
    store.put("k", "a", b"2")
    program = "import sys; from remit_enrichment.state import SqliteStore; SqliteStore(sys.argv[1])"

    second = subprocess.run([sys.executable, "-c", program, path], capture_output=True, check=False)
    copy_state(path, str(tmp_path / "copy"))

    assert b"another run uses this state" in second.stderr
    store.close()
    copied = SqliteStore(str(tmp_path / "copy"))
    assert copied.get("k", "a") == b"1"
    copied.close()


def test_a_copy_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such state file"):
        copy_state(str(tmp_path / "missing"), str(tmp_path / "copy"))


def test_a_temporary_store_leaves_nothing_behind() -> None:
    with temporary_store() as store:
        store.put("k", "a", b"1")
        store.commit()
        folder = Path(store.path).parent

    assert not folder.exists()
