"""First sights, sliding counters, taint, duplicates: what the state knows, and what an attacker cannot teach it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.enrichment.scene import ACCOUNT, OWNER, World, agent, at, bound, delete, event, read, role_arn, task

from remit_enrichment import behavior
from remit_enrichment.behavior import Baselines, mark
from remit_enrichment.enricher import Enricher
from remit_enrichment.registry.model import Allow, Channel, Charter, Coverage, Limits
from remit_enrichment.store import MemoryStore

FLAGS = {"action", "resource", "network", "user_agent", "region"}
LATER = "2026-04-27T10:00:00Z"
"""After the fourteen days of learning."""


def plain(*more: Any) -> World:
    return World(agent(kind="role", charter="c"), agent("twin", kind="role", charter="c"), Charter(id="c"), *more)


def first_seen(tags: dict[str, Any]) -> set[str]:
    return set(tags.get("first_seen", ()))


# --- first sights -----------------------------------------------------------------------------------------------------


def test_while_learning_first_sights_are_held_back_and_the_event_says_so() -> None:
    tags = plain().tags(read())

    assert first_seen(tags) == set()
    assert tags["baseline"] == {"learning": True}


def test_a_sensitive_action_gets_no_time_to_learn() -> None:
    assert first_seen(plain().tags(delete())) == FLAGS


@pytest.mark.parametrize(
    ("change", "dimension"),
    [
        ({"eventName": "GetObjectAcl"}, "action"),
        ({"resources": [{"ARN": "arn:aws:s3:::elsewhere/a"}]}, "resource"),
        ({"sourceIPAddress": "203.0.113.9"}, "network"),
        ({"userAgent": "curl/8.0"}, "user_agent"),
        ({"awsRegion": "us-east-1"}, "region"),
    ],
)
def test_after_learning_what_is_new_is_told_once(change: dict[str, Any], dimension: str) -> None:
    world = plain()
    world.enrich(read())

    told = world.tags(read(clock=LATER) | change)
    again = world.tags(read(clock=LATER) | change)

    assert first_seen(told) == {dimension}
    assert f"FIRST_SEEN_{dimension.upper()}" in told["verdict"]["reasons"]
    assert first_seen(again) == set()


def test_another_long_lived_key_is_a_first_sight() -> None:
    world = World(agent(kind="role", charter="c"), Charter(id="c"))
    world.enrich(read(key="AKIAFIRST00000000001"))
    told = world.tags(read(key="AKIASECOND0000000001", clock=LATER))

    assert first_seen(told) == {"credential"}
    assert "FIRST_SEEN_CREDENTIAL" in told["verdict"]["reasons"]


def test_objects_of_a_bucket_and_addresses_of_a_network_are_one() -> None:
    world = plain()
    world.enrich(read())
    near = read(clock=LATER, resources=[{"ARN": "arn:aws:s3:::bucket/z"}], sourceIPAddress="198.51.100.250")

    assert first_seen(world.tags(near)) == set()


def test_identities_of_one_charter_share_a_baseline_and_two_accounts_never_do() -> None:
    world = plain()
    world.enrich(read())

    assert first_seen(world.tags(read(who="twin", clock=LATER))) == set()
    elsewhere = read(clock=LATER, recipientAccountId="444455556666")
    assert world.tags(elsewhere)["baseline"] == {"learning": True}


def test_strangers_get_no_time_to_learn_and_teach_only_themselves() -> None:
    world = World()

    assert first_seen(world.tags(read(who="stranger"))) == {*FLAGS, "identity"}


def test_outside_coverage_strangers_are_left_alone() -> None:
    tags = World(covered=False).tags(read(who="stranger"))

    assert "first_seen" not in tags
    assert "baseline" not in tags


def test_an_identity_that_a_machine_made_gets_no_time_to_learn() -> None:
    world = plain(agent("made", kind="role", charter="d"), Charter(id="d"))
    made = event("iam:CreateRole", reads=False)
    made["requestParameters"] = {"roleName": "made"}
    made["responseElements"] = {"role": {"arn": role_arn("made"), "roleName": "made"}}
    world.enrich(made)

    assert first_seen(world.tags(read(who="made", clock="10:01"))) == FLAGS


# --- what an attacker cannot teach ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lesson",
    [
        {"errorCode": "AccessDenied"},
        {"errorCode": "ThrottlingException"},
        {"awsRegion": "ap-east-1"},  # outside the charter: a finding
    ],
)
def test_what_failed_or_was_a_finding_teaches_nothing(lesson: dict[str, Any]) -> None:
    world = World(agent(kind="role", charter="c"), Charter(id="c", allow=Allow(regions=("eu-west-1",))))
    world.enrich(read())
    new = {"eventName": "GetObjectTorrent"}
    for _ in range(3):
        world.enrich(read(clock=LATER) | new | lesson)

    assert "action" in first_seen(world.tags(read(clock=LATER) | new))


def test_a_task_that_does_not_fit_teaches_nothing() -> None:
    month = task(start=at("09:00"), end=at("2026-05-20T00:00:00+00:00"), allow=Allow(actions=("s3:GetObject",)))
    world = World(agent(charter="c"), Charter(id="c"), month, bound())
    world.enrich(read())

    for _ in range(3):
        tags = world.tags(read(clock=LATER) | {"eventName": "GetObjectTorrent"})
        assert "action" in first_seen(tags)


def test_a_duplicate_is_judged_and_written_and_never_observed_twice() -> None:
    world = plain()
    world.enrich(delete(eventID="same"))

    again = world.tags(delete(eventID="same"))

    assert again["event"]["duplicate"] is True
    assert again["verdict"]["intent"] == "not_applicable"
    assert "recent" not in again


def test_an_event_by_a_wrong_channel_teaches_no_baseline() -> None:
    world = plain(Channel(channel="good", source="aws.cloudtrail"))
    world.enrich(read(), channel="good")
    new = read(clock=LATER) | {"eventName": "GetObjectTorrent"}
    world.enrich(new, channel="bad")

    assert first_seen(world.tags(new, channel="good")) == {"action"}


def test_a_full_baseline_says_so_and_forgets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behavior, "MAX_VALUES", 2)
    world = plain()
    world.enrich(read())
    world.enrich(read() | {"eventName": "GetObjectAcl"})
    world.enrich(read() | {"eventName": "GetObjectTorrent"})

    new = world.tags(read(clock=LATER) | {"eventName": "GetObjectTorrent"})
    old = world.tags(read(clock=LATER))

    assert {"FIRST_SEEN_ACTION", "BASELINE_SATURATED"} <= set(new["verdict"]["reasons"])
    assert first_seen(old) == set()


def test_the_baseline_holds_ten_thousand_values() -> None:
    baselines = Baselines(MemoryStore())
    baselines.look("k", (), 0, grace=True)
    for value in range(10_001):
        baselines.learn("k", (("action", (value,)),))

    assert baselines.look("k", (("action", (9_999,)),), at("10:00"), grace=True).first_seen == ()
    full = baselines.look("k", (("action", (10_000,)),), at("10:00"), grace=True)
    assert (full.first_seen, full.saturated) == (("action",), True)


def test_marks_keep_texts_apart() -> None:
    assert mark("a") != mark("b")
    assert mark("\ud800") != mark("")


# --- sliding counters -------------------------------------------------------------------------------------------------


def recent(tags: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tags.get("recent", {})
    return found


def test_counters_slide_over_fifteen_minutes_both_ends_included() -> None:
    world = plain()
    counts = [
        recent(world.tags(delete(clock=clock)))["delete_count"]
        for clock in ("10:00:00", "10:07:00", "10:15:00", "10:15:01", "10:40:00")
    ]

    assert counts == [1, 2, 3, 3, 1]


def test_each_counter_counts_its_own_kind() -> None:
    world = plain()
    world.enrich(event("secretsmanager:GetSecretValue", clock="10:00"))
    world.enrich(event("ec2:CreateTags", clock="10:00", reads=False))
    world.enrich(delete(clock="10:01"))
    world.enrich(delete(clock="10:01", errorCode="AccessDenied"))

    assert recent(world.tags(read(clock="10:02", resources=[{"ARN": "arn:aws:s3:::bucket/b"}]))) == {
        "denied_count": 1,
        "delete_count": 1,
        "mutating_count": 2,
        "secrets_read_count": 1,
        "distinct_resources": 2,
    }


def test_counters_belong_to_one_identity() -> None:
    world = plain()
    world.enrich(delete())

    assert recent(world.tags(read(who="twin"))) == {}


def test_a_late_event_counts_at_its_own_time() -> None:
    world = plain()
    world.enrich(delete(clock="10:10"))

    assert recent(world.tags(delete(clock="10:05")))["delete_count"] == 1
    assert recent(world.tags(delete(clock="10:12")))["delete_count"] == 3


def test_counters_stop_where_no_threshold_reaches() -> None:
    world = plain()
    counts = [
        recent(world.tags(delete(clock=f"10:{second // 60:02d}:{second % 60:02d}")))["delete_count"]
        for second in range(300)
    ]

    assert max(counts) == counts[-1] == 256


def test_deletions_at_machine_speed_are_told() -> None:
    world = plain()
    codes = [world.verdict(delete(clock=f"10:00:{second:02d}"))[1] for second in range(21)]

    assert codes[18] == set()
    assert codes[19] == codes[20] == {"RATE_MACHINE_SPEED"}


# --- taint ------------------------------------------------------------------------------------------------------------


def escalate(**more: Any) -> dict[str, Any]:
    document = event("iam:AttachRolePolicy", reads=False, **more)
    document["requestParameters"] = {"roleName": "agent", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    return document


def test_a_run_that_changed_its_own_rights_is_tainted_for_an_hour() -> None:
    world = plain()
    own = world.tags(escalate(clock="10:00"))

    assert own["action"]["on_self"] is True
    assert recent(own)["self_escalation"] is True
    assert recent(world.tags(read(clock="11:00:00")))["self_escalation"] is True
    assert "self_escalation" not in recent(world.tags(read(clock="11:00:01")))


def test_changing_somebody_elses_rights_or_failing_to_taints_nothing() -> None:
    world = plain()
    other = escalate()
    other["requestParameters"]["roleName"] = "twin"
    world.enrich(other)
    world.enrich(escalate(errorCode="AccessDenied"))

    assert "self_escalation" not in recent(world.tags(read()))


def test_a_further_session_does_not_shed_the_taint() -> None:
    from tests.enrichment.scene import assume

    world = plain()
    world.enrich(escalate(clock="10:00"))
    world.enrich(assume("agent", "ASIAAGENTSESSION0002", clock="10:01"))

    assert recent(world.tags(read(key="ASIAAGENTSESSION0002", clock="10:02")))["self_escalation"] is True


# --- the state --------------------------------------------------------------------------------------------------------


def test_what_was_saved_is_known_to_the_next_run_and_changes_nothing() -> None:
    limited = task(limits=Limits(max_deletes=6), end=at("2026-05-20T00:00:00+00:00"))
    coverage = Coverage(platform="aws", accounts=(ACCOUNT,), identities=0, tasks=0)
    things = (OWNER, agent(charter="c"), Charter(id="c"), limited, bound(), coverage)
    events = [
        read(),
        *(delete(clock=f"10:0{i}", resources=[{"ARN": f"arn:aws:s3:::bucket/{i}"}]) for i in range(4)),
        escalate(clock="10:05"),
        event("ec2:DescribeInstances", clock="10:25"),
        event("ec2:DescribeInstances", clock="10:07"),
        delete(eventID="twice", clock="10:06"),
        delete(eventID="twice", clock="10:06"),
        *(delete(clock=LATER, userAgent=f"tool{i}") for i in range(3)),
        delete(who="stranger", clock=LATER),
        delete(who="stranger", clock=LATER),
    ]

    def run(saves: bool) -> list[bytes]:
        from remit_enrichment.registry.lookup import Registry

        store, registry, found = MemoryStore(), Registry.of(*things), []
        enricher = Enricher(registry, store)
        for number, document in enumerate(events):
            document = {"eventID": f"e{number}", **document}
            found.append(enricher.enrich(document, raw=json.dumps(document).encode()).nhi)
            if saves:
                enricher.save()
                enricher = Enricher(registry, store)
        return found

    assert run(saves=True) == run(saves=False)
