"""Credentials that an AWS event minted: STS sessions and access keys.

Shapes: IAM user guide, "Logging IAM and AWS STS API calls with AWS CloudTrail". Session tags and the signed source
identity stand only here; later events of the session show the access key id alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit_enrichment.activity import Issuance, Principal
from remit_enrichment.logsources._aws_event import Event
from remit_enrichment.logsources._aws_targets import assumed
from remit_enrichment.logsources._fields import NOTHING, items, mapping, reference, text
from remit_enrichment.logsources._times import iso_time, java_time

ROLE_SESSIONS = frozenset(
    {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML", "sts:AssumeRoot"}
)
OWN_SESSIONS = frozenset({"sts:GetSessionToken", "sts:GetFederationToken"})
ACCESS_KEY = "iam:CreateAccessKey"
MINTING = ROLE_SESSIONS | OWN_SESSIONS | {ACCESS_KEY}


def issuance(
    action: str, event: Event, caller: Principal | None, targets: tuple[Principal, ...], errors: list[str]
) -> Issuance | None:
    """The credential that a successful call returned, None where the event shows none."""
    if action not in MINTING:
        return None
    parameters, response = event.requestParameters or NOTHING, event.responseElements or NOTHING
    if action == ACCESS_KEY:
        return _access_key(response, targets[0] if targets else None, errors)
    credentials = mapping(response, "credentials", errors, "responseElements.")
    at = "responseElements.credentials."
    key = text(credentials, "accessKeyId", errors, at)
    made = caller if action in OWN_SESSIONS else assumed(parameters, response, errors)
    if key is None or made is None:
        return None
    return Issuance(
        key,
        made,
        source_identity=reference(response, "sourceIdentity", errors, "responseElements.")
        or reference(parameters, "sourceIdentity", errors, "requestParameters."),
        session_tags=_tags(parameters, errors),
        provider=text(response, "provider", errors, "responseElements.")
        or text(response, "issuer", errors, "responseElements."),
        audience=text(response, "audience", errors, "responseElements."),
        subject=text(response, "subjectFromWebIdentityToken", errors, "responseElements.")
        or text(response, "subject", errors, "responseElements."),
        expires=_expiry(credentials, errors),
    )


def _access_key(response: Mapping[str, Any], target: Principal | None, errors: list[str]) -> Issuance | None:
    made = mapping(response, "accessKey", errors, "responseElements.")
    key = text(made, "accessKeyId", errors, "responseElements.accessKey.")
    return Issuance(key, target, long_lived=True) if key and target else None


def _tags(parameters: Mapping[str, Any], errors: list[str]) -> tuple[tuple[str, str], ...]:
    """Session tags as AssumeRole (a list of pairs) and the federated calls (an object) log them.

    A tag that an earlier session handed on cannot be replaced by the caller, so it stands last and wins.
    """
    found: dict[str, str] = {}
    for index, tag in enumerate(items(parameters, "tags", errors, "requestParameters.")):
        if type(tag) is not dict:
            errors.append(f"requestParameters.tags.{index}")
            continue
        at = f"requestParameters.tags.{index}."
        key, value = text(tag, "key", errors, at), reference(tag, "value", errors, at)
        if key and value:
            found[key] = value
    for name in ("principalTags", "incomingTransitiveTags"):
        tags = mapping(parameters, name, errors, "requestParameters.")
        for key in tags:
            if value := reference(tags, key, errors, f"requestParameters.{name}."):
                found[key] = value
    return tuple(sorted(found.items()))


def _expiry(credentials: Mapping[str, Any], errors: list[str]) -> int | None:
    value = text(credentials, "expiration", errors, "responseElements.credentials.")
    if value is None:
        return None
    iso = iso_time(value)
    return iso[0] if iso else java_time(value)
