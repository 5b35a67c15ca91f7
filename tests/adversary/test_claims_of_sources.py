"""What test_claims proves for AWS, for every other log source whose events a caller can write words into.

Each scene brings a company of its own and rows of events without any claim; the same rows with words at every path of
the source's `CLAIMS` must alert no less.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.adversary.test_claims import alerts, highest, is_finding, run
from tests.enrichment.scene import OWNER, at, bound, task

from remit_enrichment.logsources import LogSource, sources
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Allow, Bind, Coverage, Identity, Limits

GITHUB_ACTIONS = ["git.push", "git.fetch", "repo.destroy", "org.add_member", "pull_request.merge"]
ENTRA = ("entra:service_principal:agent", "entra:service_principal:other")
ENTRA_ACTIVITIES = ["Get tenant details", "Add member to group", "Delete user", "Add service principal credentials"]
OKTA_EVENTS = ["user.session.start", "group.user_membership.add", "policy.rule.delete", "system.brand.delete"]
KUBERNETES_REQUESTS = ["get pods", "patch deployments", "delete pods", "get secrets", "create clusterrolebindings"]
WORDS = ["T1", "T2", "T3", "TO", "nhi.task/T1", "nhi.task/T3", "x nhi.task/T2 nhi.task/TO", "T1 ", "t1", 'x\n"T1']
CLOCKS = ["08:40", "09:30", "10:00", "10:33", "10:40", "11:20", "13:00"]


def world(platform: str, agent: str, other: str, reads: str, writes: str) -> tuple[Any, ...]:
    """An agent with tasks that are open, bound, limited or ahead, and another agent with one of its own."""
    return (
        OWNER,
        Coverage(platform=platform, identities=0, agents=0, tasks=0),
        Identity(id=agent, kind="ai_agent", owner=OWNER.id),
        Identity(id=other, kind="ai_agent", owner=OWNER.id),
        task("T1", agent, end=at("10:30"), allow=Allow(actions=(reads, writes)), limits=Limits(max_actions=2)),
        task(
            "T2", agent, allow=Allow(actions=(f"{reads.partition(':')[0]}:*",)), bind=Bind(sessions=("s2", "token-2"))
        ),
        task("T3", agent, start=at("11:00"), end=at("12:00")),
        task("TO", other),
    )


def github(draw: st.DrawFn) -> dict[str, Any]:
    login = draw(st.sampled_from(["Copilot", "Copilot", "other[bot]", "stranger[bot]", "octocat"]))
    document: dict[str, Any] = {
        "@timestamp": at(draw(st.sampled_from(CLOCKS))),
        "action": draw(
            st.sampled_from(["git.push", "git.fetch", "repo.destroy", "org.add_member", "pull_request.merge"])
        ),
        "actor": login,
        "actor_is_bot": login != "octocat",
        "actor_is_agent": login == "Copilot",
        "org": "acme",
        "repo": draw(st.sampled_from(["acme/shop", "acme/payroll"])),
    }
    if login == "Copilot" and draw(st.booleans()):
        document["agent_session_id"] = draw(st.sampled_from(["s1", "s2"]))
    if draw(st.booleans()):
        document["token_id"] = draw(st.sampled_from(["token-1", "token-2"]))
    return document


def kubernetes(draw: st.DrawFn) -> dict[str, Any]:
    account = draw(st.sampled_from(["shop:agent", "shop:agent", "shop:other", "shop:stranger"]))
    verb, resource = draw(st.sampled_from(KUBERNETES_REQUESTS)).split()
    extra = {f"authentication.kubernetes.io/{key}": [value] for key, value in (("pod-uid", "p"), ("node-name", "n"))}
    if draw(st.booleans()):
        extra["authentication.kubernetes.io/credential-id"] = [draw(st.sampled_from(["s1", "s2"]))]
    clock = draw(st.sampled_from(CLOCKS))
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "stage": draw(st.sampled_from(["RequestReceived", "ResponseComplete", "ResponseComplete"])),
        "verb": verb,
        "user": {"username": f"system:serviceaccount:{account}", "extra": extra},
        "objectRef": {"resource": resource, "namespace": "shop", "name": draw(st.sampled_from(["a", "b"]))},
        "responseStatus": {"code": draw(st.sampled_from([200, 200, 403]))},
        "requestReceivedTimestamp": f"2026-04-12T{clock}:00.000000Z",
    }


def entra_audit(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "category": "AuditLogs",
        "properties": {
            "activityDateTime": f"2026-04-12T{draw(st.sampled_from(CLOCKS))}:00Z",
            "activityDisplayName": draw(st.sampled_from(ENTRA_ACTIVITIES)),
            "result": draw(st.sampled_from(["success", "success", "failure"])),
            "initiatedBy": {
                "app": {"servicePrincipalId": draw(st.sampled_from(["agent", "agent", "other", "stranger"]))}
            },
            "targetResources": [{"id": draw(st.sampled_from("ab")), "type": "User"}],
        },
    }


def entra_signin(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "category": "ServicePrincipalSignInLogs",
        "properties": {
            "createdDateTime": f"2026-04-12T{draw(st.sampled_from(CLOCKS))}:00Z",
            "servicePrincipalId": draw(st.sampled_from(["agent", "agent", "other", "stranger"])),
            "resourceServicePrincipalId": draw(st.sampled_from("ab")),
            "uniqueTokenIdentifier": draw(st.sampled_from(["s1", "s2", *["s3"] * 4])),
        },
    }


def okta(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "uuid": "u",
        "published": f"2026-04-12T{draw(st.sampled_from(CLOCKS))}:00.000Z",
        "eventType": draw(st.sampled_from(OKTA_EVENTS)),
        "actor": {"id": draw(st.sampled_from(["agent", "agent", "other", "stranger"])), "type": "WorkloadPrincipal"},
        "authenticationContext": {"externalSessionId": draw(st.sampled_from(["s1", "s2", "unknown"]))},
        "outcome": {"result": draw(st.sampled_from(["SUCCESS", "SUCCESS", "DENY"]))},
        "target": [{"id": draw(st.sampled_from("ab")), "type": "User"}],
        "transaction": {"detail": {"requestApiTokenId": draw(st.sampled_from(["token-1", "token-2", *["AT."] * 4]))}},
    }


def claude_code(draw: st.DrawFn) -> dict[str, Any]:
    tool = draw(st.sampled_from(["Read", "Read", "Write", "Bash", "WebFetch"]))
    told = {
        "event.name": draw(st.sampled_from(["tool_result", "tool_result", "tool_result", "user_prompt"])),
        "user.account_uuid": draw(st.sampled_from(["agent", "agent", "agent", "other", "stranger"])),
        "session.id": draw(st.sampled_from(["s1", "s1", "s2", "s3", "s3"])),
        "tool_name": tool,
        "tool_input": '{"file_path": "/srv/a"}',
    }
    return {
        "timeUnixNano": str(at(draw(st.sampled_from(CLOCKS))) * 1_000_000),
        "scope": {"name": "com.anthropic.claude_code.events"},
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in told.items()],
        "resource": {"attributes": []},
    }


Scene = tuple[Callable[[st.DrawFn], dict[str, Any]], tuple[Any, ...]]
SCENES: dict[str, Scene] = {
    "claude_code.events": (
        claude_code,
        world("otel", "otel:ai_agent:agent", "otel:ai_agent:other", "tool:Read", "tool:Write"),
    ),
    "entra.audit": (
        entra_audit,
        (
            *world("entra", *ENTRA, "entra:Get tenant details", "entra:Add member to group"),
            task(
                "T4", ENTRA[0], start=at("12:30"), end=at("13:30"), allow=Allow(actions=("entra:Get tenant details",))
            ),
        ),
    ),
    "entra.signin": (
        entra_signin,
        (
            *world("entra", *ENTRA, "entra:sign-in", "entra:sign-in"),
            task("T4", ENTRA[0], start=at("12:30"), end=at("13:30"), require_level="L3"),
        ),
    ),
    "github.audit": (
        github,
        world("github", "github:bot:Copilot", "github:bot:other[bot]", "github:git.fetch", "github:git.push"),
    ),
    "kubernetes.audit": (
        kubernetes,
        world(
            "kubernetes",
            "kubernetes:service_account:shop:agent",
            "kubernetes:service_account:shop:other",
            "k8s:get:*",
            "k8s:patch:*",
        ),
    ),
    "okta.system": (
        okta,
        world(
            "okta",
            "okta:workload:agent",
            "okta:workload:other",
            "okta:user.session.start",
            "okta:group.user_membership.add",
        ),
    ),
}


SHAPED: dict[str, Callable[[str], Any]] = {
    "properties.additionalDetails": lambda word: [{"key": "User-Agent", "value": word}],
}
"""Paths where a word stands inside of something else."""
NO_RULE_YET = frozenset({"entra.signin"})
"""Sources whose events fire no rule by themselves: their findings alone are compared."""


def module_of(source: str) -> LogSource:
    return next(module for module in sources() if module.NAME == source)


def spoken(document: dict[str, Any], source: LogSource, draw: Callable[..., Any]) -> dict[str, Any]:
    """The event with drawn words at every path of the source's claims whose parent is there or may be made."""
    document = copy.deepcopy(document)
    for path in source.CLAIMS:
        *parents, last = path.split(".")
        holder: Any = document
        while parents and isinstance(holder, dict):
            holder = holder.setdefault(parents.pop(0), {})
        if draw(st.booleans()):
            word = draw(st.sampled_from(WORDS))
            if isinstance(holder, list):  # OTLP attributes: what is left of the path is a name
                holder.append({"key": ".".join([*parents, last]), "value": {"stringValue": word}})
            else:
                holder[last] = SHAPED[path](word) if path in SHAPED else word
    return document


@pytest.mark.parametrize("name", SCENES)
def test_no_claim_takes_an_alert_away_or_weakens_it(name: str) -> None:
    make, registered = SCENES[name]
    source, seen = module_of(name), Counter[str]()
    rows = st.lists(st.composite(make)(), min_size=3, max_size=8)

    @settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(rows, st.booleans(), st.data())
    def holds(row: list[dict[str, Any]], is_bound: bool, data: st.DataObject) -> None:
        bindings = (bound("T1", "s1"), bound("T1", "token-1")) if is_bound else ()
        registry = Registry.of(*registered, *bindings)
        told = [spoken(document, source, data.draw) for document in row]
        for silent, loud, before, after in zip(row, told, run(registry, row), run(registry, told), strict=True):
            assert before.assessment is not None
            assert before.source == after.source == name
            seen[before.assessment.verdict.intent] += 1
            quiet, spoke = alerts(silent, before), alerts(loud, after)
            seen["alerts"] += bool(quiet)
            assert highest(spoke) >= highest(quiet), (before.tags, after.tags)
            assert is_finding(after) >= is_finding(before), (before.tags, after.tags)

    holds()

    for intent in ("aligned", "out_of_scope", "no_task", "unattested", "unknown_identity"):
        assert seen[intent] >= 10, seen
    assert seen["alerts"] >= 100 or name in NO_RULE_YET, seen
