from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from remit import enriching
from remit.cli.state import command
from remit_enrichment.errors import BadInput
from remit_enrichment.remembered import forget, remembered
from remit_enrichment.state import SqliteStore

ACCOUNT = "111122223333"
ONE, OTHER = (f"aws:role:arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("one", "other"))


def event(number: int, role: str, action: str, **changed: object) -> dict[str, object]:
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/run",
            "principalId": f"AROA{role}:run",
            "accountId": ACCOUNT,
            "accessKeyId": f"ASIA{role}",
            "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "type": "Role"}},
        },
        "eventTime": f"2026-03-04T10:{number:02d}:00Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": action,
        "eventID": f"e-{number}",
        "recipientAccountId": ACCOUNT,
        **changed,
    }


@pytest.fixture
def state(tmp_path: Path) -> Path:
    minted = {
        "eventSource": "sts.amazonaws.com",
        "requestParameters": {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/other", "roleSessionName": "run"},
        "responseElements": {"credentials": {"accessKeyId": "ASIAother"}},
    }
    events = [event(1, "one", "DeleteUser"), event(2, "one", "AssumeRole", **minted), event(3, "other", "DeleteUser")]
    (tmp_path / "log").write_text("\n".join(map(json.dumps, events)))
    (tmp_path / "registry").mkdir()
    identities = [{"type": "identity", "id": id, "kind": "role"} for id in (ONE, OTHER)]
    (tmp_path / "registry" / "r.jsonl").write_text("\n".join(map(json.dumps, identities)))
    path = tmp_path / "state"
    enriching.enrich(
        enriching.Options(
            files=(str(tmp_path / "log"),),
            registry=tmp_path / "registry",
            state=str(path),
            output=str(tmp_path / "out"),
            quarantine=str(tmp_path / "aside"),
        )
    )
    return path


def test_show_says_what_is_remembered_of_one_identity_and_changes_nothing(state: Path) -> None:
    before = state.read_bytes()

    shown = CliRunner().invoke(command, ["show", ONE, "--state", str(state), "--format", "json"])

    kinds = {memory["kind"]: memory["says"] for memory in json.loads(shown.output)}
    assert kinds["recent"]["mutating"] == 1
    assert len(kinds["ledger"]["minted"]) == 1
    assert state.read_bytes() == before


def test_forget_removes_everything_that_names_it_and_leaves_the_others(state: Path) -> None:
    CliRunner().invoke(command, ["forget", ONE, "--state", str(state)])

    store = SqliteStore(str(state))
    rest = [(kind, key, value) for (kind,) in kinds_of(state) for key, value in store.items(kind)]
    assert not [entry for entry in rest if ONE in entry[1] or ONE.encode() in entry[2]]
    assert remembered(store, OTHER)
    assert forget(store, ONE) == []
    store.close()


def kinds_of(state: Path) -> list[tuple[str]]:
    import sqlite3

    db = sqlite3.connect(state)
    found = db.execute("SELECT DISTINCT kind FROM memory").fetchall()
    db.close()
    return found


def test_an_unknown_identity_is_exit_1_and_a_missing_state_is_refused(state: Path) -> None:
    assert "nothing is remembered" in CliRunner().invoke(command, ["show", "nobody", "--state", str(state)]).output
    with pytest.raises(BadInput, match="no such state file"):
        CliRunner().invoke(
            command, ["forget", ONE, "--state", str(state) + "x"], catch_exceptions=False, standalone_mode=False
        )
