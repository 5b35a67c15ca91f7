"""Correlations in a hunt: what fires, what it says, and which rules then keep quiet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from tests.conformance.features import Sequence, sequences

from remit.cli import cli
from remit.content import load_content
from remit.hunt.matching import Matching
from remit.hunt.run import Event, Ruleset, Tally, Window, blind_spots, hunt
from remit.meaning.sequences import firings

ANSWERED = [sequence for sequence in sequences() if sequence.refused is None]
RULE = "11111111-1111-4111-8111-111111111111"
BURST = "22222222-2222-4222-8222-222222222222"
CONTENT = f"""
title: Listed
id: {RULE}
level: low
logsource: {{product: aws, service: cloudtrail}}
detection:
  s: {{eventName: ListBuckets}}
  condition: s
---
title: Burst of lists
id: {BURST}
level: high
correlation:
  type: event_count
  rules: [{RULE}]
  group-by: [userIdentity.accessKeyId]
  timespan: 10m
  condition: {{gte: 3}}
"""


@pytest.mark.parametrize("sequence", ANSWERED, ids=lambda sequence: sequence.name)
def test_a_sequence_means_the_same_to_hunt(sequence: Sequence, tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(sequence.source, "utf-8")
    content = load_content([tmp_path])
    meant = content.correlations[-1]
    rules = Ruleset(content.rules, content.correlations)
    events = [
        Event(document=event.document, source=None, time=event.time, file="f", line=number, record=0)
        for number, event in enumerate(sequence.events, 1)
    ]
    matching = Matching(rules.asked, any_source=True)

    alerts = hunt(events, rules, matching, Window(), Tally())

    found = [(tuple(alert.group.values()), alert.time) for alert in alerts if alert.rule.id == meant.id]
    oracle = [(firing.key, firing.close) for firing in firings(sequence.correlation(), sequence.events)]
    assert sorted(map(str, (key for key, _ in found))) == sorted(str(key) for key, _ in oracle)
    assert len(found) == len(sequence.expect)


def cloudtrail(minute: int, key: str = "AKIA1", name: str = "ListBuckets") -> dict[str, Any]:
    return {
        "eventVersion": "1.11", "eventTime": f"2026-05-12T13:{minute:02}:00Z", "eventSource": "s3.amazonaws.com",
        "eventName": name, "awsRegion": "eu-west-1", "eventID": f"{key}-{minute}", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::111122223333:user/{key}", "accountId": "111122223333",
                         "accessKeyId": key, "userName": key, "principalId": f"AIDA{key}"},
    }  # fmt: skip


def run(tmp_path: Path, records: list[dict[str, Any]], *options: object, site: str = "", filters: str = "") -> Result:
    folder = tmp_path / "site"
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "rules" / "own.yml").write_text(CONTENT)
    if site:
        (folder / "site.yml").write_text(site)
    if filters:
        (folder / "filters").mkdir(exist_ok=True)
        (folder / "filters" / "own.yml").write_text(filters)
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(record) + "\n" for record in records))
    arguments = ["hunt", str(log), "--content", str(folder), *map(str, options)]
    return CliRunner().invoke(cli, arguments, standalone_mode=False)


def alerts_of(ran: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_an_alert_of_a_correlation_says_its_group_close_and_events(tmp_path: Path) -> None:
    ran = run(tmp_path, [cloudtrail(1), cloudtrail(2), cloudtrail(9), cloudtrail(30, "AKIA2")])

    [alert] = alerts_of(ran)
    assert (alert["rule"]["id"], alert["time"]) == (BURST, "2026-05-12T13:09:00.000Z")
    assert alert["group"] == {"userIdentity.accessKeyId": "AKIA1"}
    assert [event["line"] for event in alert["events"]] == [1, 2, 3]
    assert alert["event_count"] == 3
    assert alert["identity"]["id"].endswith("user/AKIA1")
    assert "1 rules alert only through correlations" in ran.stderr


def test_only_the_first_hundred_events_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    records = [cloudtrail(1) | {"eventID": f"{number}"} for number in range(150)]

    [alert] = alerts_of(run(tmp_path, records))

    assert (len(alert["events"]), alert["event_count"]) == (100, 150)


def test_its_id_is_the_same_in_every_run(tmp_path: Path) -> None:
    records = [cloudtrail(1), cloudtrail(2), cloudtrail(3)]

    first = alerts_of(run(tmp_path, records))
    later = alerts_of(run(tmp_path, [cloudtrail(50, "AKIA9"), *records, cloudtrail(55)]))

    assert [alert["id"] for alert in first] == [alert["id"] for alert in later]


def test_what_happened_before_since_counts_in_a_window(tmp_path: Path) -> None:
    records = [cloudtrail(1), cloudtrail(2), cloudtrail(3)]

    assert len(alerts_of(run(tmp_path, records, "--since", "2026-05-12T13:03:00Z"))) == 1
    assert alerts_of(run(tmp_path, records, "--until", "2026-05-12T13:03:00Z")) == []


def test_a_second_delivery_is_not_counted_twice(tmp_path: Path) -> None:
    assert alerts_of(run(tmp_path, [cloudtrail(1), cloudtrail(2), cloudtrail(2)])) == []


def test_events_that_an_earlier_run_has_seen_still_count(tmp_path: Path) -> None:
    log, state = tmp_path / "log.jsonl", tmp_path / "state"
    log.write_text("".join(json.dumps(cloudtrail(minute)) + "\n" for minute in (1, 2, 3)))
    enrich = ["enrich", str(log), "--state", str(state), "-o", str(tmp_path / "out.jsonl")]
    assert CliRunner().invoke(cli, enrich, standalone_mode=False).exception is None

    ran = run(tmp_path, [cloudtrail(1), cloudtrail(2), cloudtrail(3)], "--state", state)

    assert [alert["event_count"] for alert in alerts_of(ran)] == [3]


def test_a_rule_left_out_still_serves_a_correlation(tmp_path: Path) -> None:
    records = [cloudtrail(1), cloudtrail(2), cloudtrail(3)]

    assert [alert["rule"]["id"] for alert in alerts_of(run(tmp_path, records, "--level", "high"))] == [BURST]


@pytest.mark.parametrize(
    ("site", "fires"),
    [
        (f"thresholds: {{{BURST}: 4}}\n", []),
        (f"disabled: [{BURST}]\n", [("Listed", "low")] * 3),
        (f"disabled: [{RULE}, {BURST}]\n", []),
        (f"levels: {{{BURST}: critical}}\n", [("Burst of lists", "critical")]),
        (f"disabled: [{BURST}, 505c0b83-e03c-4fd3-b8f8-9a2d7a82a0e1]\n", [("Listed", "low")] * 3),
    ],
)
def test_a_site_overrides_what_it_does_not_own(tmp_path: Path, site: str, fires: list[tuple[str, str]]) -> None:
    ran = run(tmp_path, [cloudtrail(1), cloudtrail(2), cloudtrail(3)], site=site)

    assert [(alert["rule"]["title"], alert["rule"]["level"]) for alert in alerts_of(ran)] == fires


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("disabled: [x]\n", "site.yml:1:12: no rule has the id x; mend the id"),
        (f"levels: {{{RULE}: loud}}\n", "`loud` is no level"),
        (f"thresholds: {{{RULE}: many}}\n", "a threshold is no number"),
        ("index: logs\n", "unknown key `index` in the site"),
    ],
)
def test_a_wrong_site_is_refused_with_its_place(tmp_path: Path, site: str, said: str) -> None:
    assert said in str(run(tmp_path, [cloudtrail(1)], site=site).exception)


FILTER = """
title: Known lister
id: 33333333-3333-4333-8333-333333333333
logsource: {{product: aws}}
filter:
  rules: {rules}
  known: {{userIdentity.accessKeyId: AKIA1}}
  condition: not known
"""


def test_a_filter_takes_events_from_the_rules_it_names(tmp_path: Path) -> None:
    records = [cloudtrail(minute, key) for key in ("AKIA1", "AKIA2") for minute in (1, 2, 3)]

    ran = run(tmp_path, records, filters=FILTER.format(rules=f"[{RULE}]"))

    assert [alert["group"] for alert in alerts_of(ran)] == [{"userIdentity.accessKeyId": "AKIA2"}]


def test_a_filter_for_any_rule_takes_its_log_source(tmp_path: Path) -> None:
    ran = run(tmp_path, [cloudtrail(1), cloudtrail(2), cloudtrail(3)], filters=FILTER.format(rules="any"))

    assert alerts_of(ran) == []


def test_a_filter_for_a_rule_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    ran = run(tmp_path, [cloudtrail(1)], filters=FILTER.format(rules="[nobody]"))

    assert "no rule has the id or name `nobody`" in str(ran.exception)


def test_a_correlation_without_meaning_is_refused_and_its_rules_alert(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(CONTENT.replace("gte: 3", "eq: 0"))
    content = load_content([tmp_path / "own.yml"])
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps(cloudtrail(1)) + "\n")

    ran = CliRunner().invoke(cli, ["hunt", str(log), "--rules", str(tmp_path / "own.yml")], standalone_mode=False)

    assert len(content.correlations) == 1
    assert f"refused: {BURST} {tmp_path}/own.yml:18:14 CORR_ABSENCE" in ran.stderr
    assert [alert["rule"]["id"] for alert in alerts_of(ran)] == [RULE]


def test_generate_lets_the_rules_alert_too(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(CONTENT + "  generate: true\n")
    content = load_content([tmp_path / "own.yml"])
    rules = Ruleset(content.rules, content.correlations)

    assert rules.quiet == frozenset()
    assert blind_spots(Tally(), rules, Matching(rules.asked)) == ["1 rules saw no record of their log source"]
    assert msgspec.structs.replace(rules, correlations=()).quiet == frozenset()
