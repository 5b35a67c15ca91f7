"""The card: a headline and eight lines, honest where nothing is known, and deaf to what a log says."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console
from tests.tools.reports.build import DESTRUCTIVE, alert, nhi

from remit.alerts import Alert
from remit.reports.card import show
from remit.reports.facts import filled, lines
from remit.reports.incidents import Incident, incidents

LABELS = ["What", "Owner", "Credential", "Task", "Normal", "Reach", "Evidence", "Next"]


def _incident(**changed: Any) -> Incident:
    (incident,) = incidents([alert(1, tags=nhi(1, **changed))])
    return incident


def _line(label: str, **changed: Any) -> str:
    return dict(lines(_incident(**changed)))[label]


def _printed(*alerts: Alert, width: int = 110, color: bool = False) -> str:
    stream = io.StringIO()
    show(incidents(alerts), Console(file=stream, width=width, force_terminal=color))
    return stream.getvalue()


def test_it_has_a_headline_and_eight_lines_in_a_fixed_order() -> None:
    printed = _printed(*(alert(number) for number in range(12)))

    assert [label for label, _ in lines(_incident())] == LABELS
    places = [printed.index(f"│ {label} ") for label in LABELS]
    assert places == sorted(places)
    assert "12 × s3:DeleteObject on acme-prod-invoices/2026/q1/…, 2026-05-12 14:22 UTC" in printed
    assert "CRITICAL" in printed.splitlines()[0]


def test_one_card_is_printed_for_each_incident() -> None:
    printed = _printed(alert(1), alert(2, incident="another"))

    assert printed.count("CRITICAL") == 2


def test_it_says_whom_to_call() -> None:
    assert _line("Owner") == "Priya Raman, workplace-ai, #workplace-ai; acts for priya.raman@acme.example"


def test_nobody_to_call_is_said_not_left_out() -> None:
    gone = {"id": "jo@acme.example", "name": "Jo", "status": "departed"}
    stranger = {"id": "aws:role:x", "registered": False}

    assert _line("Owner", owner=None).startswith("nobody: no owner is registered")
    assert _line("Owner", owner=gone).startswith("ORPHAN, the owner has left: Jo")
    assert _line("Owner", owner=None, identity=stranger).startswith("nobody known: the identity is not in the registry")


def test_the_task_line_names_task_window_verdict_and_codes() -> None:
    assert _line("Task") == (
        "TASK-4104 notes: supplier call, 14:00 to 15:00 UTC; outside its task"
        " (CLASS_NOT_IN_TASK, ACTION_NOT_IN_TASK, RESOURCE_NOT_IN_TASK)"
    )
    missing = {"intent": "no_task", "reasons": ["TASK_MISSING"]}
    assert _line("Task", task={}, verdict=missing) == "none; without a task of its own (TASK_MISSING)"


def test_the_credential_is_named_by_its_last_four_and_by_its_age() -> None:
    key = {"id": "AKIABILLINGX2QQQQ", "type": "long_lived_key", "age_days": 120, "max_age_days": 90,
           "rotation_overdue": True, "no_expiry": True}  # fmt: skip

    assert _line("Credential", credential=key) == (
        "long lived key …QQQQ; 120 days old of at most 90, rotation is overdue, never expires"
    )
    assert _line("Credential", credential={}) == "not known: the event shows none"
    assert _line("Credential").endswith("age, rotation and expiry not known")


def test_the_evidence_says_how_the_task_is_known_and_as_of_which_registry() -> None:
    assert _line("Evidence") == (
        "L3, credential bound to the task by the broker (ledger.access_key_id); registry 0123456789ab as of the event"
    )
    assert "only the caller says so" in _line("Evidence", attribution={"level": "L1"})
    assert "no evidence for any task" in _line("Evidence", attribution={})


def test_the_next_step_carries_the_incidents_own_values() -> None:
    assert 'nhi.session.id:"ASIAMNOTE4104EXAMPLE"' in _line("Next")


def test_the_next_step_is_one_that_can_be_done_as_it_stands() -> None:
    assert _line("Next", session={}) == "Ask the owner whether the deletion was wanted"


def test_a_value_that_no_alert_carries_is_named_by_where_it_stands() -> None:
    step = 'requestParameters.groupId:"{requestParameters.groupId}" by {nhi.identity.id}, not {this one}'

    assert filled(step, nhi()) == (
        'requestParameters.groupId:"(the event\'s requestParameters.groupId)" by'
        " aws:role:arn:aws:iam::111122223333:role/agent-meeting-notes, not {this one}"
    )


@pytest.mark.parametrize(
    ("value", "query"),
    [
        ('x" OR *', '"x\\" OR *"'),
        ("x\\", '"x\\\\"'),
        ('x\\" OR "', '"x\\\\\\" OR \\""'),
        (["a", 'b"'], '("a" OR "b\\"")'),
        (["a"], '"a"'),
    ],
)
def test_a_value_of_the_log_stays_within_the_quotes_of_a_query(value: object, query: str) -> None:
    known = {"session": {"id": value}}

    assert filled('What else? nhi.session.id:"{nhi.session.id}" from 1 h before', known) == (
        f"What else? nhi.session.id:{query} from 1 h before"
    )


def test_a_value_outside_quotes_opens_none() -> None:
    assert filled("ask {nhi.owner.name}", {"owner": {"name": 'x" OR *'}}) == 'ask x\\" OR *'


def test_an_alert_that_knows_nothing_still_gets_its_eight_lines() -> None:
    bare = Alert(id="x", incident="i", rule=DESTRUCTIVE, time=None, identity=None, owner=None, verdict=None)
    (incident,) = incidents([bare])

    answers = dict(lines(incident))

    assert list(answers) == LABELS
    assert all(answers.values())
    assert answers["What"] == "not known: the event names no identity"


HOSTILE = (
    "[bold red]x[/] [link=file:///etc/passwd]y[/link] \x1b]8;;http://evil\x07z\x1b[2J\u202e\r\n:skull: " + "A" * 900
)


@pytest.mark.parametrize("color", [True, False])
def test_a_hostile_value_neither_styles_nor_moves_nor_floods_the_terminal(color: bool) -> None:
    groups = {name: _replaced(members) for name, members in nhi(1).items() if name != "event"}
    hostile = nhi(1, **groups)

    printed = _printed(alert(1, tags=hostile, reasons=(HOSTILE,), verdict=HOSTILE), color=color)

    plain = _printed(alert(1), color=color)
    assert "[bold red]x[/]" in printed
    assert ":skull:" in printed
    assert not set("\x07\x9b\u202e\r") & set(printed)
    assert _sequences(printed) <= _sequences(plain) | {"\x1b[0m"}
    assert len(printed) < 12_000


def _replaced(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item) for key, item in value.items()}
    if isinstance(value, list):
        return [HOSTILE]
    return HOSTILE if isinstance(value, str) else value


def _sequences(printed: str) -> set[str]:
    return set(re.findall(r"\x1b[^m]*m?", printed))


def test_each_value_is_cut_on_its_own_so_that_the_others_stay_in_sight() -> None:
    identity = {"id": "aws:role:" + "A" * 5000, "name": "N" * 5000, "kind": "ai_agent", "environment": "prod"}

    text = _line("What", identity=identity)

    assert "aws prod" in text
    assert len(text) < 600
