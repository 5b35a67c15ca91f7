"""The members of a CloudTrail record that are read, with their types.

CloudTrail user guide: "CloudTrail record contents for management, data, and network activity events" and "CloudTrail
userIdentity element".
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

Parameters = dict[str, Any]


class SessionIssuer(Struct, gc=False):
    """Who lent a session its rights: the role, or the user who asked for the session."""

    arn: str | None = None
    principalId: str | None = None
    userName: str | None = None


class Attributes(Struct, gc=False):
    creationDate: str | None = None


class SessionContext(Struct, gc=False):
    sessionIssuer: SessionIssuer | None = None
    attributes: Attributes | None = None
    sourceIdentity: str | int | float | None = None
    signInSessionArn: str | None = None


class OnBehalfOf(Struct, gc=False):
    """The workforce user of Identity Center for whom a call is made."""

    userId: str | None = None


class UserIdentity(Struct, gc=False):
    type: str | None = None
    principalId: str | None = None
    arn: str | None = None
    accountId: str | None = None
    accessKeyId: str | None = None
    userName: str | None = None
    invokedBy: str | None = None
    credentialId: str | None = None
    sessionContext: SessionContext | None = None
    onBehalfOf: OnBehalfOf | None = None


class Event(Struct):
    eventSource: str | None = None
    eventName: str | None = None
    eventTime: str | None = None
    eventID: str | None = None
    eventType: str | None = None
    eventCategory: str | None = None
    awsRegion: str | None = None
    recipientAccountId: str | None = None
    sourceIPAddress: str | None = None
    userAgent: str | None = None
    errorCode: str | None = None
    readOnly: bool | str | None = None
    sessionCredentialFromConsole: bool | str | None = None
    userIdentity: UserIdentity | None = None
    requestParameters: Parameters | None = None
    responseElements: Parameters | None = None
    additionalEventData: Parameters | None = None
    mcpEventDetails: Parameters | None = None
    resources: list[Any] | None = None


NOBODY = UserIdentity()
NO_SESSION = SessionContext()
NO_ISSUER = SessionIssuer()
