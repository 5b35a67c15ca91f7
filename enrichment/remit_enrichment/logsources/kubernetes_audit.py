"""Kubernetes audit events (audit.k8s.io), as the API server writes them and as AKS and GKE hand them on.

Kubernetes documentation: "kube-apiserver Audit Configuration (v1)" (`user` is who authenticated, `impersonatedUser` is
whom the request asks to be; all of `sourceIPs` but the last is the caller's word, and so is `userAgent`), "Auditing"
(stages), "Managing Service Accounts" (credential and pod in `user.extra`, the issued credential in the annotations),
"Audit Annotations", "Using RBAC Authorization" (names with `system:` are the cluster's own).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit_enrichment.activity import Activity, Credential, Issuance, Outcome, Principal
from remit_enrichment.logsources import _kubernetes_gke as gke
from remit_enrichment.logsources._claims import in_user_agent
from remit_enrichment.logsources._fields import NOTHING, mapping, noted, text, typed
from remit_enrichment.logsources._kubernetes_event import NO_OBJECT, Event, ObjectRef, User
from remit_enrichment.logsources._times import iso_time

NAME = "kubernetes.audit"
PLATFORM = "kubernetes"
SIGMA: Mapping[str, str] = {"category": "application", "product": "kubernetes", "service": "audit"}
ISSUES = (b"issued-credential-id",)
CLAIMS = ("userAgent", "requestObject.metadata.labels", "requestObject.metadata.annotations")

CREDENTIAL = "authentication.kubernetes.io/credential-id"
ISSUED = "authentication.kubernetes.io/issued-credential-id"
LEGACY = "authentication.k8s.io/legacy-token"
DECISION = "authorization.k8s.io/decision"
POD = "authentication.kubernetes.io/pod-uid"
NODE = "authentication.kubernetes.io/node-name"


_BESIDE = ("objectRef", "user", "responseStatus", "auditID", "requestURI")
_FINAL = (None, "", "ResponseComplete", "Panic")
_CHANGING = ("create", "update", "patch", "delete")
_PUBLIC = ("LoadBalancer", "NodePort")


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for the audit API's group or a cluster's entry in Cloud Logging."""
    return line.find(b"audit.k8s.io", 0, 65536) >= 0 or line.find(b'"k8s.io"', 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """An `Event` of the audit API, or GKE's entry of one.

    The events that `kubectl get events` shows are another kind of the same name. Some collectors drop the API version:
    a verb with one of the members that only an audit event has stands in.
    """
    if document.get("kind") != "Event":
        return gke.is_entry(document)
    version = document.get("apiVersion")
    if isinstance(version, str) and version:
        return version.startswith("audit.k8s.io/")
    return "verb" in document and any(key in document for key in _BESIDE)


def read(document: Mapping[str, Any]) -> Activity:
    """Read one event. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    cluster = None
    if document.get("kind") != "Event":
        cluster = gke.cluster_of(document, errors)
        document = gke.as_event(document, errors)
    event = typed(document, Event, errors)
    object_ = event.objectRef or NO_OBJECT
    subject = _subject(event, object_)
    principal = _principal(event.user, cluster) if event.user else None
    credential = _credential(event, errors)
    key = credential.id if credential else None
    time = _time(event, errors)
    outcome = _outcome(event)
    acted_upon = _targets(event, object_, cluster, errors)
    final = event.stage in _FINAL
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=_event_id(event),
        time=time,
        time_step=1,
        account=cluster,
        principal=principal,
        credential=credential,
        session=key if key and key.startswith("JTI=") else None,
        handles=(key,) if key else (),
        claims=in_user_agent(event.userAgent, "userAgent"),
        action=":".join(("k8s", event.verb or "unknown", *((subject,) if subject else ()))),
        event_class=_event_class(event, object_, errors),
        resources=_resources(object_),
        targets=acted_upon,
        outcome=outcome,
        acts=final,
        address=_address(event.sourceIPs, errors),
        user_agent=event.userAgent or None,
        issuance=_issuance(event, acted_upon, time, errors) if final and outcome == "success" else None,
        holder=_holder(event.user) if event.user else None,
        errors=noted(errors),
    )


# --- who --------------------------------------------------------------------------------------------------------------


def _principal(user: User, cluster: str | None) -> Principal | None:
    """Whoever authenticated. Names with `system:` are the cluster's own; all others count as people's, so a machine
    that comes with a certificate has to be registered."""
    name = user.username
    if not name:
        return None
    kind, qualified = _named(name)
    aliases = tuple(alias for alias in (user.uid, _extra(user, "canonicalArn")) if alias)
    unique = (user.uid or None) if kind == "service_account" else None
    if cluster is None:
        return Principal(f"kubernetes:{qualified}", name, kind, unique, aliases)
    whose, _, own = qualified.partition(":")
    return Principal(f"kubernetes:{whose}:{cluster}/{own}", name, kind, unique, (*aliases, f"kubernetes:{qualified}"))


def _named(name: str) -> tuple[str, str]:
    """(kind, `type:native id`) of a user name.

    Kubelets, the control plane and what EKS runs of its own (`eks:`, which its access entries refuse to others) are the
    platform.
    """
    parts = name.split(":")
    if name.startswith("system:serviceaccount:") and len(parts) == 4 and all(parts):
        return "service_account", f"service_account:{parts[2]}:{parts[3]}"
    if name.startswith("system:node:") and len(parts) == 3 and parts[2]:
        return "platform_service", f"node:{parts[2]}"
    if name.startswith(("system:kube-", "eks:")) or name == "system:apiserver":
        return "platform_service", f"user:{name}"
    if name.startswith("system:"):
        return "unknown", f"user:{name}"
    return "service_account" if name.endswith(".gserviceaccount.com") else "human", f"user:{name}"


def _extra(user: User, key: str) -> str | None:
    """The first value of an extra; they are lists of text."""
    value = (user.extra or NOTHING).get(key)
    first = value[0] if type(value) is list and value else value
    return first if type(first) is str and first else None


def _credential(event: Event, errors: list[str]) -> Credential | None:
    key = _extra(event.user, CREDENTIAL) if event.user else None
    if key is not None and event.user is not None:
        bound = _extra(event.user, POD) is not None
        return Credential(key, "certificate" if key.startswith("X509") else "k8s_bound_token" if bound else "jwt")
    legacy = text(event.annotations or NOTHING, LEGACY, errors, "annotations.")
    return Credential(None, "k8s_legacy_token") if legacy else None


def _holder(user: User) -> str | None:
    """The pod and node for which the token was issued, as the API server checked them."""
    pod = _extra(user, POD)
    return f"{pod}@{_extra(user, NODE) or ''}" if pod else None


# --- what -------------------------------------------------------------------------------------------------------------


def _subject(event: Event, object_: ObjectRef) -> str:
    if object_.resource:
        return f"{object_.resource}/{object_.subresource}" if object_.subresource else object_.resource
    return (event.requestURI or "").partition("?")[0]


def _resources(object_: ObjectRef) -> tuple[str, ...] | None:
    if not object_.resource:
        return None
    return ("/".join(part for part in (object_.namespace, object_.resource, object_.name) if part),)


def _event_class(event: Event, object_: ObjectRef, errors: list[str]) -> str | None:
    """To be somebody else is a matter of rights, whatever is then done; a service may open a port to the outside."""
    if event.impersonatedUser is not None:
        return "identity_admin"
    if object_.resource == "services" and event.verb in _CHANGING and event.requestObject:
        spec = mapping(event.requestObject, "spec", errors, "requestObject.")
        return "network_admin" if spec.get("type") in _PUBLIC else None
    return None


def _targets(event: Event, object_: ObjectRef, cluster: str | None, errors: list[str]) -> tuple[Principal, ...]:
    """Whom the request asks to be, and the service account that it makes, changes, removes or gets a token for."""
    names = []
    if event.impersonatedUser is not None:
        names.append(text(event.impersonatedUser, "username", errors, "impersonatedUser."))
    if object_.resource == "serviceaccounts" and event.verb in _CHANGING and object_.namespace and object_.name:
        names.append(f"system:serviceaccount:{object_.namespace}:{object_.name}")
    found = (_principal(User(username=name), cluster) for name in names if name)
    return tuple(principal for principal in found if principal is not None)


def _issuance(event: Event, acted_upon: tuple[Principal, ...], time: int | None, errors: list[str]) -> Issuance | None:
    """The token that a TokenRequest returned."""
    key = text(event.annotations or NOTHING, ISSUED, errors, "annotations.")
    if key is None or not acted_upon:
        return None
    status = mapping(event.responseObject or NOTHING, "status", errors, "responseObject.")
    stated = text(status, "expirationTimestamp", errors, "responseObject.status.")
    expires = iso_time(stated) if stated else None
    spec = mapping(event.requestObject or NOTHING, "spec", errors, "requestObject.")
    seconds = spec.get("expirationSeconds")
    asked = time + seconds * 1000 if time is not None and type(seconds) is int else None
    return Issuance(key, acted_upon[-1], expires=expires[0] if expires else asked)


def _outcome(event: Event) -> Outcome:
    """Before the response there is no code: only a refusal is known then."""
    code = event.responseStatus.code if event.responseStatus else None
    status = int(code) if code is not None and str(code).isdecimal() else 0
    if status in (401, 403) or (event.annotations or NOTHING).get(DECISION) == "forbid":
        return "denied"
    return "failure" if status >= 400 else "success"


# --- when and where ---------------------------------------------------------------------------------------------------


def _event_id(event: Event) -> str | None:
    if not event.auditID:
        return None
    return f"{event.auditID}-{event.stage}" if event.stage else event.auditID


def _time(event: Event, errors: list[str]) -> int | None:
    """When the request came; `timestamp` is what v1beta1 had."""
    for path in ("requestReceivedTimestamp", "stageTimestamp", "timestamp"):
        value = getattr(event, path)
        parsed = iso_time(value) if value else None
        if parsed is not None:
            return parsed[0]
        if value:
            errors.append(path)
    return None


def _address(addresses: list[Any] | None, errors: list[str]) -> str | None:
    """The last address is the connection's; those before it are headers that the caller wrote."""
    last = addresses[-1] if addresses else None
    if last is not None and type(last) is not str:
        errors.append("sourceIPs")
        return None
    return last or None
