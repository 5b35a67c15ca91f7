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
    account: str | None = None

    def is_called(self, kind: str, name: str, account: str) -> bool:
        """Whether a bare user or role name in a request of that account means the caller."""
        identity = self.principal.id if self.principal else None
        return self.user_name == name and self.account == account and (identity or "").startswith(f"aws:{kind}:")


def caller(event: Mapping[str, Any], errors: list[str]) -> Caller:
    """Read `userIdentity`; an event without one has no principal."""
    identity = mapping(event, "userIdentity", errors)
    if not identity:
        return Caller(None)
    kind = text(identity, "type", errors, "userIdentity.")
    account = text(identity, "accountId", errors, "userIdentity.")
    session = mapping(identity, "sessionContext", errors, "userIdentity.")
    if kind == "AssumedRole" or kind == "Role":
        found = _role(identity, session, _console_evidence(event, session, errors), errors)
    elif kind == "IAMUser":
        found = _user(identity, _console_evidence(event, session, errors), errors)
    elif kind == "Root":
        found = Caller(root(account, text(identity, "arn", errors, "userIdentity.")))
    elif kind == "AWSService":
        found = Caller(_service(text(identity, "invokedBy", errors, "userIdentity.")))
    elif kind == "FederatedUser":
        found = _federated(identity, session, errors)
    else:
        found = _other(kind, account, identity, errors)
    return found._replace(account=account)


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
        kind="human" if evidence else "user",
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
    kind = "human" if evidence else "user"
    aliases = (unique_id,) if unique_id else ()
    return Caller(Principal(None, arn or unique_id or name, kind, unique_id, aliases, evidence), user_name=name)


def root(account: str | None, arn: str | None) -> Principal:
    """The root user of an account, by its id or its ARN."""
    if account is None and arn and arn.endswith(":root"):
        account = arn.split(":")[4] or None
    return Principal(
        f"aws:root:{account}" if account else None,
        native=arn or account,
        kind="human",
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
        principal = root(None, arn)
    else:
        principal = Principal(None, native=native)
    return Caller(principal, name, "userIdentity.arn", text(issuer, "userName", errors, at))


def _other(kind: str | None, account: str | None, identity: Mapping[str, Any], errors: list[str]) -> Caller:
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
    return Caller(
        Principal(None, native or account, "external" if external else "unknown", unique or None, aliases),
        delegator=delegator,
    )


def _delegator(identity: Mapping[str, Any], errors: list[str]) -> str | None:
    """The workforce user of Identity Center on whose behalf the call was made."""
    behalf = mapping(identity, "onBehalfOf", errors, "userIdentity.")
    return text(behalf, "userId", errors, "userIdentity.onBehalfOf.")
