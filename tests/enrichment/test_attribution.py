"""The ladder of evidence, the ledger behind it, chains, channels: which handle gives which level."""

from __future__ import annotations

from typing import Any

import pytest
from tests.enrichment.scene import (
    ACCOUNT,
    AGENT,
    COVERED,
    ISSUER,
    KEY,
    OWNER,
    World,
    agent,
    assume,
    at,
    bound,
    child,
    delete,
    event,
    read,
    role_id,
    task,
    verdict_of,
    web_identity,
)

from remit_enrichment.registry.model import Agent, Bind, Channel, Charter, Deny, Identity, Issuer

CHILD_KEY = "ASIACHILDSESSION0001"
GRANDCHILD_KEY = "ASIAGRANDCHILD00001"


def by_child(**more: Any) -> dict[str, Any]:
    return delete(**{"who": "child", "key": CHILD_KEY, "clock": "10:00", **more})


def level(tags: dict[str, Any]) -> str:
    return str(tags["attribution"]["level"])


# --- L4: attested -----------------------------------------------------------------------------------------------------


def test_a_source_identity_that_a_registered_issuer_signed_is_attested() -> None:
    world = World(agent(), task(), ISSUER)
    world.enrich(web_identity(source_identity="T1"))

    tags = world.tags(delete(source_identity="T1"))

    assert (tags["verdict"]["intent"], level(tags)) == ("aligned", "L4")
    assert tags["attribution"]["evidence"] == "aws.source_identity"
    assert tags["attribution"]["confidence"] == 0.95


def test_a_session_tag_is_remembered_from_the_one_event_that_shows_it() -> None:
    world = World(agent(), task(), ISSUER)
    world.enrich(web_identity(tags={"nhi:task": "T1"}))

    tags = world.tags(delete())

    assert (tags["verdict"]["intent"], level(tags)) == ("aligned", "L4")
    assert tags["attribution"]["evidence"] == "aws.session_tag"


def test_a_signed_reference_may_be_the_source_identity_that_the_task_expects() -> None:
    world = World(agent(), task(bind=Bind(source_identity="change-42")), ISSUER)
    world.enrich(web_identity(source_identity="change-42"))

    assert level(world.tags(delete(source_identity="change-42"))) == "L4"


@pytest.mark.parametrize(
    "issued",
    [
        {"provider": "idp.example.com.evil.example"},
        {"audience": "sts.amazonaws.com.evil"},
        {"subject": "somebody:else"},
    ],
)
def test_provider_audience_and_subject_must_all_fit_one_issuer(issued: dict[str, str]) -> None:
    world = World(agent(), task(), ISSUER)
    world.enrich(web_identity(source_identity="T1", tags={"nhi:task": "T1"}, **issued))

    tags = world.tags(delete(source_identity="T1"))

    assert (tags["verdict"]["intent"], level(tags)) == ("unattested", "L1")


def test_facts_of_two_issuers_are_not_put_together() -> None:
    other = Issuer(platform="aws", provider="other.example.com", subject="somebody:*", carries=("source_identity",))
    world = World(agent(), task(), ISSUER, other)
    world.enrich(web_identity(source_identity="T1", subject="somebody:else"))

    assert level(world.tags(delete(source_identity="T1"))) == "L1"


def test_an_issuer_attests_only_what_it_carries() -> None:
    tags_only = Issuer(platform="aws", provider="idp.example.com", carries=("session_tags",), task_tag="nhi:task")
    world = World(agent(), task(), tags_only)
    world.enrich(web_identity(source_identity="T1"))

    assert level(world.tags(delete(source_identity="T1"))) == "L1"


def test_a_tag_under_another_name_carries_no_task() -> None:
    world = World(agent(), task(), ISSUER)
    world.enrich(web_identity(tags={"task": "T1"}))

    assert level(world.tags(delete())) == "L0"


def test_a_source_identity_whose_issuance_was_never_seen_is_a_claim() -> None:
    assert level(World(agent(), task(), ISSUER).tags(delete(source_identity="T1"))) == "L1"


def test_a_source_identity_that_names_a_person_is_no_reference() -> None:
    world = World(agent(), task(), bound())

    assert world.verdict(delete(source_identity="jane@example.com")) == ("aligned", set())


def test_an_issuance_that_failed_attests_nothing() -> None:
    world = World(agent(), task(), ISSUER)
    world.enrich(web_identity(source_identity="T1", errorCode="AccessDenied"))

    assert level(world.tags(delete(source_identity="T1"))) == "L1"


def test_the_issuance_call_of_an_outside_subject_is_not_applicable() -> None:
    assert World(agent(), ISSUER).verdict(web_identity()) == ("not_applicable", set())


def test_a_brokers_own_assume_role_stays_a_claim() -> None:
    broker = agent("broker", kind="workload_identity")
    world = World(agent(), broker, task(), ISSUER)
    tagged = {"sourceIdentity": "T1", "tags": [{"key": "nhi:task", "value": "T1"}]}
    world.enrich(assume("agent", KEY, by="broker", by_key="ASIABROKER00000001", parameters=tagged))

    tags = world.tags(delete(source_identity="T1"))

    assert (tags["verdict"]["intent"], level(tags)) == ("unattested", "L1")


def test_issuance_is_looked_up_as_of_the_event_whatever_the_order_of_files() -> None:
    issuance = web_identity(source_identity="T1", clock="09:30")
    world = World(agent(), task(), ISSUER)
    world.enricher.learn_issuance(issuance, raw=b"{}")

    assert level(world.tags(delete(source_identity="T1", clock="10:00"))) == "L4"
    assert level(world.tags(delete(source_identity="T1", clock="09:29"))) == "L1"


def test_a_recycled_credential_id_does_not_keep_its_first_task() -> None:
    world = World(agent(), task(end=at("23:00")), ISSUER)
    first = web_identity(source_identity="T1", clock="09:00")
    first["responseElements"]["credentials"]["expiration"] = "Apr 12, 2026, 10:00:00 AM"
    world.enrich(first)

    assert level(world.tags(delete(source_identity="T1", clock="10:00:00"))) == "L4"
    assert level(world.tags(delete(source_identity="T1", clock="10:00:01"))) == "L1"

    world.enrich(web_identity(clock="11:00"))
    assert level(world.tags(delete(source_identity="T1", clock="11:30"))) == "L1"


# --- L3: bound, L1: claimed -------------------------------------------------------------------------------------------


def test_a_key_bound_in_the_registry_is_bound() -> None:
    world = World(agent(), task(bind=Bind(credential_ids=(KEY,))))

    assert level(world.tags(delete())) == "L3"


def test_a_bound_key_is_compared_exactly() -> None:
    assert level(World(agent(), task(), bound()).tags(delete(key=KEY.lower()))) == "L0"


@pytest.mark.parametrize(
    ("claim", "path"),
    [
        ({"session_name": "T1"}, "userIdentity.arn"),
        ({"userAgent": "claude nhi.task/T1 (x)"}, "userAgent"),
        ({"source_identity": "T1"}, "userIdentity.sessionContext.sourceIdentity"),
    ],
)
def test_what_the_caller_writes_is_a_claim_with_its_path(claim: dict[str, str], path: str) -> None:
    tags = World(agent(), task()).tags(delete(**claim))

    assert tags["attribution"] == {"level": "L1", "evidence": path}


def test_a_session_name_that_is_only_a_tasks_source_identity_is_no_claim() -> None:
    world = World(agent(), task(bind=Bind(source_identity="change-42")))

    assert level(world.tags(delete(session_name="change-42"))) == "L0"


# --- lineage ----------------------------------------------------------------------------------------------------------


def test_a_session_of_the_same_identity_keeps_its_minters_task_and_level() -> None:
    world = World(agent(), task(), bound())
    world.enrich(assume("agent", "ASIAAGENTSESSION0002"))

    tags = world.tags(delete(key="ASIAAGENTSESSION0002"))

    assert (tags["verdict"]["intent"], level(tags)) == ("aligned", "L3")
    assert "chain" not in tags["attribution"]


def test_a_session_token_keeps_its_minters_task_and_level() -> None:
    world = World(agent(), task(), bound())
    minted = event("sts:GetSessionToken", clock="09:30", reads=False)
    minted["responseElements"] = {"credentials": {"accessKeyId": "ASIAAGENTSESSION0002"}}
    world.enrich(minted)

    assert level(world.tags(delete(key="ASIAAGENTSESSION0002"))) == "L3"


def test_a_long_lived_key_carries_no_task_but_its_minter_is_remembered() -> None:
    user = Identity(id=f"aws:user:arn:aws:iam::{ACCOUNT}:user/robot", kind="service_account", owner=OWNER.id)
    world = World(agent(), user, task(), bound())
    minted = event("iam:CreateAccessKey", clock="09:30", reads=False)
    minted["requestParameters"] = {"userName": "robot"}
    minted["responseElements"] = {"accessKey": {"accessKeyId": "AKIAROBOT00000000001", "userName": "robot"}}
    used = delete()
    used["userIdentity"] = {
        "type": "IAMUser",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/robot",
        "accountId": ACCOUNT,
        "accessKeyId": "AKIAROBOT00000000001",
        "userName": "robot",
    }

    assert world.verdict(used) == ("not_applicable", {"CREDENTIAL_LONG_LIVED"})
    world.enrich(minted)
    tags = world.tags(used)

    assert verdict_of(tags) == ("no_task", {"TASK_MISSING", "CREDENTIAL_LONG_LIVED"})
    assert "chain" not in tags["attribution"]


def test_whoever_is_reached_from_an_agent_needs_a_task_however_many_roles_lie_between() -> None:
    plain = [agent(f"r{i}", kind="role") for i in range(40)]
    world = World(agent(), *plain)
    by, by_key = "agent", KEY
    for index in range(40):
        key = f"ASIAHOP{index:013d}"
        world.enrich(assume(f"r{index}", key, by=by, by_key=by_key, clock="09:30"))
        by, by_key = f"r{index}", key
        intent = world.intent(delete(who=by, key=by_key, clock="09:40"))

        assert intent == "no_task", index


# --- chains -----------------------------------------------------------------------------------------------------------


def test_a_covered_chain_lends_the_task_and_its_level() -> None:
    world = World(agent(), child(), task(), bound())
    world.enrich(assume())

    tags = world.tags(by_child())

    assert (tags["verdict"]["intent"], level(tags), tags["task"]["id"]) == ("aligned", "L3", "T1")
    assert tags["attribution"]["chain"] == [AGENT]


def test_a_role_that_names_another_parent_may_not_use_the_task() -> None:
    for stranger in (agent("child"), child(parent=role_id("somebody"))):
        world = World(agent(), stranger, task(), bound())
        world.enrich(assume())

        assert world.verdict(by_child()) == ("no_task", {"TASK_IDENTITY_MISMATCH"})


def two_hops(*more: Any) -> World:
    grandchild = agent("grandchild", agent=Agent(parent=role_id("child")))
    world = World(agent(charter="c"), child(), grandchild, task(), bound(), *more)
    world.enrich(assume(clock="09:30"))
    world.enrich(assume("grandchild", GRANDCHILD_KEY, by="child", by_key=CHILD_KEY, clock="09:31"))
    return world


def test_a_chain_longer_than_the_charter_of_the_tasks_identity_allows_is_too_long() -> None:
    by_grandchild = by_child(who="grandchild", key=GRANDCHILD_KEY)

    assert two_hops().verdict(by_grandchild) == ("no_task", {"DELEGATION_CHAIN_TOO_LONG"})
    assert two_hops(Charter(id="c", delegation_depth=2)).verdict(by_grandchild) == ("aligned", set())


def test_the_acting_identitys_deny_counts_in_a_chain() -> None:
    barred = Charter(id="b", deny=Deny(actions=("s3:Delete*",)))
    world = World(agent(), child(charter="b"), barred, task(), bound())
    world.enrich(assume())

    intent, codes = world.verdict(by_child())

    assert (intent, "ACTION_NOT_IN_TASK" in codes) == ("out_of_scope", True)


def test_a_reference_of_the_acting_session_comes_before_an_inherited_one() -> None:
    own = task("T2", role_id("child"))
    world = World(agent(), child(), task(), own, ISSUER, bound("T2", CHILD_KEY))
    world.enrich(web_identity(source_identity="T1"))
    world.enrich(assume())

    tags = world.tags(by_child(source_identity="T1"))

    assert (tags["task"]["id"], level(tags)) == ("T2", "L3")
    assert "conflict" not in tags["attribution"]


def test_an_attested_source_identity_survives_role_chaining() -> None:
    world = World(agent(), child(), task(), ISSUER)
    world.enrich(web_identity(source_identity="T1"))
    world.enrich(assume())

    tags = world.tags(by_child(source_identity="T1"))

    assert (verdict_of(tags), level(tags)) == (("aligned", set()), "L4")


def test_a_claim_does_not_outrank_an_inherited_binding() -> None:
    from remit_enrichment.registry.model import Allow

    world = World(agent(), child(), task(allow=Allow(actions=("ec2:*",))), task("T2", role_id("child")), bound())
    world.enrich(assume())

    intent, codes = world.verdict(by_child(session_name="T2"))

    assert (intent, codes) == ("out_of_scope", {"ACTION_NOT_IN_TASK", "ATTRIBUTION_CONFLICT"})


def test_tasks_of_a_covered_chain_are_own_tasks_by_time() -> None:
    world = World(agent(), child(), task())
    world.enrich(assume())

    assert world.verdict(by_child()) == ("unattested", {"TASK_UNATTESTED"})
    assert world.verdict(by_child(session_name="T1")) == ("unattested", {"TASK_UNATTESTED"})


def test_an_intermediate_actor_that_issued_the_task_is_self_issue_too() -> None:
    world = World(agent(), child(), task(registered_by=role_id("child")), bound())
    world.enrich(assume())

    assert world.verdict(by_child()) == ("no_task", {"TASK_SELF_ISSUED"})


# --- channels ---------------------------------------------------------------------------------------------------------

EXPORT = Channel(channel="export/*/events.jsonl", source="aws.cloudtrail", accounts=(ACCOUNT,))
GOOD, BAD = "/data/export/1/events.jsonl", "/data/upload/events.jsonl"


def test_an_event_by_a_channel_that_may_not_carry_it_shows_no_more_than_claims() -> None:
    world = World(agent(), task(), bound(), EXPORT, COVERED)

    assert level(world.tags(delete(), channel=GOOD)) == "L3"
    for channel in (BAD, None, "/data/notexport/1/events.jsonl"):
        tags = world.tags(delete(), channel=channel)
        assert (tags["verdict"]["intent"], level(tags)) == ("unattested", "L1")


def test_a_channel_may_carry_only_its_accounts() -> None:
    elsewhere = Channel(channel="*", source="aws.cloudtrail", accounts=("444455556666",))

    assert level(World(agent(), task(), bound(), elsewhere).tags(delete(), channel=GOOD)) == "L1"


def test_an_event_by_another_channel_teaches_the_ledger_nothing() -> None:
    world = World(agent(), task(), ISSUER, EXPORT)
    world.enrich(web_identity(source_identity="T1"), channel=BAD)
    world.enricher.learn_issuance(web_identity(source_identity="T1"), raw=b"{}", channel=BAD)

    assert level(world.tags(delete(source_identity="T1"), channel=GOOD)) == "L1"


def test_lineage_demands_a_task_by_any_channel() -> None:
    world = World(agent(), agent("plain", kind="role"), EXPORT)
    world.enrich(assume("plain", CHILD_KEY), channel=GOOD)

    assert world.intent(by_child(who="plain"), channel=BAD) == "no_task"


# --- honest agents stay aligned ---------------------------------------------------------------------------------------


def test_reads_by_time_only_are_aligned() -> None:
    assert World(agent(), task()).verdict(read()) == ("aligned", set())


def test_a_task_counts_as_it_is_at_the_action_not_as_it_was_when_the_session_was_minted() -> None:
    before = task(valid_to=at("10:00"), end=at("10:00"))
    after = task(valid_from=at("10:00"), end=at("12:00"))

    signed = World(agent(), before, after, ISSUER)
    signed.enrich(web_identity(source_identity="T1", clock="09:00"))
    minted = World(agent(), before, after, bound())
    minted.enrich(assume("agent", "ASIAAGENTSESSION0002", clock="09:00"))

    assert signed.verdict(delete(clock="11:30", source_identity="T1")) == ("aligned", set())
    assert minted.verdict(delete(clock="11:30", key="ASIAAGENTSESSION0002")) == ("aligned", set())
