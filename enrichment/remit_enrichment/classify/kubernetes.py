"""Classes of requests to a Kubernetes API server: what the verb does, by hand where the resource says more.

Verbs: Kubernetes documentation, "Determine the request verb" and "Special verbs". A request is
`k8s:<verb>:<resource>[/<subresource>]`; one for a path (`/healthz`) has the path in the resource's place.
"""

from __future__ import annotations

from collections.abc import Mapping

from remit_enrichment.classify._platform import Mapped

VERBS: Mapping[str, str] = {
    **dict.fromkeys(("list", "watch", "watchlist", "options"), "discovery"),
    **dict.fromkeys(("get", "head", "proxy"), "read"),
    **dict.fromkeys(("create", "update", "patch", "apply", "post", "put", "connect"), "write"),
    **dict.fromkeys(("delete", "deletecollection"), "delete"),
    **dict.fromkeys(("bind", "escalate", "impersonate", "approve", "sign", "attest"), "identity_admin"),
}
ALWAYS: Mapping[str, str] = {
    **dict.fromkeys(
        ("pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "nodes/proxy"), "compute_exec"
    ),
    "serviceaccounts/token": "identity_admin",
    "tokenreviews": "auth",
    **dict.fromkeys(
        (
            "selfsubjectreviews",
            "selfsubjectaccessreviews",
            "selfsubjectrulesreviews",
            "subjectaccessreviews",
            "localsubjectaccessreviews",
        ),
        "discovery",
    ),
    "pods/eviction": "delete",
}
"""Whatever the verb: a shell is opened by `get` as well as by `create`, and a review is created in order to be read."""
READS: Mapping[str, str] = {
    "get:configmaps": "data_read",
    **{f"{verb}:pods/log": "data_read" for verb in ("get", "watch")},
    **{f"{verb}:secrets": "secrets_read" for verb in ("get", "list", "watch", "watchlist")},
}
"""A list of secrets holds the secrets."""
CHANGES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "roles",
            "clusterroles",
            "rolebindings",
            "clusterrolebindings",
            "serviceaccounts",
            "certificatesigningrequests",
            "certificatesigningrequests/approval",
            "certificatesigningrequests/status",
        ),
        "identity_admin",
    ),
    **dict.fromkeys(
        (
            "networkpolicies",
            "adminnetworkpolicies",
            "baselineadminnetworkpolicies",
            "globalnetworkpolicies",
            "ciliumnetworkpolicies",
            "ciliumclusterwidenetworkpolicies",
            "ingresses",
            "gateways",
            "httproutes",
        ),
        "network_admin",
    ),
    **dict.fromkeys(
        (
            "validatingwebhookconfigurations",
            "mutatingwebhookconfigurations",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "podsecuritypolicies",
            "auditsinks",
        ),
        "logging_admin",
    ),
}
"""Creating, changing and removing alike."""
RUNS = frozenset(
    {
        "pods",
        "deployments",
        "daemonsets",
        "statefulsets",
        "replicasets",
        "replicationcontrollers",
        "jobs",
        "cronjobs",
        "podtemplates",
    }
)
"""Whoever writes one decides what runs in the cluster."""


def mapped(name: str) -> Mapped | None:
    """What the map knows of a request; None where it does not know the verb."""
    _, _, request = name.partition(":")
    verb, _, resource = request.partition(":")
    found = _class(verb, resource)
    return Mapped(found, None) if found is not None else None


def _class(verb: str, resource: str) -> str | None:
    if resource in ALWAYS:
        return ALWAYS[resource]
    by_verb = VERBS.get(verb)
    if by_verb in ("discovery", "read"):
        return READS.get(f"{verb}:{resource}", by_verb)
    if by_verb in ("write", "delete"):
        if resource in CHANGES:
            return CHANGES[resource]
        if by_verb == "write" and resource in RUNS:
            return "compute_exec"
        if by_verb == "delete" and resource == "events":
            return "logging_admin"
    return by_verb
