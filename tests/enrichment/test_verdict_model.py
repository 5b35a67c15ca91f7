"""The enrichment against a slow model of the verdict that shares no code with it, over drawn registries and events."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from tests.enrichment.model_of_the_verdict import Model

from remit_enrichment.enricher import Enricher
from remit_enrichment.registry.loading import load_registry
from remit_enrichment.registry.problems import RegistryRefused
from remit_enrichment.store import MemoryStore

Dict = dict[str, Any]

ACCOUNT = "111122223333"
DAY = "2026-04-12T"
A, B = (f"arn:aws:iam::{ACCOUNT}:role/agent-{name}" for name in "ab")
C = f"arn:aws:iam::{ACCOUNT}:user/job"
IDS = {"A": f"aws:role:{A}", "B": f"aws:role:{B}", "C": f"aws:user:{C}"}
UNIQUE = {"A": "AROAEXAMPLEAGENTA", "B": "AROAEXAMPLEAGENTB", "C": "AIDAEXAMPLEJOB"}
KEYS = {"A": ("ASIAA1", "ASIAA2"), "B": ("ASIAB1", "ASIAB2"), "C": ("AKIAC1", "AKIAC1")}
BROKER, OTHER = "broker@example.com", "other@example.com"
PROVIDER = "idp.example.com"
TASKS = ("T1", "T2", "T3")
CLOCKS = ("09:00:00", "09:30:00", "09:55:00", "10:00:00", "10:05:00", "10:30:00", "11:00:00", "11:05:00", "11:05:01",
          "11:30:00")  # fmt: skip
FEED = "tasks/feed.jsonl"


def at(clock: str) -> str:
    return f"{DAY}{clock}Z"


clocks = st.sampled_from(CLOCKS)


def sometimes(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | value


def without_nones(entry: Dict) -> Dict:
    return {key: value for key, value in entry.items() if value is not None}


# --- registries -------------------------------------------------------------------------------------------------------

CLASSES = ["data_read", "write", "delete", "secrets_read", "discovery", "auth"]
ACTIONS = ["s3:*", "secretsmanager:*", "sts:AssumeRole"]
RESOURCES = ["arn:aws:s3:::data/*", "arn:aws:secretsmanager:*:*:secret:*", "arn:aws:iam::*:role/*"]


def listed(of_charter: list[str], narrow: list[str]) -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    mine = st.sampled_from([of_charter, of_charter, narrow, []])
    return st.one_of(st.none(), st.just(of_charter)), sometimes(mine)


CHARTER_ALLOW, TASK_ALLOW = (
    st.builds(lambda c, a, r: without_nones({"classes": c, "actions": a, "resources": r}), *lists)
    for lists in zip(
        listed(CLASSES, ["data_read", "write"]),
        listed(ACTIONS, ["S3:*Object", "sts:AssumeRole"]),
        listed(RESOURCES, ["arn:aws:s3:::data/a"]),
        strict=True,
    )
)
DENY = st.sampled_from(
    [None, None, None, {"classes": ["delete"]}, {"actions": ["S3:Put*"]}, {"resources": ["arn:aws:s3:::data/b"]}]
)
LIMITS = st.sampled_from(
    [None, None, {"max_actions": 1}, {"max_actions": 2}, {"max_deletes": 0}, {"max_distinct_resources": 1}]
)


@st.composite
def charters(draw: st.DrawFn, id: str) -> Dict:
    return without_nones(
        {
            "id": id,
            "allow": draw(CHARTER_ALLOW) or None,
            "deny": draw(DENY),
            "task_required": draw(st.sampled_from([None, None, True, False])),
            "delegation_depth": draw(st.sampled_from([None, None, 0, 2])),
        }
    )


@st.composite
def tasks(draw: st.DrawFn, id: str) -> Dict:
    start = draw(st.sampled_from(("09:00:00", "10:00:00", "11:00:00")))
    end = draw(st.sampled_from([clock for clock in ("10:00:00", "11:00:00", "12:00:00") if clock > start]))
    whose = draw(st.sampled_from("AABC"))
    bind = {
        "credential_ids": draw(st.sampled_from([None, None, None, ["ASIAA1"], ["ASIAB1"], ["AKIAC1"]])),
        "source_identity": draw(st.sampled_from([None, None, "run-1", "run-2"])),
    }
    registered = draw(st.sampled_from(["08:00:00", "08:00:00", "08:00:00", "09:30:00", "10:00:01"]))
    return without_nones(
        {
            "id": id,
            "identity": IDS[whose],
            "window": {"start": at(start), "end": at(end)},
            "registered_at": at(registered),
            "registered_by": draw(st.sampled_from([BROKER, BROKER, BROKER, OTHER, None, IDS[whose]])),
            "allow": draw(TASK_ALLOW) or None,
            "deny": draw(DENY),
            "limits": draw(LIMITS),
            "bind": without_nones(bind) or None,
            "require_level": draw(st.sampled_from([None, None, "L1", "L2", "L3", "L4"])),
        }
    )


ISSUER = {"platform": "aws", "provider": PROVIDER, "carries": ["source_identity"]}
ISSUERS = st.sampled_from(
    [
        None,
        [ISSUER],
        [{**ISSUER, "audience": "sts.amazonaws.com", "subject": "agent-broker:*"}],
        [{**ISSUER, "subject": "agent-broker:1", "carries": ["session_tags"], "task_tag": "nhi:task"}],
        [{**ISSUER, "carries": ["source_identity", "session_tags"], "task_tag": "nhi:task"}],
    ]
)
REGISTRARS = st.sampled_from(
    [
        None,
        None,
        [{"id": BROKER}],
        [{"id": BROKER, "identities": ["aws:role:*"], "feed": "tasks/*.jsonl"}],
        [{"id": BROKER, "feed": "else/*.jsonl"}],
    ]
)
EARLY = "2026-01-01T00:00:00Z"
COVERAGE = st.sampled_from(
    [
        None,
        [{"platform": "aws", "identities": EARLY, "tasks": EARLY}],
        [{"platform": "aws", "identities": EARLY, "tasks": EARLY}],
        [{"platform": "aws", "accounts": [ACCOUNT], "identities": EARLY, "tasks": at("10:00:00")}],
        [{"platform": "aws", "identities": at("10:00:00")}],
        [{"platform": "aws", "accounts": ["444455556666"], "identities": EARLY, "tasks": EARLY}],
    ]
)
CHANNELS = st.sampled_from(
    [None, None, None, [{"channel": "logs/*", "source": "aws.cloudtrail", "accounts": [ACCOUNT]}]]
)


@st.composite
def registries(draw: st.DrawFn) -> tuple[Dict, list[Dict]]:
    identities: list[Dict] = []
    for name in "ABC":
        agent = name != "C"
        parent = draw(st.sampled_from([IDS["A"], IDS["A"], None])) if name == "B" else None
        identities.append(
            without_nones(
                {
                    "id": IDS[name],
                    "kind": draw(st.sampled_from(["ai_agent", "ai_agent", "agent_user"]))
                    if agent
                    else "service_account",
                    "charter": draw(st.sampled_from([None, f"charter-{name}"])),
                    "aliases": draw(st.sampled_from([None, [UNIQUE[name]]])),
                    "agent": {"parent": parent} if parent else None,
                    "valid_from": at("10:00:00") if name == "C" and draw(st.integers(0, 5)) == 5 else None,
                }
            )
        )
    all_tasks = [draw(tasks(id)) for id in TASKS[: draw(st.integers(1, 3))]]
    feed: list[Dict] = []
    if draw(st.booleans()):
        moved: Dict = {"type": "task", **all_tasks.pop()}
        received = draw(st.sampled_from([None, "08:04:00", "09:58:00", "10:30:00"]))
        feed.append(without_nones({**moved, "received_at": at(received) if received else None}))
    by = st.sampled_from([BROKER, BROKER, OTHER, None])
    for _ in range(draw(st.integers(0, 3))):
        clock = draw(st.sampled_from(("08:00:00", "08:00:00", "10:00:00", "10:00:00.500", "10:30:01")))
        key = draw(st.sampled_from(("ASIAA1", "ASIAA1", "ASIAA2", "ASIAB1", "AKIAC1")))
        task = draw(st.sampled_from((*TASKS, "T1", "T-unknown")))
        line = {"type": "binding", "task": task, "credential_id": key, "bound_at": at(clock), "by": draw(by)}
        feed.append(without_nones(line))
    if draw(st.integers(0, 3)) == 3:
        line = {"type": "revoke", "task": draw(st.sampled_from(TASKS)), "at": at(draw(clocks)), "by": draw(by)}
        feed.append(without_nones(line))
    registry = {
        "identities": identities,
        "charters": [draw(charters(f"charter-{name}")) for name in "ABC"],
        "tasks": all_tasks,
        "issuers": draw(ISSUERS),
        "registrars": draw(REGISTRARS),
        "coverage": draw(COVERAGE),
        "channels": draw(CHANNELS),
    }
    return without_nones(registry), feed


# --- events -----------------------------------------------------------------------------------------------------------

SAID = ("T1", "T2", "T3", "t1", "run-1", "run-2", "jane", "T-unknown")
said = st.sampled_from((None, *SAID))


def base(number: int, clock: str, service: str, name: str, asked: Dict | None, answer: Dict | None = None) -> Dict:
    return {
        "eventVersion": "1.09",
        "eventID": f"e{number}",
        "eventTime": at(clock),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "recipientAccountId": ACCOUNT,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli",
        "requestParameters": asked,
        "responseElements": answer,
    }


def session(arn: str, unique: str, key: str, name: str, source_identity: str | None) -> Dict:
    role = arn.rpartition("/")[2]
    issuer = {"type": "Role", "principalId": unique, "arn": arn, "accountId": ACCOUNT, "userName": role}
    return {
        "type": "AssumedRole",
        "principalId": f"{unique}:{name}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "sessionContext": without_nones({"sessionIssuer": issuer, "sourceIdentity": source_identity}),
    }


def caller(whose: str, key: str, name: str, source_identity: str | None) -> Dict:
    if whose == "C":
        return {
            "type": "IAMUser", "principalId": UNIQUE["C"], "arn": C, "accountId": ACCOUNT, "userName": "job",
            "accessKeyId": key,
        }  # fmt: skip
    return session({"A": A, "B": B}[whose], UNIQUE[whose], key, name, source_identity)


def strangers() -> st.SearchStrategy[Dict]:
    sso = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"
    return st.sampled_from(
        [
            session(f"arn:aws:iam::{ACCOUNT}:role/ghost", "AROAEXAMPLEGHOST", "ASIAG", "T1", "T1"),
            session(A.replace("agent", "Agent"), "AROAEXAMPLEOTHER", "ASIAG", "T1", None),
            session(A, "AROAEXAMPLEAGAIN", "ASIAG", "x", None),
            session(sso, "AROASSO", "ASIAH", "jane@example.com", None),
            session(f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_Admin_1", "AROASSO", "ASIAH", "jane", None),
            {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT},
            {"type": "AWSService", "principalId": "x", "invokedBy": "cloudformation.amazonaws.com"},
        ]
    )


CALLS = (
    ("s3", "GetObject", {"bucketName": "data", "key": "a"}),
    ("s3", "GetObject", {"bucketName": "data", "key": "b"}),
    ("s3", "PutObject", {"bucketName": "data", "key": "a"}),
    ("s3", "PutObject", {"bucketName": "data", "key": "a"}),
    ("s3", "PutObject", {"bucketName": "other", "key": "a"}),
    ("s3", "DeleteObject", {"bucketName": "data", "key": "a"}),
    ("s3", "ListBuckets", None),
    ("secretsmanager", "GetSecretValue", {"secretId": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db"}),
    ("made", "UpdateThing", {"x": "y"}),
    ("iam", "CreateUser", {"userName": "u"}),
)


@st.composite
def streams(draw: st.DrawFn) -> list[tuple[Dict, str]]:
    """Up to three issuances and up to five actions, each with its channel."""
    found: list[Dict] = []
    carried: dict[str, str | None] = {}
    for key in ("ASIAA1", "ASIAA2", "ASIAB1", "AKIAC1"):
        carried[key] = draw(st.sampled_from((None, None, None, *SAID)))
    early = st.sampled_from(("08:30:00", "08:30:00", "10:00:00", "10:30:00"))
    names = st.sampled_from(("x", "x", *SAID))
    if draw(st.booleans()):
        carried["ASIAA1"] = draw(st.sampled_from((None, *SAID)))
        found.append(web_identity(draw, len(found), draw(early), carried["ASIAA1"]))
    for key, role, by in (("ASIAA2", A, "ASIAA1"), ("ASIAB1", B, "ASIAA1"), ("ASIAB2", B, "ASIAB1")):
        if draw(st.integers(0, 2)) == 2:
            whose = "B" if by.startswith("ASIAB") else "A"
            mine = carried[by] or (draw(said) if key != "ASIAB2" else None)
            carried[key] = mine
            asked = without_nones({"roleArn": role, "roleSessionName": "x", "sourceIdentity": mine})
            event = base(len(found), draw(early), "sts", "AssumeRole", asked, minted_role(key, role, mine))
            found.append({**event, "userIdentity": caller(whose, by, draw(names), carried[by])})
    if draw(st.integers(0, 4)) == 4:
        event = base(len(found), draw(early), "iam", "CreateAccessKey", {"userName": "job"})
        event["responseElements"] = {"accessKey": {"accessKeyId": "AKIAC1", "userName": "job", "status": "Active"}}
        found.append({**event, "userIdentity": caller("A", "ASIAA1", "x", carried["ASIAA1"])})
    for _ in range(draw(st.integers(1, 5))):
        whose = draw(st.sampled_from("AAABBC"))
        key = draw(st.sampled_from(KEYS[whose]))
        event = base(len(found), draw(clocks), *draw(st.sampled_from(CALLS)))
        event["userIdentity"] = caller(whose, key, draw(names), carried.get(key))
        if (agent := draw(st.sampled_from((None, None, None, *SAID)))) is not None:
            event["userAgent"] = f"aws-cli nhi.task/{agent}"
        found.append(event)
        odd = draw(st.integers(0, 19))
        if odd < 2:
            found[-1] = {**event, "userIdentity": draw(strangers())}
        elif odd == 2:
            found[-1] = {**event, "errorCode": "AccessDenied", "responseElements": None}
        elif odd == 3:
            found.append(event)
        elif odd == 4:
            found[-1] = {**event, "eventTime": draw(st.sampled_from(("soon", "", 7)))}
        elif odd == 5:
            found[-1] = {**event, "sessionCredentialFromConsole": "true"}
    order = draw(st.permutations(found)) if draw(st.booleans()) else found
    return [(event, draw(st.sampled_from(("logs/1.json", "logs/1.json", "else/1.json")))) for event in order]


def minted_role(key: str, role: str, source_identity: str | None) -> Dict:
    name = role.rpartition("/")[2]
    unique = UNIQUE[name[-1].upper()]
    return without_nones(
        {
            "credentials": {"accessKeyId": key, "expiration": "Apr 13, 2026, 10:00:00 AM", "sessionToken": "s"},
            "assumedRoleUser": {
                "assumedRoleId": f"{unique}:x", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/x"
            },
            "sourceIdentity": source_identity,
        }
    )  # fmt: skip


def web_identity(draw: st.DrawFn, number: int, clock: str, source_identity: str | None) -> Dict:
    asked: Dict = {"roleArn": A, "roleSessionName": "x"}
    if (tag := draw(said)) is not None:
        asked["principalTags"] = {"nhi:task": tag}
    provider = draw(st.sampled_from((PROVIDER, PROVIDER, "evil." + PROVIDER)))
    subject = draw(st.sampled_from(("agent-broker:1", "agent-broker:1", "someone")))
    audience = "sts.amazonaws.com"
    answer = {
        **minted_role("ASIAA1", A, source_identity),
        "provider": provider, "audience": audience, "subjectFromWebIdentityToken": subject,
    }  # fmt: skip
    event = base(number, clock, "sts", "AssumeRoleWithWebIdentity", asked, answer)
    event["userIdentity"] = {
        "type": "WebIdentityUser", "principalId": f"{provider}:{audience}:{subject}", "userName": subject,
        "identityProvider": provider,
    }  # fmt: skip
    if draw(st.integers(0, 5)) == 5:
        event.update(errorCode="AccessDenied", responseElements=None)
    return event


# --- both -------------------------------------------------------------------------------------------------------------


def differences(registry: Dict, feed: list[Dict], stream: list[tuple[Dict, str]], folder: Path) -> list[str]:
    """Judge every event by both; return what differs, with all that one needs to look into it."""
    (folder / "registry").mkdir()
    (folder / "tasks").mkdir()
    (folder / "registry" / "registry.yml").write_text(json.dumps(registry))  # JSON is YAML
    path = folder / FEED
    path.write_text("".join(json.dumps(line) + "\n" for line in feed))
    loaded = load_registry(folder / "registry", [path])
    enricher, model = Enricher(loaded, MemoryStore()), Model(registry, feed, str(path))
    for event, channel in stream:
        enricher.learn_issuance(event, raw=json.dumps(event).encode(), channel=channel)
        model.learn(event, channel)
    found: list[str] = []
    for line, (event, channel) in enumerate(stream, 1):
        enriched = enricher.enrich(event, raw=json.dumps(event).encode(), channel=channel, line=line)
        tags = json.loads(enriched.nhi)
        answer = model.judge(event, channel)
        verdict, task = tags["verdict"], tags.get("task", {}).get("id")
        codes = set(verdict.get("reasons", []))
        if what := answer.differs(verdict["intent"], codes, tags["attribution"]["level"], task):
            found.append(
                f"event {line} {event['eventName']}: {what} ({verdict}, {tags['attribution']}); model: {answer}"
            )
    return found


@settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(registries(), streams())
def test_the_verdict_is_that_of_the_model(registry_and_feed: tuple[Dict, list[Dict]], stream: Any) -> None:
    registry, feed = registry_and_feed
    known = {task["id"] for task in registry["tasks"]} | {line.get("id") for line in feed}
    feed = [line for line in feed if line["type"] != "revoke" or line["task"] in known]
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = differences(registry, feed, stream, Path(folder))
        except RegistryRefused:
            reject()  # a task wider than its charter: the loader's tests are elsewhere
        assert not found, "\n".join(found)


# --- what the model found ---------------------------------------------------------------------------------------------

AGENT = {"id": IDS["A"], "kind": "ai_agent"}
OWN: Dict = {
    "id": "T1",
    "identity": IDS["A"],
    "window": {"start": at("09:00:00"), "end": at("11:00:00")},
    "registered_at": at("08:00:00"),
}


def acted(name: str = "GetObject", clock: str = "10:00:00", session_name: str = "x", **more: Any) -> Dict:
    event = base(1, clock, "s3", name, {"bucketName": "data", "key": "a"})
    return {**event, "userIdentity": caller("A", "ASIAA1", session_name, None), **more}


def tags_of(folder: Path, registry: Dict, feed: list[Dict], *events: Dict) -> Dict:
    """Tags of the last event."""
    (folder / "registry").mkdir()
    (folder / "registry" / "registry.yml").write_text(json.dumps(registry))
    (folder / "feed.jsonl").write_text("".join(json.dumps(line) + "\n" for line in feed))
    enricher = Enricher(load_registry(folder / "registry", [folder / "feed.jsonl"]), MemoryStore())
    found = [enricher.enrich(event, raw=b"{}", line=line) for line, event in enumerate(events)]
    tags: Dict = json.loads(found[-1].nhi)
    return tags


def test_a_binding_to_an_unknown_task_is_told_whoever_loads_it(tmp_path: Path) -> None:
    feed = [{"type": "binding", "task": "T-unknown", "credential_id": "ASIAA1", "bound_at": at("08:00:00")}]

    verdict = tags_of(tmp_path, {"identities": [AGENT], "tasks": [OWN]}, feed, acted())["verdict"]

    assert verdict["intent"] == "aligned"
    assert "TASK_UNKNOWN" in verdict["reasons"]


def test_a_read_that_any_open_task_aligns_is_aligned_so_that_naming_that_task_clears_nothing(tmp_path: Path) -> None:
    strict = {**OWN, "id": "T2", "window": {"start": at("09:00:00"), "end": at("10:30:00")}, "require_level": "L3"}
    registry = {"identities": [AGENT], "tasks": [OWN, strict]}

    found = []
    for folder, session_name in (("silent", "x"), ("named", "T1"), ("strict", "T2")):
        (tmp_path / folder).mkdir()
        found.append(tags_of(tmp_path / folder, registry, [], acted(session_name=session_name))["verdict"]["intent"])

    assert found == ["aligned", "aligned", "unattested"]
