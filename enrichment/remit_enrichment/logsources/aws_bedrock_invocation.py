"""Amazon Bedrock model invocation log.

Amazon Bedrock user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3". The log names the caller by
the ARN of its session, which has lost the role's path, and shows no access key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.logsources._aws_outcome import outcome_of
from remit_enrichment.logsources._aws_principal import Caller, by_arn
from remit_enrichment.logsources._fields import noted, typed
from remit_enrichment.logsources._times import iso_time

NAME = "aws.bedrock_invocation"
PLATFORM = "aws"
SIGMA: Mapping[str, str] = {"product": "aws", "service": "bedrock_invocation"}
ISSUES: tuple[bytes, ...] = ()
CLAIMS = ("identity.arn",)  # only the session name at its end is the caller's


class Identity(Struct, gc=False):
    arn: str | None = None


class Event(Struct):
    timestamp: str | None = None
    accountId: str | None = None
    identity: Identity | None = None
    region: str | None = None
    requestId: str | None = None
    operation: str | None = None
    modelId: str | None = None
    errorCode: str | None = None


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for the log's own type name."""
    return line.find(b"ModelInvocationLog", 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """The log states its own type."""
    return document.get("schemaType") == "ModelInvocationLog"


def read(document: Mapping[str, Any]) -> Activity:
    """Read one invocation. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    event = typed(document, Event, errors)
    moment = iso_time(event.timestamp) if event.timestamp else None
    if moment is None and event.timestamp:
        errors.append("timestamp")
    who = by_arn(event.identity.arn if event.identity else None)
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=event.requestId or None,
        time=moment[0] if moment else None,
        time_step=moment[1] if moment else 1000,
        account=event.accountId or None,
        principal=who.principal,
        claims=_claims(who),
        action=f"bedrock:{event.operation}" if event.operation else "",
        resources=(event.modelId,) if event.modelId else None,
        outcome=outcome_of(event.errorCode),
        region=event.region or None,
        model=event.modelId or None,
        errors=noted(errors),
    )


def _claims(who: Caller) -> tuple[Claim, ...]:
    return (Claim(who.session_name, "session_name", "identity.arn"),) if who.session_name else ()
