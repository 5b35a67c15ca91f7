"""`remit explain`: evidence and level, task and charter, the step that decided, what would have made it aligned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.adversary import test_adversary as attacks
from tests.enrichment.scene import World, agent, at, bound, delete, event, read, task

from remit.cli.explain import command
from remit.explaining import REMEDIES, STEPS, as_text, explain
from remit_enrichment import intent
from remit_enrichment.errors import BadInput
from remit_enrichment.judgement import FINDINGS
from remit_enrichment.registry.model import Allow, Limits

COMPANY = Path(attacks.HERE, "company", "registry.yml")


def lines_of(world: World, document: dict[str, Any]) -> list[str]:
    explanation = explain(world.enrich(document))
    assert explanation is not None
    return as_text(explanation)


def test_evidence_task_step_and_remedy_are_told() -> None:
    world = World(agent(), task(allow=Allow(actions=("s3:Get*",))), bound())

    write = event("s3:PutObject", resources=[{"ARN": "arn:aws:s3:::bucket/a"}])

    assert lines_of(world, write)[5:] == [
        "task      required",
        "evidence  L3  T1  by ledger.credential_id: open, 2026-04-12T09:00:00.000Z to 2026-04-12T11:00:00.000Z",
        "evidence  L0  T1  by task.window: open, 2026-04-12T09:00:00.000Z to 2026-04-12T11:00:00.000Z",
        "verdict   out_of_scope under T1, evidence L3",
        "decided   by step 7, the scope of task and charter",
        "because   ACTION_NOT_IN_TASK: The task, or its charter, does not allow this action.",
        "aligned   if T1 and its charter allowed the action s3:PutObject",
    ]


def test_weak_evidence_says_what_would_have_been_enough() -> None:
    lines = lines_of(World(agent(), task()), delete())

    assert lines[-1] == (
        "aligned   if the evidence was L3 or better: ASIAAGENTSESSION0001 bound to T1, or its issuance signed"
    )


def test_what_is_aligned_needs_no_remedy() -> None:
    assert not [line for line in lines_of(World(agent(), task(), bound()), read()) if line.startswith("aligned")]


def test_hostile_text_is_shown_on_one_line() -> None:
    lines = lines_of(World(), delete(who="x\n\x1b[2J"))

    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("case", attacks.cases())
def test_every_finding_of_every_attack_says_its_step_and_what_would_have_been_aligned(
    case: dict[str, Any], tmp_path: Path
) -> None:
    for found in attacks.enriched(case, tmp_path):
        explanation = explain(found)
        assert explanation is not None
        assert explanation.step in STEPS.values()
        assert bool(explanation.aligned_if) == (explanation.intent in FINDINGS)


def test_every_code_of_a_verdict_has_a_remedy() -> None:
    source = Path(intent.__file__).read_text() + Path(intent.__file__).with_name("attribution.py").read_text()

    for code in REMEDIES:
        assert code in source or code.endswith("_NOT_IN_TASK")


# --- the verb ---------------------------------------------------------------------------------------------------------


def log(path: Path, *documents: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps({"eventID": f"e{i}", **d}) + "\n" for i, d in enumerate(documents)))
    return str(path)


def told(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    return result.output


def test_an_event_is_named_by_its_place(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", read(), delete(who="stranger"))

    output = told(f"{path}:2", "--registry", str(COMPANY.parent))

    assert output.startswith(f"{path}:2:0\n")
    assert "who       aws:role:arn:aws:iam::111122223333:role/stranger  unregistered" in output
    assert "aligned   if aws:role:arn:aws:iam::111122223333:role/stranger was in the registry" in output


def test_an_alert_leads_to_its_events(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", read(), delete(who="stranger"))
    alert = {
        "id": "a1", "incident": None, "rule": {"id": "r", "title": "t", "level": "high", "file": "r.yml"},
        "time": None, "identity": None, "owner": None, "verdict": None,
        "events": [{"file": path, "line": 2, "record": 0}],
    }  # fmt: skip
    (tmp_path / "alerts.jsonl").write_text(json.dumps(alert) + "\n")

    output = json.loads(told(f"{tmp_path / 'alerts.jsonl'}:1", path, "--format", "json"))

    assert output["place"] == {"file": path, "line": 2, "record": 0}
    assert output["explanation"]["intent"] == "not_applicable"


def test_what_came_before_counts(tmp_path: Path) -> None:
    limited = task(limits=Limits(max_actions=1))
    world = World(agent(), limited, bound())
    world.enrich(read())

    assert any("LIMIT_EXCEEDED" in line for line in lines_of(world, read()))


@pytest.mark.parametrize(
    ("place", "what"), [("nofile:1", "no such file"), ("x", "no line of a log"), ("{log}:9", "no such record")]
)
def test_a_wrong_place_is_told(tmp_path: Path, place: str, what: str) -> None:
    path = log(tmp_path / "a.jsonl", event(clock="10:00"))

    with pytest.raises(BadInput, match=what):
        told(place.format(log=path))


def test_a_record_of_no_log_source_is_not_judged(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", {"a": at("10:00")})

    assert "not judged" in told(f"{path}:1")
