"""Identities that an AWS call acts upon: the user or role that it names, makes, assumes or lets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from remit_enrichment.activity import Principal
from remit_enrichment.logsources._aws_arns import Place
from remit_enrichment.logsources._aws_event import Event
from remit_enrichment.logsources._aws_principal import Caller, role, root, user
from remit_enrichment.logsources._fields import NOTHING, mapping, text

ON_CALLER = frozenset(
    {
        "iam:ChangePassword",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:DeleteAccessKey",
        "iam:DeleteLoginProfile",
        "iam:GetUser",
        "iam:ListAccessKeys",
        "iam:UpdateAccessKey",
    }
)
"""Without a user name these act on the user who calls (IAM API reference)."""

_NAMED_BY_ARN = {
    "eks:CreateAccessEntry": "principalArn",
    "eks:AssociateAccessPolicy": "principalArn",
    "kms:CreateGrant": "granteePrincipal",
}
_TOUCHING = ("iam:", "sts:Assume", *_NAMED_BY_ARN)


def targets(
    action: str, event: Event, who: Caller, place: Place, errors: list[str], *, told: bool
) -> tuple[Principal, ...]:
    """The identities acted upon, none where the event names none.

    `told`: the event shows what was asked. CloudTrail leaves the parameters of many refused calls out, and then the
    absence of a name does not mean the caller's own.
    """
    if not action.startswith(_TOUCHING):
        return ()
    parameters, response = event.requestParameters or NOTHING, event.responseElements or NOTHING
    if action.startswith("iam:"):
        named = tuple(_of_iam(parameters, response, who, place, errors))
        me = who.principal
        implied = told and action in ON_CALLER and "userName" not in parameters
        if not named and implied and me is not None and (me.id or "").startswith("aws:user:"):
            return (me,)
        return named
    if action.startswith("sts:"):
        found = assumed(parameters, response, errors)
    else:
        found = by_arn(text(parameters, _NAMED_BY_ARN.get(action, ""), errors, "requestParameters."))
    return (found,) if found else ()


def assumed(parameters: Mapping[str, Any], response: Mapping[str, Any], errors: list[str]) -> Principal | None:
    """The role that a call assumes, with the unique id that the response shows, or the root user of an account."""
    arn = text(parameters, "roleArn", errors, "requestParameters.")
    if arn is None:
        account = text(parameters, "targetPrincipal", errors, "requestParameters.")
        return root(account, None) if account else None
    made = mapping(response, "assumedRoleUser", errors, "responseElements.")
    unique, _, _ = (text(made, "assumedRoleId", errors, "responseElements.assumedRoleUser.") or "").partition(":")
    return role(arn, unique or None) if ":role/" in arn else None


def by_arn(arn: str | None) -> Principal | None:
    """The identity that an IAM ARN names."""
    if arn is None or not arn.startswith("arn:"):
        return None
    if ":role/" in arn:
        return role(arn)
    return user(arn) if ":user/" in arn else None


def _of_iam(
    parameters: Mapping[str, Any], response: Mapping[str, Any], who: Caller, place: Place, errors: list[str]
) -> Iterator[Principal]:
    for kind, make in (("user", user), ("role", role)):
        made = mapping(response, kind, errors, "responseElements.")
        arn = text(made, "arn", errors, f"responseElements.{kind}.")
        name = text(parameters, f"{kind}Name", errors, "requestParameters.")
        if arn is None and name is not None:
            if who.principal is not None and who.is_called(kind, name, place.account):
                yield who.principal  # the caller's own ARN keeps the path that the bare name lacks
                continue
            path = text(parameters, "path", errors, "requestParameters.") or "/"
            arn = f"arn:{place.partition}:iam::{place.account}:{kind}{path}{name}" if place.account else None
        if arn is not None:
            yield make(arn, text(made, f"{kind}Id", errors, f"responseElements.{kind}."))
