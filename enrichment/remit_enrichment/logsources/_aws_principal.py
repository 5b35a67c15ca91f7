"""Who acted, by CloudTrail's `userIdentity`.

Unique id prefixes: IAM user guide, "IAM identifiers". A role is named by its own ARN, which holds the role's path
(`sessionContext.sessionIssuer.arn`); where the event lacks it there is no id, only the unique id: the ARN of the
session has lost the path.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from remit_enrichment.activity import Principal
from remit_enrichment.logsources._aws_event import NO_ISSUER, NO_SESSION, Event, UserIdentity

HUMAN_ROLE_PATH = ":role/aws-reserved/sso.amazonaws.com/"
SERVICE_ROLE_PATH = ":role/aws-service-role/"


class Caller(NamedTuple):
    """What `userIdentity` says."""

    principal: Principal | None = None
    session_name: str | None = None
    session_name_path: str = ""
    user_name: str | None = None
    delegator: str | None = None
    account: str | None = None

    def is_called(self, kind: str, name: str, account: str) -> bool:
        """Whether a bare user or role name in a request of that account means the caller."""
        identity = self.principal.id if self.principal else None
        return self.user_name == name and self.account == account and (identity or "").startswith(f"aws:{kind}:")


def caller(event: Event, console: bool) -> Caller:
    """Read `userIdentity`; an event without one has no principal.

    `console`: the event says that its credentials come from a console session.
    """
    identity = event.userIdentity
    if identity is None:
        return Caller()
    session = identity.sessionContext or NO_SESSION
    issuer = session.sessionIssuer or NO_ISSUER
    evidence = None
    if console:
        evidence = "sessionCredentialFromConsole"
    elif event.eventName == "ConsoleLogin" and event.eventSource == "signin.amazonaws.com":
        evidence = "eventName"
    elif session.signInSessionArn:
        evidence = "userIdentity.sessionContext.signInSessionArn"
    return _caller(
        identity.type,
        identity.arn or None,
        identity.principalId or None,
        identity.accountId or None,
        identity.userName or None,
        identity.invokedBy or None,
        issuer.arn or None,
        issuer.principalId or None,
        issuer.userName or None,
        (identity.onBehalfOf.userId or None) if identity.onBehalfOf else None,
        evidence,
    )


def by_arn(arn: str | None) -> Caller:
    """The caller where a log shows nothing but an ARN."""
    if not arn:
        return Caller()
    kind = "IAMUser" if ":user/" in arn else "Root" if arn.endswith(":root") else "AssumedRole"
    account = arn.split(":")[4] if arn.count(":") >= 5 else ""
    return _caller(kind, arn, None, account or None, None, None, None, None, None, None, None)


def role(arn: str, unique_id: str | None = None, evidence: str | None = None, native: str | None = None) -> Principal:
    """The principal that a role ARN names; roles under the two paths that AWS reserves are people and services."""
    if HUMAN_ROLE_PATH in arn:
        kind, evidence = "human", evidence or "userIdentity.sessionContext.sessionIssuer.arn"
    else:
        kind = "platform_service" if SERVICE_ROLE_PATH in arn else "role"
    return Principal(f"aws:role:{arn}", native or arn, kind, unique_id, _aliases(unique_id), evidence)


def user(arn: str, unique_id: str | None = None, evidence: str | None = None) -> Principal:
    """The principal that an IAM user's ARN names."""
    kind = "human" if evidence else "user"
    return Principal(f"aws:user:{arn}", arn, kind, unique_id, _aliases(unique_id), evidence)


def root(account: str | None, arn: str | None) -> Principal:
    """The root user of an account, by its id or its ARN."""
    if account is None and arn and arn.endswith(":root"):
        account = arn.split(":")[4] or None
    named = f"aws:root:{account}" if account else None
    return Principal(named, arn or account, "human", human_evidence="userIdentity.type")


def _aliases(handle: str | None) -> tuple[str, ...]:
    return (handle,) if handle else ()


@lru_cache(maxsize=4096)
def _caller(
    kind: str | None,
    arn: str | None,
    principal_id: str | None,
    account: str | None,
    name: str | None,
    service: str | None,
    issuer_arn: str | None,
    issuer_id: str | None,
    issuer_name: str | None,
    delegator: str | None,
    evidence: str | None,
) -> Caller:
    if kind == "AssumedRole" or kind == "Role":
        found = _role(arn, principal_id, issuer_arn, issuer_id, issuer_name, evidence)
    elif kind == "IAMUser":
        found = _user(arn, principal_id, name, evidence)
    elif kind == "Root":
        found = Caller(root(account, arn))
    elif kind == "AWSService":
        named = service is not None and "." in service and " " not in service  # `AWS Internal` names no service
        found = Caller(Principal(f"aws:service:{service}" if named else None, service, "platform_service"))
    elif kind == "FederatedUser":
        found = _federated(arn, issuer_arn, issuer_id, issuer_name)
    else:
        found = Caller(_other(kind, principal_id, account, delegator))
    return found._replace(account=account, delegator=delegator)


def _role(
    native: str | None,
    principal_id: str | None,
    arn: str | None,
    issuer_id: str | None,
    issuer_name: str | None,
    evidence: str | None,
) -> Caller:
    unique, _, session_name = (principal_id or "").partition(":")
    unique_id = issuer_id or unique or None
    path = "userIdentity.principalId"
    if native and ":assumed-role/" in native:
        session_name, path = native.rpartition("/")[2], "userIdentity.arn"
    if arn is None and native and ":role/" in native:
        arn = native  # type Role: the role itself, not a session of it
    if arn and ":role/" in arn:
        principal = role(arn, unique_id, evidence, native)
    else:
        principal = Principal(None, native or principal_id, "role", unique_id, _aliases(unique_id), evidence)
    return Caller(principal, session_name or None, path, issuer_name)


def _user(arn: str | None, unique_id: str | None, name: str | None, evidence: str | None) -> Caller:
    if arn and ":user/" in arn:
        return Caller(user(arn, unique_id, evidence), user_name=name)
    kind = "human" if evidence else "user"
    return Caller(Principal(None, arn or unique_id or name, kind, unique_id, _aliases(unique_id), evidence))


def _federated(native: str | None, issuer_arn: str | None, issuer_id: str | None, issuer_name: str | None) -> Caller:
    """GetFederationToken: the session acts for the user (or root) who asked for it."""
    session_name = native.rpartition("/")[2] if native and ":federated-user/" in native else None
    if issuer_arn and ":user/" in issuer_arn:
        principal = user(issuer_arn, issuer_id)
    elif issuer_arn and issuer_arn.endswith(":root"):
        principal = root(None, issuer_arn)
    else:
        principal = Principal(None, native)
    return Caller(principal, session_name, "userIdentity.arn", issuer_name)


def _other(kind: str | None, principal_id: str | None, account: str | None, delegator: str | None) -> Principal | None:
    """People of Identity Center and of SAML, subjects of web identity providers, other accounts."""
    if kind == "IdentityCenterUser" or kind == "SAMLUser":
        native = delegator or principal_id
        return Principal(None, native, "human", None, _aliases(native), "userIdentity.type")
    unique = principal_id.partition(":")[0] if principal_id and kind == "AWSAccount" else None
    external = kind == "WebIdentityUser" or kind == "AWSAccount"
    native = principal_id or account
    return Principal(None, native, "external" if external else "unknown", unique or None, _aliases(principal_id))


def partition_of(identity: UserIdentity, region: str | None) -> str:
    """`aws`, `aws-cn`, `aws-us-gov` ...: by the event's own ARNs, else by its region."""
    arn = identity.arn
    if arn and arn.startswith("arn:"):
        return arn.split(":", 2)[1]
    if region and region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region and region.startswith("cn-") else "aws"
