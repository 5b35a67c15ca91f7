"""The members of an audit.k8s.io event that are read, with their types.

Kubernetes documentation: "kube-apiserver Audit Configuration (v1)".
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class User(Struct, gc=False):
    username: str | None = None
    uid: str | None = None
    extra: dict[str, Any] | None = None


class ObjectRef(Struct, gc=False):
    resource: str | None = None
    subresource: str | None = None
    namespace: str | None = None
    name: str | None = None


class Status(Struct, gc=False):
    code: int | str | None = None


class Event(Struct):
    """The members that are read."""

    auditID: str | None = None
    stage: str | None = None
    verb: str | None = None
    requestURI: str | None = None
    user: User | None = None
    impersonatedUser: dict[str, Any] | None = None
    objectRef: ObjectRef | None = None
    responseStatus: Status | None = None
    sourceIPs: list[Any] | None = None
    userAgent: str | None = None
    requestReceivedTimestamp: str | None = None
    stageTimestamp: str | None = None
    timestamp: str | None = None
    annotations: dict[str, Any] | None = None
    requestObject: dict[str, Any] | None = None
    responseObject: dict[str, Any] | None = None


NO_OBJECT = ObjectRef()
