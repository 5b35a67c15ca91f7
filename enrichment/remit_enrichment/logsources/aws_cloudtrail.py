"""AWS CloudTrail: management, data and network activity events.

Record contents: CloudTrail user guide, "CloudTrail record contents for management, data, and network activity events".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from remit_enrichment.activity import Activity, Claim, Credential, Outcome, Principal
from remit_enrichment.logsources._aws_arns import Place, built, second_objects, without_containers
from remit_enrichment.logsources._aws_issuance import assumed, issuance
from remit_enrichment.logsources._aws_principal import Caller, caller, role, user
from remit_enrichment.logsources._fields import flag, items, mapping, reference, text
from remit_enrichment.logsources._times import iso_time

NAME = "aws.cloudtrail"
PLATFORM = "aws"
SIGMA: Mapping[str, str] = {"product": "aws", "service": "cloudtrail"}
ISSUES = (b"AssumeRole", b"GetSessionToken", b"GetFederationToken", b"CreateAccessKey")
CLAIMS = (
    "userIdentity.arn",  # only the session name at its end is the caller's
    "userIdentity.principalId",  # likewise
    "userIdentity.sessionContext.sourceIdentity",
    "userAgent",
    "requestParameters.roleSessionName",
    "requestParameters.sourceIdentity",
    "requestParameters.tags",
)

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
    outcome = _outcome(document, response, errors)
    region = text(document, "awsRegion", errors)
    own_account = text(identity, "accountId", errors, "userIdentity.")
    account = text(document, "recipientAccountId", errors) or own_account
    place = Place(_partition(identity, region), region or "", account or "")
    time, step = _time(document, errors)
    credential = _credential(identity, session, errors)
    source_identity = reference(session, "sourceIdentity", errors, "userIdentity.sessionContext.")
    agent = text(document, "userAgent", errors)
    targets = _targets(action, parameters, response, who, place, own_account, errors)
    target = targets[0] if targets else None
    minted = issuance(action, parameters, response, who.principal, target, errors) if outcome == "success" else None
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=text(document, "eventID", errors),
        time=time,
        time_step=step,
        account=account,
        principal=_insight_principal(document) or who.principal,
        invoked_by=text(identity, "invokedBy", errors, "userIdentity."),
        credential=credential,
        session=credential.id if credential and credential.type == "sts_session" else None,
        handles=(credential.id,) if credential and credential.id else (),
        claims=_claims(who, source_identity, agent),
        source_identity=source_identity,
        delegator=who.delegator,
        action=action,
        event_class=_event_class(document, errors),
        access_level=_access_level(document, errors),
        resources=_resources(document, action, parameters, target, place, errors),
        targets=targets,
        outcome=outcome,
        address=text(document, "sourceIPAddress", errors),
        region=region,
        user_agent=agent,
        issuance=minted,
        errors=tuple(dict.fromkeys(errors)),
    )


def _action(document: Mapping[str, Any], errors: list[str]) -> str:
    host = text(document, "eventSource", errors)
    name = text(document, "eventName", errors)
    if host is None or name is None:
        return "cloudtrail:Insight" if "insightDetails" in document else ""
    service = host.removesuffix(".cn").removesuffix(".amazonaws.com")
    if service.endswith(".api.aws"):
        service = service.partition(".")[0]
    if service == "lambda":
        name = _LAMBDA_DATE.sub("", name)
    return f"{service}:{name}"


def _insight_principal(document: Mapping[str, Any]) -> Principal | None:
    """An Insights event is CloudTrail's own observation; nobody called anything."""
    if document.get("eventType") != "AwsCloudTrailInsight":
        return None
    return Principal("aws:service:cloudtrail.amazonaws.com", native="cloudtrail.amazonaws.com", kind="platform_service")


def _outcome(document: Mapping[str, Any], response: Mapping[str, Any], errors: list[str]) -> Outcome:
    code = text(document, "errorCode", errors)
    if code is None:
        # sign-in events report failure only in the element of their own name (user guide, "Console sign-in events")
        name = document.get("eventName")
        failed = type(name) is str and response.get(name) == "Failure"
        return "failure" if failed else "success"
    lowered = code.lower()
    return "denied" if any(word in lowered for word in _DENIED) else "failure"


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
        return None
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


def _event_class(document: Mapping[str, Any], errors: list[str]) -> str | None:
    """Reading what a data event reads is reading data; management events state no more than read or write."""
    if document.get("eventCategory") == "Data" and flag(document, "readOnly", errors):
        return "data_read"
    return None


def _access_level(document: Mapping[str, Any], errors: list[str]) -> str | None:
    reads = flag(document, "readOnly", errors)
    return None if reads is None else "read" if reads else "write"


def _resources(
    document: Mapping[str, Any],
    action: str,
    parameters: Mapping[str, Any],
    target: Principal | None,
    place: Place,
    errors: list[str],
) -> tuple[str, ...] | None:
    listed = list(_listed(document, errors))
    if not listed:
        service = action.partition(":")[0]
        listed = list(built(service, parameters, place))
        if service == "iam" and target is not None and not listed and target.native:
            listed = [target.native]  # calls about oneself name nobody
    found = without_containers([*listed, *second_objects(action, parameters, place)])
    return found or None


def _listed(document: Mapping[str, Any], errors: list[str]) -> Iterable[str]:
    for index, entry in enumerate(items(document, "resources", errors)):
        if type(entry) is not dict:
            errors.append(f"resources.{index}")
            continue
        arn = text(entry, "ARN", errors, f"resources.{index}.") or text(entry, "arn", errors, f"resources.{index}.")
        if arn:
            yield arn


_ON_CALLER = frozenset({"iam:CreateAccessKey", "iam:ChangePassword", "iam:DeleteAccessKey", "iam:UpdateAccessKey"})


def _targets(
    action: str,
    parameters: Mapping[str, Any],
    response: Mapping[str, Any],
    who: Caller,
    place: Place,
    own_account: str | None,
    errors: list[str],
) -> tuple[Principal, ...]:
    """Identities acted upon: the IAM user or role that the request names, the role that is assumed."""
    if action.startswith("sts:Assume"):
        made = assumed(parameters, response, errors)
        return (made,) if made else ()
    if not action.startswith("iam:"):
        return ()
    me = who.principal
    at_home = own_account == place.account
    for parameter, kind, make in (("userName", "user", user), ("roleName", "role", role)):
        name = text(parameters, parameter, errors, "requestParameters.")
        if name is None:
            continue
        if me is not None and at_home and who.user_name == name and (me.id or "").startswith(f"aws:{kind}:"):
            return (me,)  # the caller's own ARN keeps the path that the bare name lacks
        created = mapping(response, kind, errors, "responseElements.")
        shown = text(created, "arn", errors, f"responseElements.{kind}.")
        path = text(parameters, "path", errors, "requestParameters.") or "/"
        arn = shown or (f"arn:{place.partition}:iam::{place.account}:{kind}{path}{name}" if place.account else None)
        return (make(arn, text(created, f"{kind}Id", errors, f"responseElements.{kind}.")),) if arn else ()
    return (me,) if me is not None and action in _ON_CALLER else ()
