"""Alerts: one a rule and event, in a fixed order, with stable ids, put together into incidents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from remit.alerts import Alert
from remit.content import Rule
from remit.hunt.matching import Matching
from remit.hunt.run import Event, Ruleset, Tally, Window, blind_spots, hunt, shown, why_silent

from .conftest import IDS, event, rule


def alerts(
    events: Iterable[Event], *rules: Rule, window: Window | None = None, any_source: bool = False
) -> list[Alert]:
    return hunt(events, Ruleset(rules), Matching(rules, any_source=any_source), window or Window(), Tally())


def test_an_alert_says_who_when_where_and_why() -> None:
    tags: dict[str, Any] = {
        "owner": {"id": "o", "name": "O", "team": "t"},
        "verdict": {"intent": "no_task", "reasons": ["TASK_MISSING"]},
    }

    [alert] = alerts([event(0, 7, **tags)], rule("a"))

    assert (alert.rule.id, alert.rule.file, alert.rule.level, alert.rule.alert) == (
        IDS["a"],
        "rules/a.yml",
        "high",
        "queue",
    )
    assert alert.time == "2026-05-12T10:00:00.000Z"
    assert msgspec.to_builtins(alert.identity) == {"id": "aws:role:r", "name": "r", "kind": "role"}
    assert msgspec.to_builtins(alert.owner) == {"id": "o", "name": "O", "team": "t"}
    assert (alert.verdict, alert.reasons) == ("no_task", ("TASK_MISSING",))
    assert [msgspec.to_builtins(place) for place in alert.events] == [
        {"file": "log.jsonl", "line": 7, "record": 0, "id": "e7"}
    ]


def test_alerts_stand_by_time_then_rule_then_event() -> None:
    found = alerts([event(5, 1), event(1, 2), event(1, 3)], rule("b"), rule("a"))

    places = [(alert.rule.title[-1], alert.events[0].line) for alert in found]
    assert places == [("a", 2), ("a", 3), ("b", 2), ("b", 3), ("a", 1), ("b", 1)]


def test_an_event_without_a_time_stands_behind_the_last_time_seen() -> None:
    found = alerts([event(5, 1), event(None, 2), event(6, 3)], rule("a"))

    assert [(alert.events[0].line, alert.time is None) for alert in found] == [(1, False), (2, True), (3, False)]


def test_ids_do_not_depend_on_the_file_nor_on_what_else_fires() -> None:
    moved = [msgspec.structs.replace(event(0, 1), file="elsewhere.jsonl", line=99)]

    [here] = alerts([event(0, 1)], rule("a"))
    [there] = [alert for alert in alerts([event(-9, 5), *moved], rule("a"), rule("b")) if alert.events[0].line == 99][
        :1
    ]

    assert here.id == there.id


def test_a_second_delivery_makes_no_second_alert() -> None:
    again = event(0, 1)
    again.document["nhi"]["event"]["duplicate"] = True

    assert len(alerts([event(0, 1), again], rule("a"))) == 1


def test_two_events_of_one_id_both_alert_unless_they_are_one_delivered_twice() -> None:
    found = alerts([event(0, 1), event(0, 1)], rule("a"))

    assert len({alert.id for alert in found}) == 2


def test_an_incident_ends_after_an_hour_of_silence() -> None:
    found = alerts([event(0, 1), event(60, 2), event(121, 3)], rule("a"))

    assert found[0].incident == found[1].incident != found[2].incident


def test_an_incident_spans_a_day_at_most() -> None:
    found = alerts([event(minute, minute) for minute in range(0, 26 * 60, 30)], rule("a"))

    first = [alert for alert in found if alert.incident == found[0].incident]
    assert len(first) == 49  # minutes 0 to 1440, both included


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ({"task": {"id": "T1"}}, {"task": {"id": "T2"}}, False),
        ({"task": {"id": "T1"}, "session": {"id": "s1"}}, {"task": {"id": "T1"}, "session": {"id": "s2"}}, True),
        ({"session": {"id": "s1"}}, {"session": {"id": "s2"}}, False),
        ({"session": {"id": "s1"}}, {"session": {"id": "s1"}}, True),
        ({}, {}, True),
    ],
)
def test_an_incident_is_of_one_task_or_session(one: dict[str, Any], other: dict[str, Any], together: bool) -> None:
    first, second = alerts([event(0, 1, **one), event(1, 2, **other)], rule("a"))

    assert (first.incident == second.incident) is together


def test_without_an_identity_every_alert_is_an_incident_of_its_own() -> None:
    first, second = alerts([event(0, 1, identity=None), event(1, 2, identity=None)], rule("a"))

    assert first.incident != second.incident


def test_only_page_and_queue_make_incidents() -> None:
    found = alerts([event(0)], rule("a", alert="page"), rule("b", alert="risk_only"), rule("c", alert="building_block"))

    assert [alert.incident is not None for alert in found] == [True, False, False]
    assert [alert.rule.alert for alert in shown(found)] == ["page"]


def test_a_superseded_alert_is_written_and_not_shown() -> None:
    better = rule("b", alert="page", more=f"  supersedes: [{IDS['a']}]\n")

    plain, gravest = alerts([event(0)], rule("a"), better)

    assert plain.superseded_by == gravest.id
    assert shown([plain, gravest]) == [gravest]


def test_since_is_inclusive_and_until_exclusive() -> None:
    window = Window(event(1).time, event(3).time)

    found = alerts([event(minute, minute) for minute in range(5)], rule("a"), window=window)

    assert [alert.events[0].line for alert in found] == [1, 2]


@pytest.mark.parametrize(
    ("logsource", "source", "applies"),
    [
        ("{product: aws, service: cloudtrail}", "aws.cloudtrail", True),
        ("{product: aws}", "aws.cloudtrail", True),
        ("{product: aws, service: guardduty}", "aws.cloudtrail", False),
        ("{product: azure}", "aws.cloudtrail", False),
        ("{category: nhi_activity}", "aws.cloudtrail", True),
        ("{category: nhi_activity}", None, False),
        ("{category: process_creation}", "aws.cloudtrail", False),
        ("{product: aws}", None, False),
    ],
)
def test_a_rule_is_asked_about_the_records_of_its_log_source(logsource: str, source: str | None, applies: bool) -> None:
    found = alerts([event(0, source=source)], rule("a", logsource=logsource))

    assert bool(found) is applies


def test_any_source_asks_every_rule_about_every_record() -> None:
    assert len(alerts([event(0, source=None)], rule("a", logsource="{product: linux}"), any_source=True)) == 1


def test_tags_of_any_shape_are_no_crash() -> None:
    odd = event(0)
    odd.document["nhi"].update({"event": [1], "identity": "x", "verdict": {"reasons": {"a": 1}}, "owner": 5})

    [alert] = alerts([odd], rule("a"))

    assert (alert.identity, alert.owner, alert.reasons) == (None, None, ())


def test_a_rule_that_is_refused_is_told_and_the_others_run() -> None:
    matching = Matching([rule("a", "s: {x|expand: '%no%'}"), rule("b")])

    assert [fired.title for fired in matching.fired({"x": "a"}, "aws.cloudtrail")] == ["Rule b"]
    assert str(matching.refused[0]) == (
        f"refused: {IDS['a']} rules/a.yml:6:7 placeholder `%no%`: no value is given for it; "
        "say it in site.yml, under expand"
    )


def test_what_was_not_judged_is_told() -> None:
    tally = Tally()
    rules = (rule("a", "s: {x: never}"), rule("b", "s: {x: never}", logsource="{product: azure}"))
    events = [
        event(0, source=None),
        event(1, verdict={"reasons": ["NOT_COVERED"]}),
        event(2, baseline={"learning": True}),
    ]
    matching = Matching(rules)
    tally.read, tally.unreadable = 4, 1

    assert hunt(events, Ruleset(rules), matching, Window(), tally) == []
    assert blind_spots(tally, Ruleset(rules), matching) == [
        "1 of 4 records could not be read",
        "1 of 4 records are of no known log source (unrecognised)",
        "1 of 4 records are of identities where the registry claims no coverage",
        "1 of 4 records are of identities whose normal behavior is still being learnt",
        "1 rules saw no record of their log source",
    ]
    assert why_silent(tally, 2) == "4 records were read, 2 rules were asked, and none matched"
