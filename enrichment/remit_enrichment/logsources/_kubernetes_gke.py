"""GKE: the audit event as Cloud Logging keeps it, brought back into the shape that the API server logs.

Google Cloud documentation, "GKE audit policy" and "AuditLog" (`protoPayload` of service `k8s.io`): the method is
`io.k8s.<group>.<version>.<resource>[.<subresource>].<verb>`, the resource `<group>/<version>/[namespaces/<namespace>/]
<resource>/<name>`, `status.code` a code of google.rpc. Credential and pod of the caller are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from remit_enrichment.logsources._fields import items, mapping, text

SERVICE = "k8s.io"
_METHOD = re.compile(r"io\.k8s\.(?:[\w-]+\.)+?v\d\w*\.(?P<resource>[\w.-]+)\.(?P<verb>[a-z]+)", re.ASCII)
_OBJECT = re.compile(
    r"[^/]+/[^/]+/(?:namespaces/(?P<namespace>[^/]+)/)?(?P<resource>[^/]+)(?:/(?P<name>[^/]+))?(?:/.*)?"
)
_DENIED = (7, 16)
"""PERMISSION_DENIED, UNAUTHENTICATED."""


def is_entry(document: Mapping[str, Any]) -> bool:
    """Say whether a document is a log entry of a cluster's API server."""
    payload = document.get("protoPayload")
    return isinstance(payload, dict) and payload.get("serviceName") == SERVICE


def cluster_of(document: Mapping[str, Any], errors: list[str]) -> str | None:
    """Return the name of the cluster."""
    resource = mapping(document, "resource", errors)
    return text(mapping(resource, "labels", errors, "resource."), "cluster_name", errors, "resource.labels.")


def as_event(document: Mapping[str, Any], errors: list[str]) -> dict[str, Any]:
    """Return the entry as an event of audit.k8s.io."""
    payload = mapping(document, "protoPayload", errors)
    caller = mapping(payload, "requestMetadata", errors, "protoPayload.")
    who = mapping(payload, "authenticationInfo", errors, "protoPayload.")
    method = _METHOD.fullmatch(text(payload, "methodName", errors, "protoPayload.") or "")
    name = _OBJECT.fullmatch(text(payload, "resourceName", errors, "protoPayload.") or "")
    resource, _, sub = method["resource"].partition(".") if method else ("", "", "")
    event: dict[str, Any] = {
        "kind": "Event",
        "auditID": document.get("insertId"),
        "verb": method["verb"] if method else None,
        "user": {"username": who["principalEmail"]} if who.get("principalEmail") else None,
        "objectRef": {"resource": resource, "subresource": sub.replace(".", "/"), **_place(resource, name)},
        "responseStatus": {"code": _code(payload, errors)},
        "sourceIPs": [caller["callerIp"]] if caller.get("callerIp") else [],
        "userAgent": caller.get("callerSuppliedUserAgent"),
        "requestReceivedTimestamp": document.get("timestamp"),
        "requestObject": payload.get("request"),
        "responseObject": payload.get("response"),
        "annotations": document.get("labels"),
    }
    return {key: value for key, value in event.items() if value is not None}


def _place(resource: str, name: re.Match[str] | None) -> dict[str, str]:
    """The namespace and name of the object; the API server logs a namespace as an object within itself."""
    if name is None:
        return {}
    own = (name["name"] or "") if name["resource"] == resource else ""
    return {"namespace": name["namespace"] or (own if resource == "namespaces" else ""), "name": own}


def _code(payload: Mapping[str, Any], errors: list[str]) -> int:
    code = mapping(payload, "status", errors, "protoPayload.").get("code")
    granted = [entry.get("granted") for entry in items(payload, "authorizationInfo", errors, "protoPayload.") if entry]
    if code in _DENIED or False in granted:
        return 403
    return 500 if code else 200
