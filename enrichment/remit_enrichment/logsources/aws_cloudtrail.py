"""AWS CloudTrail: management, data and network activity events.

Record contents: CloudTrail user guide, "CloudTrail record contents for management, data, and network activity events".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from remit_enrichment.activity import Activity, Claim, Credential, Issuance, Outcome, Principal
from remit_enrichment.logsources import _aws_mcp as mcp
from remit_enrichment.logsources._aws_arns import Place, built, second_objects, without_containers
from remit_enrichment.logsources._aws_issuance import issuance
from remit_enrichment.logsources._aws_principal import Caller, caller
from remit_enrichment.logsources._aws_targets import targets
from remit_enrichment.logsources._fields import NOTHING, flag, items, mapping, reference, text
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
_TASK = re.compile(r"nhi\.task/([^\s\[\]()\"',;]+)")
_LAMBDA_DATE = re.compile(r"(?<=[a-z])20\d{6}(?:v\d+)?$")
_DENIED = ("accessdenied", "unauthorized", "notauthorized", "authorizationerror", "forbidden")


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
    parameters = mapping(document, "requestParameters", errors)
    response = mapping(document, "responseElements", errors)
    identity = mapping(document, "userIdentity", [])
    session = mapping(identity, "sessionContext", [])
    who = caller(document, errors)
    action = _action(document, errors)
    region = text(document, "awsRegion", errors)
    account = text(document, "recipientAccountId", errors) or who.account
    place = Place(_partition(identity, region), region or "", account or "")
    time, step = _time(document, errors)
    outcome = _outcome(document, action, response, errors)
    source_identity = reference(session, "sourceIdentity", errors, "userIdentity.sessionContext.")
    agent = text(document, "userAgent", errors)
    principal, credential, token = who.principal, _credential(identity, session, errors), None
    if action in mcp.GATEWAY and (bearer := mcp.bearer(document, errors)):
        principal, credential, token = bearer
    elif action == INSIGHT:
        principal = _CLOUDTRAIL
    told = outcome == "success" or parameters is not NOTHING
    acted_upon = targets(action, parameters, response, who, place, errors, told=told)
    handles = (credential.id if credential else None, token)
    reads = flag(document, "readOnly", errors)
    call = mcp.call(document, action, parameters)
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=text(document, "eventID", errors),
        time=time,
        time_step=step,
        account=account,
        principal=principal,
        invoked_by=text(identity, "invokedBy", errors, "userIdentity."),
        credential=credential,
        session=mcp.session(document) or _session(credential, session) or token,
        handles=tuple(handle for handle in handles if handle),
        claims=_claims(who, source_identity, agent),
        source_identity=source_identity,
        delegator=who.delegator,
        action=action,
        event_class=_event_class(document, action, call, reads),
        access_level=None if reads is None or (call and action in mcp.GATEWAY) else "read" if reads else "write",
        resources=_resources(document, action, parameters, acted_upon, place, errors),
        targets=acted_upon,
        outcome=outcome,
        address=text(document, "sourceIPAddress", errors),
        region=region,
        user_agent=agent,
        issuance=_issuance(action, parameters, response, who, acted_upon, errors) if outcome == "success" else None,
        errors=tuple(dict.fromkeys(errors)),
    )


def _action(document: Mapping[str, Any], errors: list[str]) -> str:
    host = text(document, "eventSource", errors)
    name = text(document, "eventName", errors)
    if host is None or name is None:
        return INSIGHT if document.get("eventType") == "AwsCloudTrailInsight" else ""
    service = host.removesuffix(".cn").removesuffix(".amazonaws.com")
    if service == "lambda":
        name = _LAMBDA_DATE.sub("", name)
    return f"{service}:{name}"


def _outcome(document: Mapping[str, Any], action: str, response: Mapping[str, Any], errors: list[str]) -> Outcome:
    code = text(document, "errorCode", errors)
    if code is not None:
        lowered = code.lower()
        return "denied" if any(word in lowered for word in _DENIED) else "failure"
    if action in mcp.GATEWAY:
        return mcp.refused(response) or "success"
    # sign-in events report failure only in the element of their own name (user guide, "Console sign-in events")
    name = document.get("eventName")
    return "failure" if type(name) is str and response.get(name) == "Failure" else "success"


def _time(document: Mapping[str, Any], errors: list[str]) -> tuple[int | None, int]:
    value = text(document, "eventTime", errors)
    parsed = iso_time(value) if value else None
    if parsed is None and value is not None:
        errors.append("eventTime")
    return parsed or (None, 1000)


def _partition(identity: Mapping[str, Any], region: str | None) -> str:
    arn = identity.get("arn")
    if type(arn) is str and arn.startswith("arn:"):
        return arn.split(":", 2)[1]
    if region and region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region and region.startswith("cn-") else "aws"


def _credential(identity: Mapping[str, Any], session: Mapping[str, Any], errors: list[str]) -> Credential | None:
    key = text(identity, "accessKeyId", errors, "userIdentity.")
    if key is None:
        grant = text(identity, "credentialId", errors, "userIdentity.")  # of an Identity Center user's session
        return Credential(grant, "session") if grant else None
    if key.startswith("AKIA"):
        return Credential(key, "long_lived_key")
    temporary = key.startswith("ASIA") or identity.get("type") in ("AssumedRole", "FederatedUser")
    attributes = mapping(session, "attributes", errors, "userIdentity.sessionContext.")
    created = text(attributes, "creationDate", errors, "userIdentity.sessionContext.attributes.")
    issued = iso_time(created) if created and temporary else None
    return Credential(key, "sts_session" if temporary else "unknown", issued[0] if issued else None)


def _claims(who: Caller, source_identity: str | None, agent: str | None) -> tuple[Claim, ...]:
    found: list[Claim] = []
    if source_identity:
        found.append(Claim(source_identity, "source_identity", "userIdentity.sessionContext.sourceIdentity"))
    if who.session_name:
        found.append(Claim(who.session_name, "session_name", who.session_name_path))
    if agent and "nhi.task/" in agent:
        found.extend(Claim(task, "user_agent", "userAgent") for task in _TASK.findall(agent))
    return tuple(found)


def _session(credential: Credential | None, session: Mapping[str, Any]) -> str | None:
    """The temporary key is the session; without one (MCP through a sign-in) the sign-in session is."""
    if credential is not None:
        return credential.id if credential.type == "sts_session" else None
    return text(session, "signInSessionArn", [])


def _event_class(document: Mapping[str, Any], action: str, call: mcp.Call | None, reads: bool | None) -> str | None:
    """The tool or method of an MCP call; reading a data event's object is reading data."""
    if call is not None:
        if call.tool is not None and action not in mcp.GATEWAY and call.action_class == "write":
            return "read" if reads else "write"  # `call_aws` may do either, and AWS's server says which it was
        return call.action_class
    return "data_read" if reads and document.get("eventCategory") == "Data" else None


def _resources(
    document: Mapping[str, Any],
    action: str,
    parameters: Mapping[str, Any],
    acted_upon: tuple[Principal, ...],
    place: Place,
    errors: list[str],
) -> tuple[str, ...] | None:
    named = list(_listed(document, errors))
    if not named and parameters:
        named = list(built(action, parameters, place))
    if action.startswith("iam:") and len(acted_upon) == 1 and acted_upon[0].id and len(named) < 2:
        # what is built of a bare name, or of none (calls about oneself), lacks the path that the target has
        arn = acted_upon[0].id.partition(":")[2].partition(":")[2]
        if not named or _without_path(named[0]) == _without_path(arn):
            named = [arn]
    return without_containers([*named, *second_objects(action, parameters, place)]) or None


def _without_path(arn: str) -> tuple[str, str]:
    return arn.partition("/")[0], arn.rpartition("/")[2]


def _issuance(
    action: str,
    parameters: Mapping[str, Any],
    response: Mapping[str, Any],
    who: Caller,
    acted_upon: tuple[Principal, ...],
    errors: list[str],
) -> Issuance | None:
    return issuance(action, parameters, response, who.principal, acted_upon[0] if acted_upon else None, errors)


def _listed(document: Mapping[str, Any], errors: list[str]) -> Iterable[str]:
    for index, entry in enumerate(items(document, "resources", errors)):
        if type(entry) is not dict:
            errors.append(f"resources.{index}")
            continue
        arn = text(entry, "ARN", errors, f"resources.{index}.") or text(entry, "arn", errors, f"resources.{index}.")
        if arn:
            yield arn
