from __future__ import annotations

import json
from pathlib import Path

import pytest

from remit.cli import main

ROOT = Path(__file__).parents[2]
ACME = ROOT / "tests" / "acme"
FEED = str(ACME / "tasks" / "2026-05-12.jsonl")
DBA = "aws:role:arn:aws:iam::111122223333:role/agent-dba"


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["registry", *map(str, words)])
    return int(ended.value.code or 0)


def test_check_of_a_good_registry_is_quiet_on_stdout_and_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", ACME / "registry", "--tasks", FEED) == 0

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("good: 5 owner, 12 identity, ")
    assert "0 warnings" in err


def test_check_of_a_bad_registry_names_every_line_and_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yml").write_text("owners:\n  - ib: a\n  - {id: b, kind: x}\n")

    assert run("check", tmp_path) == 2
    out, err = capsys.readouterr()
    assert [line.split(": ")[0] for line in out.splitlines()] == [
        f"{tmp_path}/a.yml:2",
        f"{tmp_path}/a.yml:2",
        f"{tmp_path}/a.yml:3",
        "warning",
    ]
    assert err == "refused: 3 problems, 1 warning\n"


def test_check_as_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yml").write_text("owners:\n  - ib: a\n")

    assert run("check", tmp_path, "--format", "json") == 2
    report = json.loads(capsys.readouterr().out)
    assert (report["status"], report["version"]) == ("refused", None)
    assert [(p["line"], p["code"]) for p in report["problems"]] == [(2, "missing_key"), (2, "unknown_key")]
    assert [w["code"] for w in report["warnings"]] == ["no_coverage"]


def test_a_refused_feed_exits_2_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "feed.jsonl").write_text('{"type": "task", "id": "t"}\n')

    assert run("check", ACME / "registry", "--tasks", tmp_path / "feed.jsonl") == 2
    assert f"{tmp_path}/feed.jsonl:1: task 't': identity is missing" in capsys.readouterr().out


def test_a_built_snapshot_is_checked_and_shown_like_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = tmp_path / "r.remit"
    assert run("build", ACME / "registry", "-o", snapshot) == 0
    version = capsys.readouterr().out.strip()

    assert run("check", snapshot) == 0
    assert version in capsys.readouterr().err
    assert run("show", ACME / "registry", "aws:AROADBAAGENT00EXAMPLE", "--tasks", FEED) == 0
    folder = capsys.readouterr().out
    assert run("show", snapshot, DBA, "--tasks", FEED) == 0
    assert capsys.readouterr().out == folder
    assert "TASK-4110" in folder
    assert "ASIADBAXX4110EXAMPLE" in folder


def test_build_writes_nothing_where_the_registry_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yml").write_text("owners: [{ib: a}]\n")

    assert run("build", tmp_path, "-o", tmp_path / "r.remit") == 2
    assert not (tmp_path / "r.remit").exists()
    assert run("build", tmp_path, "-o", tmp_path / "r.remit") == 2


def test_a_snapshot_is_not_built_from_a_snapshot(tmp_path: Path) -> None:
    assert run("build", ACME / "registry", "-o", tmp_path / "r.remit") == 0
    assert run("build", tmp_path / "r.remit", "-o", tmp_path / "s.remit") == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("maya.chen@acme.example",), 0),
        (("b2c5f4a4-0000-4000-8000-000000000001",), 0),
        (("agents/dba",), 0),
        (("TASK-4100",), 0),
        ((), 0),
        (("nobody",), 1),
        (("TASK-4100", "nobody"), 1),
        ((DBA, "--at", "2026-05-12"), 0),
        ((DBA, "--at", "2026-05-12T00:00:00"), 2),
    ],
)
def test_show_exits_1_where_an_id_is_not_registered(words: tuple[str, ...], code: int) -> None:
    assert run("show", ACME / "registry", *words) == code


def test_show_shows_only_what_held_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.yml").write_text(
        "owners:\n"
        "  - {id: a, name: before, valid_to: 2026-01-01T00:00:00Z}\n"
        "  - {id: a, name: after, valid_from: 2026-01-01T00:00:00Z}\n"
    )

    assert run("show", tmp_path, "a", "--at", "2026-01-01", "--format", "json") == 0
    assert [o["name"] for o in json.loads(capsys.readouterr().out)["owners"]] == ["after"]
    assert run("show", tmp_path, "a", "--format", "json") == 0
    assert [o["name"] for o in json.loads(capsys.readouterr().out)["owners"]] == ["before", "after"]


def test_show_names_the_registered_id_that_an_unknown_one_looks_like(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", ACME / "registry", DBA.replace("agent", "Agent")) == 1
    assert f"it looks like '{DBA}', which is" in capsys.readouterr().err
