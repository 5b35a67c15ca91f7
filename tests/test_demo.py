"""`remit demo`: four incidents, told in cards and in a report, and nothing else that a person must look at.

The numbers are those of examples/acme/README.md, which says why; they come from the design of the day, not from a run.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from remit.alerts import INCIDENT_KINDS, Alert

DESTRUCTIVE = "rules/nhi_activity/nhi_activity_destructive_action_with_finding.yml"
CHANGE = "rules/nhi_activity/nhi_activity_change_with_finding.yml"
STRANGER = "rules/nhi_activity/nhi_activity_unknown_identity_change.yml"
WORLD = "rules/aws/aws_cloudtrail_security_group_opened_to_world.yml"
KEY = "rules/aws/aws_cloudtrail_access_key_created.yml"
ROOT_KEY = "rules/aws/aws_cloudtrail_root_access_key_used.yml"
SKELETON = {DESTRUCTIVE, CHANGE, STRANGER, WORLD, KEY, ROOT_KEY}

INCIDENTS = {"meeting-notes": "TASK-4104", "release": "TASK-4122", "sre": "TASK-4131", "dba": "TASK-4110"}
IN_INCIDENTS = {
    ("meeting-notes", DESTRUCTIVE): 24,
    ("release", CHANGE): 3,
    ("release", KEY): 1,
    ("sre", CHANGE): 1,
    ("sre", WORLD): 1,
    ("dba", CHANGE): 1,
    ("dba", DESTRUCTIVE): 1,
}
OUTSIDE = {("secret-rotation", KEY): 1}


@dataclass(frozen=True)
class Run:
    stdout: str
    stderr: str
    folder: Path
    alerts: list[Alert]

    @property
    def report(self) -> Path:
        return Path(self.stdout.splitlines()[-1])

    def named(self, alert: Alert) -> str:
        return (alert.identity.name or alert.identity.id) if alert.identity else ""


def _demo(folder: Path) -> Run:
    command = [sys.executable, "-m", "remit", "demo", "-o", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    lines = (folder / "alerts.jsonl").read_bytes().splitlines()
    return Run(done.stdout, done.stderr, folder, [msgspec.json.decode(line, type=Alert) for line in lines])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return _demo(tmp_path_factory.mktemp("demo") / "out")


def test_the_last_line_is_the_path_of_the_report(run: Run) -> None:
    assert run.report == run.folder / "report.html"
    assert run.report.is_file()


def test_there_are_exactly_the_four_incidents_each_on_its_own_task(run: Run) -> None:
    incidents = {
        (alert.incident, run.named(alert), alert.nhi["task"]["id"])
        for alert in run.alerts
        if alert.incident is not None
    }

    assert sorted((name, task) for _, name, task in incidents) == sorted(INCIDENTS.items())
    assert len({id for id, _, _ in incidents}) == 4


def test_each_rule_of_the_skeleton_fires_as_often_as_the_day_was_made_for(run: Run) -> None:
    fired = Counter((run.named(alert), alert.rule.file) for alert in run.alerts if alert.rule.file in SKELETON)

    assert fired == {**IN_INCIDENTS, **OUTSIDE}


def test_nothing_outside_the_incidents_asks_for_a_person(run: Run) -> None:
    outside = [alert for alert in run.alerts if run.named(alert) not in INCIDENTS]

    assert [alert.rule.title for alert in outside if alert.rule.alert in INCIDENT_KINDS] == []


def test_the_verdicts_are_those_of_the_story(run: Run) -> None:
    verdicts = {(run.named(alert), alert.verdict) for alert in run.alerts if alert.incident is not None}

    assert verdicts == {
        ("meeting-notes", "out_of_scope"),
        ("release", "out_of_scope"),
        ("sre", "out_of_scope"),
        ("dba", "task_expired"),
    }


def test_a_card_is_printed_for_each_with_the_owner_to_call(run: Run) -> None:
    for name, task in INCIDENTS.items():
        assert f"AI agent {name} " in run.stdout
        assert task in run.stdout
    for owner in ("Priya Raman, workplace-ai", "Maya Chen, platform", "Tomas Novak, data"):
        assert owner in run.stdout
    assert run.stdout.count("│ Owner ") == 4


def test_cards_go_to_standard_output_and_talk_to_standard_error(run: Run) -> None:
    assert "synthetic" in run.stderr
    assert "│" not in run.stderr


def test_a_second_run_in_the_same_folder_writes_the_same_bytes(run: Run) -> None:
    before = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}

    _demo(run.folder)

    assert {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()} == before


def test_hunt_finds_the_same_and_ends_with_one(run: Run, tmp_path: Path) -> None:
    acme = Path(__file__).parent / "acme"
    alerts = tmp_path / "alerts.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "remit", "hunt", str(run.folder / "logs" / "AWSLogs"),
         "--registry", str(acme / "registry"), "--tasks", str(acme / "tasks" / "2026-05-12.jsonl"), "-o", str(alerts)],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip

    assert done.returncode == 1
    assert alerts.read_bytes() == (run.folder / "alerts.jsonl").read_bytes()


def test_an_output_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    done = subprocess.run(
        [sys.executable, "-m", "remit", "demo", "-o", str(tmp_path / "file")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "file" in done.stderr


@pytest.mark.browser
def test_the_report_opens_in_a_browser_and_shows_every_incident(run: Run, chromium: Browser) -> None:
    page = chromium.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(run.report.as_uri())

    articles = page.locator("article.incident")
    assert articles.count() == 4
    for name, task in INCIDENTS.items():
        article = articles.filter(has=page.locator("h2", has_text=f"{name}: "))
        assert article.count() == 1
        assert article.is_visible()
        assert task in article.inner_text()
        assert article.locator("svg circle").count() >= 1
        assert page.locator(".index a", has_text=name).count() == 1
    assert "24 × s3:DeleteObject" in page.locator("h2").all_inner_texts()[1]
    assert requests == [run.report.as_uri()]
    page.close()
