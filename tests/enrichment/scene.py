"""A small world for the tests of the judgement: registries in code, raw CloudTrail events, the real chain."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from remit_enrichment.enricher import Enriched, Enricher
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Agent, Binding, Coverage, Identity, Issuer, Owner, Task
from remit_enrichment.store import MemoryStore

ACCOUNT = "111122223333"
KEY = "ASIAAGENTSESSION0001"


def at(clock: str, day: str = "2026-04-12") -> int:
    """Return `10:00` of the day, or a whole RFC 3339 time, in milliseconds."""
    text = clock if "T" in clock else f"{day}T{clock if clock.count(':') == 2 else clock + ':00'}+00:00"
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def role_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def role_id(name: str, account: str = ACCOUNT) -> str:
    return f"aws:role:{role_arn(name, account)}"


def unique_id(name: str) -> str:
    return "AROA" + name.upper().replace("-", "").replace("_", "")[:12].ljust(12, "0")


OWNER = Owner(id="owner@example.com")
AGENT, OTHER = role_id("agent"), role_id("other")
COVERED = Coverage(platform="aws", accounts=(ACCOUNT,), identities=0, agents=0, tasks=0)
ISSUER = Issuer(
    platform="aws",
    provider="idp.example.com",
    audience="sts.amazonaws.com",
    subject="agent-broker:*",
    carries=("source_identity", "session_tags"),
    task_tag="nhi:task",
)


def agent(name: str = "agent", **more: Any) -> Identity:
    more.setdefault("kind", "ai_agent")
    more.setdefault("aliases", (unique_id(name),))
    more.setdefault("owner", OWNER.id)
    return Identity(id=role_id(name), **more)


def child(name: str = "child", parent: str = AGENT, **more: Any) -> Identity:
    return agent(name, agent=Agent(parent=parent), **more)


def task(id: str = "T1", identity: str = AGENT, **more: Any) -> Task:
    """A task from 09:00 to 11:00, registered at 08:00, that allows everything."""
    more.setdefault("start", at("09:00"))
    more.setdefault("end", at("11:00"))
    more.setdefault("registered_at", at("08:00"))
    more.setdefault("registered_by", "broker@example.com")
    return Task(id=id, identity=identity, **more)


def bound(task: str = "T1", handle: str = KEY, clock: str = "08:30", **more: Any) -> Binding:
    return Binding(task=task, handle=handle, kind="credential_id", bound_at=at(clock), bound_step=1000, **more)


def event(
    action: str = "s3:GetObject",
    *,
    clock: str = "10:00",
    who: str = "agent",
    session_name: str = "run",
    key: str | None = KEY,
    account: str = ACCOUNT,
    reads: bool | None = None,
    unique: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A raw CloudTrail event of a role session; `source_identity` and any top-level member may be given."""
    service, name = action.split(":")
    session: dict[str, Any] = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": unique or unique_id(who),
            "arn": role_arn(who, account),
            "accountId": account,
            "userName": who,
        }
    }
    source_identity = more.pop("source_identity", None)
    if source_identity is not None:
        session["sourceIdentity"] = source_identity
    identity: dict[str, Any] = {
        "type": "AssumedRole",
        "principalId": f"{unique or unique_id(who)}:{session_name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{who}/{session_name}",
        "accountId": account,
        "sessionContext": session,
    }
    if key is not None:
        identity["accessKeyId"] = key
    if reads is None:
        reads = name.startswith(("Get", "List", "Describe", "Head"))
    document: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": clock if "T" in clock else f"2026-04-12T{clock if clock.count(':') == 2 else clock + ':00'}Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-sdk",
        "readOnly": reads,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
    }
    return document | more


def delete(**more: Any) -> dict[str, Any]:
    """Deletion of an object: mutating, sensitive and with a resource."""
    return event(
        "s3:DeleteObject",
        **{"resources": [{"ARN": "arn:aws:s3:::bucket/a"}, {"ARN": "arn:aws:s3:::bucket"}], **more},
    )


def read(**more: Any) -> dict[str, Any]:
    return event("s3:GetObject", **{"resources": [{"ARN": "arn:aws:s3:::bucket/a"}], **more})


def web_identity(
    who: str = "agent",
    key: str = KEY,
    *,
    clock: str = "09:00",
    source_identity: str | None = None,
    tags: dict[str, str] | None = None,
    provider: str = "idp.example.com",
    audience: str = "sts.amazonaws.com",
    subject: str = "agent-broker:run",
    **more: Any,
) -> dict[str, Any]:
    """The issuance of a session to an outside subject that an identity provider vouches for."""
    parameters: dict[str, Any] = {"roleArn": role_arn(who), "roleSessionName": "run"}
    if tags:
        parameters["principalTags"] = tags
    response: dict[str, Any] = {
        "credentials": {"accessKeyId": key, "expiration": "Apr 12, 2026, 8:00:00 PM"},
        "assumedRoleUser": {
            "assumedRoleId": f"{unique_id(who)}:run",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{who}/run",
        },
        "provider": provider,
        "audience": audience,
        "subjectFromWebIdentityToken": subject,
    }
    if source_identity is not None:
        response["sourceIdentity"] = source_identity
    return event(
        "sts:AssumeRoleWithWebIdentity",
        clock=clock,
        reads=False,
        **{
            "userIdentity": {"type": "WebIdentityUser", "principalId": f"{provider}:{audience}:{subject}"},
            "requestParameters": parameters,
            "responseElements": response,
            **more,
        },
    )


def assume(
    who: str = "child",
    key: str = "ASIACHILDSESSION0001",
    *,
    clock: str = "09:30",
    by: str = "agent",
    by_key: str | None = KEY,
    **more: Any,
) -> dict[str, Any]:
    """A recorded AssumeRole: `by` gets a session of `who`."""
    parameters = {"roleArn": role_arn(who), "roleSessionName": "run", **more.pop("parameters", {})}
    return event(
        "sts:AssumeRole",
        clock=clock,
        who=by,
        key=by_key,
        reads=False,
        **{
            "requestParameters": parameters,
            "responseElements": {
                "credentials": {"accessKeyId": key, "expiration": "Apr 12, 2026, 8:00:00 PM"},
                "assumedRoleUser": {
                    "assumedRoleId": f"{unique_id(who)}:run",
                    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{who}/run",
                },
            },
            "resources": [{"ARN": role_arn(who)}],
            **more,
        },
    )


def verdict_of(tags: dict[str, Any]) -> tuple[str, set[str]]:
    """Return the intent and its codes; what was seen for the first time is another matter."""
    verdict = tags["verdict"]
    return verdict["intent"], {code for code in verdict["reasons"] if not code.startswith("FIRST_SEEN_")}


class World:
    """An enricher over a registry of exactly these objects; covered unless `covered` is False."""

    def __init__(self, *things: Any, covered: bool = True) -> None:
        if covered and not any(isinstance(thing, Coverage) for thing in things):
            things = (*things, COVERED)
        self.registry = Registry.of(OWNER, *things)
        self.enricher = Enricher(self.registry, MemoryStore())
        self._events = 0

    def enrich(self, document: dict[str, Any], **more: Any) -> Enriched:
        """Enrich one event; without an id it gets one."""
        self._events += 1
        document = {"eventID": f"e{self._events}", **document}
        return self.enricher.enrich(document, raw=json.dumps(document).encode(), **more)

    def tags(self, document: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.enrich(document, **more).tags

    def intent(self, document: dict[str, Any], **more: Any) -> str:
        return str(self.tags(document, **more)["verdict"]["intent"])

    def verdict(self, document: dict[str, Any], **more: Any) -> tuple[str, set[str]]:
        """Return the intent and its codes."""
        return verdict_of(self.tags(document, **more))
