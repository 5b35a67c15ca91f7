"""Who acted, by CloudTrail's `userIdentity`.

Field meanings: CloudTrail user guide, "CloudTrail userIdentity element"; unique id prefixes: IAM user guide, "IAM
identifiers". A role is named by its own ARN (`sessionContext.sessionIssuer.arn`), which holds the role's path; where
the event lacks it there is no id, only the unique id, because the ARN of the session has lost the path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from remit_enrichment.activity import Principal
from remit_enrichment.logsources._fields import flag, mapping, text

HUMAN_ROLE_PATH = ":role/aws-reserved/sso.amazonaws.com/"
SERVICE_ROLE_PATH = ":role/aws-service-role/"


class Caller(NamedTuple):
    """What `userIdentity` says."""

    principal: Principal | None
    session_name: str | None = None
    session_name_path: str = ""
    user_name: str | None = None
    delegator: str | None = None


def caller(event: Mapping[str, Any], errors: list[str]) -> Caller:
    """Read `userIdentity`; an event without one has no principal."""
    user = mapping(event, "userIdentity", errors)
    if not user:
        return Caller(None)
    kind = text(user, "type", errors, "userIdentity.")
    session = mapping(user, "sessionContext", errors, "userIdentity.")
    evidence = _console_evidence(event, session, errors)
    if kind == "AssumedRole" or kind == "Role":
        return _role(user, session, evidence, errors)
    if kind == "IAMUser":
        return _user(user, evidence, errors)
    if kind == "Root":
        account = text(user, "accountId", errors, "userIdentity.")
        return Caller(_root(account, text(user, "arn", errors, "userIdentity.")))
    if kind == "AWSService":
        return Caller(_service(text(user, "invokedBy", errors, "userIdentity.")))
    if kind == "FederatedUser":
        return _federated(user, session, errors)
    return _other(kind, user, errors)


def role(arn: str, unique_id: str | None = None, evidence: str | None = None, native: str | None = None) -> Principal:
    """The principal that a role ARN names; roles under the two paths that AWS reserves are people and services."""
    if HUMAN_ROLE_PATH in arn:
        kind, evidence = "human", evidence or "userIdentity.sessionContext.sessionIssuer.arn"
    else:
        kind = "platform_service" if SERVICE_ROLE_PATH in arn else "role"
    return Principal(
        f"aws:role:{arn}",
        native=native or arn,
        kind=kind,
        unique_id=unique_id,
        aliases=(unique_id,) if unique_id else (),
        human_evidence=evidence,
    )


def user(arn: str, unique_id: str | None = None, evidence: str | None = None) -> Principal:
    """The principal that an IAM user's ARN names."""
    return Principal(
        f"aws:user:{arn}",
        native=arn,
        kind="human" if evidence else "unknown",
        unique_id=unique_id,
        aliases=(unique_id,) if unique_id else (),
        human_evidence=evidence,
    )


def _console_evidence(event: Mapping[str, Any], session: Mapping[str, Any], errors: list[str]) -> str | None:
    if flag(event, "sessionCredentialFromConsole", errors):
        return "sessionCredentialFromConsole"
    if event.get("eventName") == "ConsoleLogin" and event.get("eventSource") == "signin.amazonaws.com":
        return "eventName"
    if text(session, "signInSessionArn", errors, "userIdentity.sessionContext."):
        return "userIdentity.sessionContext.signInSessionArn"
    return None


def _role(user: Mapping[str, Any], session: Mapping[str, Any], evidence: str | None, errors: list[str]) -> Caller:
    issuer = mapping(session, "sessionIssuer", errors, "userIdentity.sessionContext.")
    at = "userIdentity.sessionContext.sessionIssuer."
    arn = text(issuer, "arn", errors, at)
    native = text(user, "arn", errors, "userIdentity.")
    session_id = text(user, "principalId", errors, "userIdentity.")
    unique, _, name = (session_id or "").partition(":")
    unique_id = text(issuer, "principalId", errors, at) or unique or None
    path = "userIdentity.principalId"
    if native and ":assumed-role/" in native:
        name, path = native.rpartition("/")[2], "userIdentity.arn"
    if arn is None and native and ":role/" in native:
        arn = native  # type Role: the role itself, not a session of it
    principal = (
        role(arn, unique_id, evidence, native)
        if arn and ":role/" in arn
        else Principal(
            None,
            native=native or session_id,
            kind="role",
            unique_id=unique_id,
            aliases=(unique_id,) if unique_id else (),
            human_evidence=evidence,
        )
    )
    return Caller(principal, name or None, path, text(issuer, "userName", errors, at), _delegator(user, errors))


def _user(identity: Mapping[str, Any], evidence: str | None, errors: list[str]) -> Caller:
    arn = text(identity, "arn", errors, "userIdentity.")
    unique_id = text(identity, "principalId", errors, "userIdentity.")
    name = text(identity, "userName", errors, "userIdentity.")
    if arn and ":user/" in arn:
        return Caller(user(arn, unique_id, evidence), user_name=name)
    kind = "human" if evidence else "unknown"
    aliases = (unique_id,) if unique_id else ()
    return Caller(Principal(None, arn or unique_id or name, kind, unique_id, aliases, evidence), user_name=name)


def _root(account: str | None, arn: str | None) -> Principal:
    if account is None and arn and arn.endswith(":root"):
        account = arn.split(":")[4] or None
    return Principal(
        f"aws:root:{account}" if account else None,
        native=arn or account,
        kind="root",
        human_evidence="userIdentity.type",
    )


def _service(host: str | None) -> Principal:
    named = host is not None and "." in host and " " not in host  # `AWS Internal` names no service
    return Principal(f"aws:service:{host}" if named else None, native=host, kind="platform_service")


def _federated(identity: Mapping[str, Any], session: Mapping[str, Any], errors: list[str]) -> Caller:
    """GetFederationToken: the session acts for the user (or root) who asked for it."""
    at = "userIdentity.sessionContext.sessionIssuer."
    issuer = mapping(session, "sessionIssuer", errors, "userIdentity.sessionContext.")
    arn = text(issuer, "arn", errors, at)
    native = text(identity, "arn", errors, "userIdentity.")
    name = native.rpartition("/")[2] if native and ":federated-user/" in native else None
    if arn and ":user/" in arn:
        principal = user(arn, text(issuer, "principalId", errors, at))
    elif arn and arn.endswith(":root"):
        principal = _root(None, arn)
    else:
        principal = Principal(None, native=native)
    return Caller(principal, name, "userIdentity.arn", text(issuer, "userName", errors, at))


def _other(kind: str | None, identity: Mapping[str, Any], errors: list[str]) -> Caller:
    """People of Identity Center and of SAML, subjects of web identity providers, other accounts."""
    native = text(identity, "principalId", errors, "userIdentity.")
    delegator = _delegator(identity, errors)
    if kind == "IdentityCenterUser" or kind == "SAMLUser":
        native = delegator or native
        aliases = (native,) if native else ()
        return Caller(Principal(None, native, "human", None, aliases, "userIdentity.type"), delegator=delegator)
    aliases = (native,) if native else ()
    external = kind == "WebIdentityUser" or kind == "AWSAccount"
    unique = native.partition(":")[0] if native and kind == "AWSAccount" else None
    if native is None:
        native = text(identity, "accountId", errors, "userIdentity.")
    return Caller(
        Principal(None, native, "external" if external else "unknown", unique or None, aliases), delegator=delegator
    )


def _delegator(identity: Mapping[str, Any], errors: list[str]) -> str | None:
    """The workforce user of Identity Center on whose behalf the call was made."""
    behalf = mapping(identity, "onBehalfOf", errors, "userIdentity.")
    return text(behalf, "userId", errors, "userIdentity.onBehalfOf.")
