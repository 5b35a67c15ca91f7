"""Whatever the caller writes, no alert goes away and none gets weaker; nor does any finding.

Rows of events are drawn twice over: once with every claim absent, once with claims at every path of `CLAIMS`. The
registry's source identity that an issuer signed is no claim and stands in both.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.enrichment.scene import (
    AGENT,
    COVERED,
    ISSUER,
    KEY,
    OTHER,
    OWNER,
    agent,
    assume,
    at,
    bound,
    child,
    event,
    role_id,
    task,
    web_identity,
)

from remit.content import Rule, content_root, load_rules
from remit.meaning import matcher
from remit_enrichment.enricher import Enriched, Enricher
from remit_enrichment.logsources import aws_cloudtrail
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Allow, Bind, Charter, Limits
from remit_enrichment.store import MemoryStore

KEYS = {
    "agent": (KEY, "ASIAAGENTSESSION0002"),
    "child": ("ASIACHILDSESSION0001",),
    "other": ("ASIAOTHERSESSION0001",),
    "plain": ("ASIAPLAINSESSION0001",),
    "stranger": ("ASIASTRANGER00000001",),
}
REGISTRY = (
    OWNER,
    COVERED,
    ISSUER,
    agent(charter="c"),
    child(),
    agent("other"),
    agent("plain", kind="role"),
    Charter(id="c", allow=Allow(actions=("s3:*", "sts:*"))),
    task("T1", end=at("10:30"), allow=Allow(actions=("s3:Get*", "s3:Put*")), limits=Limits(max_actions=2)),
    task("T2", allow=Allow(actions=("s3:*",)), limits=Limits(max_deletes=1), bind=Bind(source_identity="change-2")),
    task("T3", start=at("11:00"), end=at("12:00"), limits=Limits(max_distinct_resources=1)),
    task("TC", role_id("child"), require_level="L3"),
    task("TO", OTHER),
    task("TS", registered_by=AGENT),
)
BINDINGS = (bound("T1"), bound("T2", "ASIAAGENTSESSION0002"), bound("TO", KEY), bound("TC", "ASIACHILDSESSION0001"))
BOUND = ((), BINDINGS[:1], BINDINGS[:2], BINDINGS[1:2], BINDINGS[2:3], BINDINGS[1:4:2], BINDINGS)
WORDS = ["run", "T1", "T2", "T3", "TC", "TO", "TS", "change-2", "T1 ", "t2", "unknown", 'x\n"T1']
ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "ec2:TerminateInstances", "iam:CreateUser"]
CLOCKS = ["08:40", "09:30", "10:00", "10:33", "10:40", "11:20", "13:00"]
LEVELS = ("informational", "low", "medium", "high", "critical")

rules: list[Rule] = list(load_rules([content_root() / "rules"]))
MATCHERS = [(rule, matcher(rule)) for rule in rules]

actions = st.builds(
    lambda who, key, action, clock, name, denied: (
        event(
            action,
            who=who,
            key=KEYS[who][key % len(KEYS[who])],
            clock=clock,
            resources=[{"ARN": f"arn:aws:s3:::bucket/{name}"}],
        )
        | ({"errorCode": "AccessDenied"} if denied else {})
    ),
    st.sampled_from(["agent", "agent", *sorted(KEYS)]),
    st.integers(0, 1),
    st.sampled_from(ACTIONS),
    st.sampled_from(CLOCKS),
    st.sampled_from("ab"),
    st.booleans(),
)
signed = st.builds(
    lambda key, clock, reference: web_identity("agent", KEYS["agent"][key], clock=clock, source_identity=reference),
    st.integers(0, 1),
    st.sampled_from(["08:00", "09:00"]),
    st.sampled_from([None, "T1", "T2", "TO", "jane"]),
)
assumed = st.builds(
    lambda by, who, clock: assume(who, KEYS[who][0], by=by, by_key=KEYS[by][0], clock=clock),
    st.sampled_from(["agent", "other", "plain"]),
    st.sampled_from(["child", "plain", "agent"]),
    st.sampled_from(["08:00", "09:10"]),
)
rows = st.lists(st.one_of(actions, actions, actions, signed, assumed), min_size=3, max_size=10)


def claimed(document: dict[str, Any], draw: Any) -> dict[str, Any]:
    """The event with drawn words wherever a caller can write them."""
    document = copy.deepcopy(document)
    word = st.sampled_from(WORDS)
    identity = document["userIdentity"]
    if identity["type"] == "AssumedRole":
        name = draw(word)
        identity["arn"] = f"{identity['arn'].rpartition('/')[0]}/{name}"
        identity["principalId"] = f"{identity['principalId'].partition(':')[0]}:{name}"
        if draw(st.booleans()):
            identity["sessionContext"]["sourceIdentity"] = draw(word)
    document["userAgent"] = draw(st.sampled_from(["sdk", "x nhi.task/{}", "nhi.task/{} nhi.task/{}"])).format(
        draw(word), draw(word)
    )
    if document["eventName"] == "AssumeRole":
        parameters = document["requestParameters"]
        parameters["roleSessionName"] = draw(word)
        if draw(st.booleans()):
            parameters["sourceIdentity"] = draw(word)
            document["responseElements"]["sourceIdentity"] = parameters["sourceIdentity"]
        parameters["tags"] = [{"key": draw(st.sampled_from(["nhi:task", "task"])), "value": draw(word)}]
    return document


def run(registry: Registry, documents: list[dict[str, Any]]) -> list[Enriched]:
    enricher = Enricher(registry, MemoryStore())
    found = []
    for number, document in enumerate(documents):
        document = {"eventID": f"e{number}", **document}
        found.append(enricher.enrich(document, raw=json.dumps(document).encode()))
    return found


def alerts(document: dict[str, Any], found: Enriched) -> set[str]:
    """The levels of the rules that fire."""
    tagged = {"nhi": found.tags, **document}
    return {rule.level for rule, matches in MATCHERS if matches(tagged)}


def highest(levels: set[str]) -> int:
    return max((LEVELS.index(level) for level in levels), default=-1)


def is_finding(found: Enriched) -> bool:
    assert found.assessment is not None
    return found.assessment.finding


def test_no_claim_takes_an_alert_away_or_weakens_it() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=400, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(rows, st.sampled_from(BOUND), st.data())
    def holds(row: list[dict[str, Any]], bindings: tuple[Any, ...], data: st.DataObject) -> None:
        registry = Registry.of(*REGISTRY, *bindings)
        spoken = [claimed(document, data.draw) for document in row]
        pairs = zip(row, run(registry, row), spoken, run(registry, spoken), strict=True)
        for document, silent, loud_document, loud in pairs:
            assert silent.assessment is not None
            seen[silent.assessment.verdict.intent] += 1
            before, after = alerts(document, silent), alerts(loud_document, loud)
            seen["alerts"] += bool(before)
            assert highest(after) >= highest(before), (silent.tags, loud.tags)
            assert is_finding(loud) >= is_finding(silent), (silent.tags, loud.tags)

    holds()

    # A generator that never produces a finding would prove nothing.
    for intent in ("aligned", "out_of_scope", "no_task", "task_expired", "unattested", "unknown_identity"):
        assert seen[intent] >= 10, seen
    assert seen["alerts"] >= 200, seen


def test_every_path_by_which_the_caller_can_speak_is_overwritten() -> None:
    written = {
        "userIdentity.arn",
        "userIdentity.principalId",
        "userIdentity.sessionContext.sourceIdentity",
        "userAgent",
        "requestParameters.roleSessionName",
        "requestParameters.sourceIdentity",
        "requestParameters.tags",
    }

    assert set(aws_cloudtrail.CLAIMS) == written


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    @settings(max_examples=30, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(rows, st.data())
    def holds(row: list[dict[str, Any]], data: st.DataObject) -> None:
        registry = Registry.of(*REGISTRY, *BINDINGS)
        documents = [claimed(document, data.draw) for document in row]

        assert [f.nhi for f in run(registry, documents)] == [f.nhi for f in run(registry, documents)]

    holds()
