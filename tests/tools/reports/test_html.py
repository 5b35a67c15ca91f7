"""The report says everything about an incident, in one file that loads nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from tests.tools.reports.build import DESTRUCTIVE, QUEUE, SILENT, alert, nhi

from remit.alerts import Alert
from remit.reports import html, timeline
from remit.reports.comparison import rows
from remit.reports.html import report
from remit.reports.incidents import incidents


class _Elements(HTMLParser):
    """Collects text and every attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _read(page: str) -> _Elements:
    elements = _Elements()
    elements.feed(page)
    return elements


def _text(*alerts: Alert) -> str:
    return re.sub(r"\s+", " ", " ".join(_read(report(alerts)).texts))


def test_it_tells_who_whom_to_call_task_and_deed_why_and_what_to_do() -> None:
    text = _text(*(alert(number) for number in range(3)))

    for part in (
        "meeting-notes: 3 × s3:DeleteObject",
        "AI agent",
        "Priya Raman",
        "#workplace-ai",
        "TASK-4104",
        "14:00 to 15:00 UTC",
        "arn:aws:s3:::acme-meetings/*",
        "arn:aws:s3:::acme-prod-invoices/2026/q1/invoice-2.pdf",
        "CLASS_NOT_IN_TASK",
        "The task, or its charter, does not allow this class of action.",
        'nhi.session.id:"ASIAMNOTE4104EXAMPLE"',
        "Ask the owner whether the deletion was wanted",
        "A retention job moved to another prefix",
        "logs/day.json.gz, line 1, record 2",
    ):
        assert part in text


def test_the_same_alerts_make_the_same_page() -> None:
    alerts = [alert(1), alert(2, rule=QUEUE, incident="another"), alert(3, rule=SILENT)]

    assert report(alerts) == report(alerts)


def test_it_refers_to_nothing_outside_but_the_rules_own_links() -> None:
    elements = _read(report([alert(1)]))

    tags = {tag for tag, _, _ in elements.attributes}
    targets = {
        value for _, name, value in elements.attributes if name in ("href", "src", "action", "data", "xlink:href")
    }
    assert not tags & {"script", "img", "link", "iframe", "object", "embed", "form", "base"}
    assert {target for target in targets if not target.startswith("#")} == {
        "https://attack.mitre.org/techniques/T1485/"
    }


def test_its_policy_allows_its_own_style_sheet_alone() -> None:
    policy = next(value for tag, _, value in _read(report([])).attributes if tag == "meta" and "default-src" in value)

    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'", policy
    )


def test_a_rules_link_that_is_no_web_page_is_left_out() -> None:
    guidance = alert(1).guidance
    bad = type(guidance)(references=("javascript:alert(1)", "data:text/html,x", "https://example.org/ok"))

    targets = {value for _, name, value in _read(report([alert(1, guidance=bad)])).attributes if name == "href"}

    assert {target for target in targets if not target.startswith("#")} == {"https://example.org/ok"}


def test_no_incident_is_said_and_what_fired_quietly_is_counted() -> None:
    text = _text(alert(1, rule=SILENT), alert(2, rule=SILENT))

    assert "No alert made an incident." in text
    assert "Long-lived access key created" in text
    assert "risk_only 2" in text


def test_many_incidents_stand_in_the_index_and_the_gravest_are_told_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAX_DETAILED", 2)
    page = report([alert(n, incident=f"incident-{n}") for n in range(5)])

    assert page.count("<article") == 2
    assert page.count('<span class="chip critical">critical</span></td>') == 5
    assert "The 3 incidents of lower rank" in page


def test_an_alert_without_anything_still_makes_a_page() -> None:
    bare = Alert(id="x", incident="i", rule=DESTRUCTIVE, time=None, identity=None, owner=None, verdict=None)

    text = _text(bare)

    assert "unknown identity" in text
    assert "nobody is registered" in text
    assert "No task was found for it." in text


def test_what_was_judged_and_held_against_it_is_marked_and_what_was_not_judged_says_so() -> None:
    (outside,) = incidents([alert(1)])
    over = nhi(1, verdict={"intent": "task_expired", "reasons": ["TASK_WINDOW_CLOSED"]})
    (late,) = incidents([alert(1, tags=over)])

    assert {row.label: row.mark for row in rows(outside)} == {
        "Window": "yes", "Actions": "no", "Classes": "no", "Resources": "no", "Proof": "yes",
    }  # fmt: skip
    assert {row.label: row.mark for row in rows(late)} == {
        "Window": "no", "Actions": "open", "Classes": "open", "Resources": "open", "Proof": "yes",
    }  # fmt: skip


def test_a_weak_proof_is_marked_for_a_change() -> None:
    weak = nhi(1, attribution={"level": "L0"}, action={"name": "s3:DeleteObject", "class": "delete", "mutating": True})
    (incident,) = incidents([alert(1, tags=weak)])

    assert {row.label: row.mark for row in rows(incident)}["Proof"] == "no"


def test_the_picture_has_a_lane_an_action_the_window_and_a_dot_for_what_lies_together() -> None:
    (incident,) = incidents([alert(number) for number in range(24)])

    picture = timeline.of_incident(incident)

    assert picture is not None
    assert [lane.name for lane in picture.lanes] == ["s3:DeleteObject"]
    assert [dot.count for dot in picture.dots] == [24]
    assert picture.band is not None
    assert picture.band.x < picture.dots[0].x < picture.band.x + picture.band.width
    assert all(picture.gutter <= tick.x <= picture.width for tick in picture.ticks)
    assert 3 <= len(picture.ticks) <= 10


@pytest.mark.parametrize("seconds", [0, 50, 3_000, 50_000, 3_000_000, 400_000_000])
def test_the_picture_of_any_span_has_a_few_ticks(seconds: int) -> None:
    from datetime import UTC, datetime, timedelta

    first = datetime(2026, 5, 12, 14, tzinfo=UTC)
    last = first + timedelta(seconds=seconds)
    alerts = [alert(1, time=f"{first:%Y-%m-%dT%H:%M:%S}.000Z", tags=nhi(1, task={})),
              alert(2, time=f"{last:%Y-%m-%dT%H:%M:%S}.000Z", tags=nhi(2, task={}))]  # fmt: skip
    (incident,) = incidents(alerts)

    picture = timeline.of_incident(incident)

    assert picture is not None
    assert 1 <= len(picture.ticks) <= 12
    assert sum(dot.count for dot in picture.dots) == 2
