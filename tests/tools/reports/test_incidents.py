"""Alerts become the incidents that an analyst works on."""

from __future__ import annotations

import msgspec
from tests.tools.reports.build import DESTRUCTIVE, QUEUE, SILENT, alert, nhi

from remit.alerts import Alert
from remit.reports.incidents import incidents, quiet


def test_alerts_of_one_incident_are_one_with_its_deeds_in_order_of_time() -> None:
    (incident,) = incidents([alert(number) for number in (5, 1, 3)])

    assert [deed.time for deed in incident.deeds] == [f"2026-05-12T14:22:0{n}.000Z" for n in (1, 3, 5)]
    assert incident.actions == (("s3:DeleteObject", 3),)
    assert (incident.start, incident.end) == ("2026-05-12T14:22:01.000Z", "2026-05-12T14:22:05.000Z")


def test_two_rules_on_the_same_event_are_one_deed_with_two_rules() -> None:
    (incident,) = incidents([alert(1), alert(1, rule=QUEUE)])

    (deed,) = incident.deeds
    assert {rule.id for rule in deed.rules} == {DESTRUCTIVE.id, QUEUE.id}
    assert deed.level == "critical"


def test_the_gravest_alert_leads_even_when_it_came_later() -> None:
    (incident,) = incidents([alert(1, rule=QUEUE), alert(2)])

    assert incident.lead.rule is DESTRUCTIVE
    assert [rule.id for rule, _ in incident.rules] == [DESTRUCTIVE.id, QUEUE.id]


def test_a_superseded_alert_neither_leads_nor_counts() -> None:
    better = alert(1, rule=QUEUE)
    (incident,) = incidents([alert(1, superseded_by=better.id), better])

    assert incident.lead == better
    assert incident.rules == ((QUEUE, 1),)
    assert incident.level == "high"


def test_incidents_are_ordered_by_level_and_then_by_time() -> None:
    early, late = alert(1, rule=QUEUE, incident="b"), alert(9, rule=QUEUE, incident="a")
    grave = alert(20, incident="c")

    assert [incident.id for incident in incidents([late, grave, early])] == ["c", "b", "a"]


def test_what_makes_no_incident_is_counted_by_rule() -> None:
    alerts = [alert(1), alert(2, rule=SILENT), alert(3, rule=SILENT)]

    assert quiet(alerts) == ((SILENT, 2),)
    assert len(incidents(alerts)) == 1


def test_an_incident_without_time_identity_or_tags_is_still_one() -> None:
    bare = Alert(id="x", incident="i", rule=DESTRUCTIVE, time=None, identity=None, owner=None, verdict=None)

    (incident,) = incidents([bare])

    assert incident.subject == "unknown identity"
    assert incident.start is None
    assert incident.actions == (("?", 1),)


def test_tags_of_a_wrong_shape_break_nothing() -> None:
    strange = msgspec.structs.replace(alert(1), nhi={"action": "text", "resource": {"id": {"a": 1}}, "task": [1]})

    (incident,) = incidents([strange, alert(2, tags=nhi(2))])

    assert incident.deeds[0].action == "?"
