"""AWS CloudTrail: management, data, network activity and Insights events, MCP calls among them.

The record's shape is in `_aws_event`, who acted in `_aws_principal`, what was named in `_aws_arns`, whom it touched in
`_aws_targets`, what it minted in `_aws_issuance`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from remit_enrichment.activity import Activity, Claim, Credential, Outcome, Principal
from remit_enrichment.logsources import _aws_mcp as mcp
from remit_enrichment.logsources._aws_arns import Place, built, second_objects, without_containers
from remit_enrichment.logsources._aws_event import NO_SESSION, NOBODY, Event, SessionContext, UserIdentity
from remit_enrichment.logsources._aws_issuance import issuance
from remit_enrichment.logsources._aws_outcome import outcome_of
from remit_enrichment.logsources._aws_principal import Caller, caller, partition_of
from remit_enrichment.logsources._aws_targets import targets
from remit_enrichment.logsources._claims import in_user_agent
from remit_enrichment.logsources._fields import NOTHING, noted, text, truth, typed
from remit_enrichment.logsources._times import iso_time

NAME = "aws.cloudtrail"
PLATFORM = "aws"
SIGMA: Mapping[str, str] = {"product": "aws", "service": "cloudtrail"}
ISSUES = (b"AssumeRole", b"AssumeRoot", b"GetSessionToken", b"GetFederationToken", b"CreateAccessKey")
CLAIMS = (
    "userIdentity.arn",  # only the session name at its end is the caller's
    "userIdentity.principalId",  # likewise
    "userIdentity.sessionContext.sourceIdentity",
    "userAgent",
    "requestParameters.roleSessionName",
    "requestParameters.sourceIdentity",
    "requestParameters.tags",
)

INSIGHT = "cloudtrail:Insight"
_CLOUDTRAIL = Principal(
    "aws:service:cloudtrail.amazonaws.com", native="cloudtrail.amazonaws.com", kind="platform_service"
)
"""An Insights event is CloudTrail's own observation; nobody called anything."""
_LAMBDA_DATE = re.compile(r"(?<=[a-z])20\d{6}(?:v\d+)?$")
_BESIDE = ("userIdentity", "awsRegion", "eventTime", "eventVersion", "recipientAccountId")


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for a name that other sources rarely write."""
    return line.find(b"eventSource", 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """CloudTrail names the service's host and the event, and where or when or by whom it happened.

    S3 event notifications and Lambda's event sources use the same keys, but their `eventSource` is `aws:s3`, never a
    host. An Insights event has neither source nor name at the top.
    """
    if "eventSource" in document and "eventName" in document:
        host = document["eventSource"]
        if type(host) is str and "." not in host:
            return False
        return any(key in document for key in _BESIDE)
    return document.get("eventType") == "AwsCloudTrailInsight"


def read(document: Mapping[str, Any]) -> Activity:
    """Read one event. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    event = typed(document, Event, errors)
    identity = event.userIdentity or NOBODY
    session = identity.sessionContext or NO_SESSION
    console = event.sessionCredentialFromConsole is not None and truth(
        event.sessionCredentialFromConsole, "sessionCredentialFromConsole", errors
    )
    who = caller(event, bool(console))
    action = _action(event.eventSource or "", event.eventName or "", event.eventType)
    outcome = _outcome(event, action)
    account = event.recipientAccountId or who.account
    region = event.awsRegion or None
    place = Place(partition_of(identity, region), region or "", account or "")
    principal, credential, token = who.principal, _credential(identity, session), None
    if action in mcp.GATEWAY and (bearer := mcp.bearer(event, errors)):
        principal, credential, token = bearer
    elif action == INSIGHT:
        principal = _CLOUDTRAIL
    elif principal is not None and mcp.by_agent(event, identity):
        principal = replace(principal, platform_agent=True)
    told = outcome == "success" or event.requestParameters is not None
    acted_upon = targets(action, event, who, place, errors, told=told)
    reads = truth(event.readOnly, "readOnly", errors)
    call = mcp.call(event, action)
    time, step = _time(event.eventTime, errors)
    key = credential.id if credential is not None else None
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=event.eventID or None,
        time=time,
        time_step=step,
        account=account,
        principal=principal,
        invoked_by=identity.invokedBy or None,
        credential=credential,
        session=mcp.session(event) or _session(credential, session) or token,
        handles=tuple(handle for handle in (key, token) if handle) if token else (key,) if key else (),
        claims=_claims(who, session, event.userAgent),
        source_identity=_source_identity(session),
        delegator=who.delegator,
        action=action,
        event_class=_event_class(event, action, call, reads),
        access_level=None if reads is None or (call and action in mcp.GATEWAY) else "read" if reads else "write",
        resources=_resources(event, action, acted_upon, place, errors),
        targets=acted_upon,
        outcome=outcome,
        address=event.sourceIPAddress or None,
        region=region,
        user_agent=event.userAgent or None,
        issuance=issuance(action, event, who.principal, acted_upon, errors) if outcome == "success" else None,
        errors=noted(errors),
    )


@lru_cache(maxsize=4096)
def _action(host: str, name: str, kind: str | None) -> str:
    if not host or not name:
        return INSIGHT if kind == "AwsCloudTrailInsight" else ""
    service = host.removesuffix(".cn").removesuffix(".amazonaws.com")
    if service == "lambda":
        name = _LAMBDA_DATE.sub("", name)
    return f"{service}:{name}"


def _outcome(event: Event, action: str) -> Outcome:
    if event.errorCode:
        return outcome_of(event.errorCode)
    response = event.responseElements
    if response is None:
        return "success"
    if action in mcp.GATEWAY:
        return mcp.refused(response) or "success"
    # sign-in events report failure only in the element of their own name (user guide, "Console sign-in events")
    return "failure" if response.get(event.eventName or "") == "Failure" else "success"


def _time(value: str | None, errors: list[str]) -> tuple[int | None, int]:
    parsed = _moment(value) if value else None
    if parsed is None and value:
        errors.append("eventTime")
    return parsed or (None, 1000)


_moment = lru_cache(maxsize=4096)(iso_time)


def _credential(identity: UserIdentity, session: SessionContext) -> Credential | None:
    key = identity.accessKeyId
    if not key:
        # an Identity Center user's session has a credential of its own
        return Credential(identity.credentialId, "session") if identity.credentialId else None
    if key.startswith("AKIA"):
        return Credential(key, "long_lived_key")
    if not key.startswith("ASIA") and identity.type not in ("AssumedRole", "FederatedUser"):
        return Credential(key, "unknown")
    created = session.attributes.creationDate if session.attributes else None
    issued = _moment(created) if created else None
    return Credential(key, "sts_session", issued[0] if issued else None)


def _session(credential: Credential | None, session: SessionContext) -> str | None:
    """The temporary key is the session; without one (MCP through a sign-in) the sign-in session is."""
    if credential is not None:
        return credential.id if credential.type == "sts_session" else None
    return session.signInSessionArn or None


def _source_identity(session: SessionContext) -> str | None:
    value = session.sourceIdentity
    return None if value is None or value == "" else str(value)


def _claims(who: Caller, session: SessionContext, agent: str | None) -> tuple[Claim, ...]:
    found: list[Claim] = []
    if source_identity := _source_identity(session):
        found.append(Claim(source_identity, "source_identity", "userIdentity.sessionContext.sourceIdentity"))
    if who.session_name:
        found.append(Claim(who.session_name, "session_name", who.session_name_path))
    return (*found, *in_user_agent(agent, "userAgent"))


def _event_class(event: Event, action: str, call: mcp.Call | None, reads: bool | None) -> str | None:
    """The tool or method of an MCP call; reading a data event's object is reading data."""
    if call is not None:
        found = call.action_class
        if call.tool is not None and found == "write" and action not in mcp.GATEWAY:
            return "read" if reads else "write"  # `call_aws` may do either, and AWS's server says which it was
        return found
    return "data_read" if reads and event.eventCategory == "Data" else None


def _resources(
    event: Event, action: str, acted_upon: tuple[Principal, ...], place: Place, errors: list[str]
) -> tuple[str, ...] | None:
    parameters = event.requestParameters or NOTHING
    named = list(_listed(event.resources, errors)) if event.resources else []
    if not named and parameters:
        named = list(built(action, parameters, place))
    if len(acted_upon) == 1 and action.startswith("iam:") and len(named) < 2:
        # what is built of a bare name, or of none (calls about oneself), lacks the path that the target has
        arn = (acted_upon[0].id or "").partition(":")[2].partition(":")[2]
        if arn and (not named or _without_path(named[0]) == _without_path(arn)):
            named = [arn]
    if parameters:
        named += second_objects(action, parameters, place)
    return without_containers(named) or None


def _without_path(arn: str) -> tuple[str, str]:
    return arn.partition("/")[0], arn.rpartition("/")[2]


def _listed(resources: list[Any], errors: list[str]) -> Iterator[str]:
    for index, entry in enumerate(resources):
        if type(entry) is not dict:
            errors.append(f"resources.{index}")
            continue
        arn = text(entry, "ARN", errors, f"resources.{index}.") or text(entry, "arn", errors, f"resources.{index}.")
        if arn:
            yield arn
