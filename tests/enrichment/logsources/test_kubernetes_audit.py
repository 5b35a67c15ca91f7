"""The Kubernetes audit reader, on events after the documentation of audit.k8s.io and of GKE's audit logs."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.classify import classify
from remit_enrichment.logsources import kubernetes_audit as kubernetes
from remit_enrichment.readers.unwrap import unwrap

AGENT = "system:serviceaccount:shop:agent"
EXTRA = {
    "authentication.kubernetes.io/credential-id": ["JTI=1"],
    "authentication.kubernetes.io/pod-name": ["agent-0"],
    "authentication.kubernetes.io/pod-uid": ["pod-1"],
    "authentication.kubernetes.io/node-name": ["node-1"],
}


def event(request: str = "get pods", name: str | None = "web-0", who: str = AGENT, **members: Any) -> dict[str, Any]:
    """A raw event; `request` is verb and resource, with a subresource after a slash."""
    verb, _, resource = request.partition(" ")
    resource, _, sub = resource.partition("/")
    object_ = {"resource": resource, "subresource": sub, "namespace": "shop", "name": name, "apiVersion": "v1"}
    document: dict[str, Any] = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": "a1",
        "stage": "ResponseComplete",
        "verb": verb,
        "user": {"username": who, "uid": "uid-1", "groups": ["system:authenticated"], "extra": copy.deepcopy(EXTRA)},
        "sourceIPs": ["203.0.113.9", "10.0.0.7"],
        "userAgent": "kubectl/v1.34.0",
        "objectRef": {key: value for key, value in object_.items() if value},
        "responseStatus": {"code": 200},
        "requestReceivedTimestamp": "2026-04-12T10:00:00.123456Z",
        "stageTimestamp": "2026-04-12T10:00:00.200000Z",
    }
    return {key: value for key, value in (document | members).items() if value is not None}


def read(request: str = "get pods", name: str | None = "web-0", **members: Any) -> Activity:
    return kubernetes.read(event(request, name, **members))


# --- who --------------------------------------------------------------------------------------------------------------


def test_a_service_account_acts_with_the_credential_of_its_pod() -> None:
    activity = read()

    assert activity.principal is not None
    assert activity.principal.id == "kubernetes:service_account:shop:agent"
    assert (activity.principal.kind, activity.principal.unique_id) == ("service_account", "uid-1")
    assert activity.credential is not None
    assert (activity.credential.id, activity.credential.type) == ("JTI=1", "k8s_bound_token")
    assert (activity.session, activity.handles, activity.holder) == ("JTI=1", ("JTI=1",), "pod-1@node-1")
    assert activity.errors == ()


@pytest.mark.parametrize(
    ("name", "expected", "kind"),
    [
        ("jane@example.com", "user:jane@example.com", "human"),
        ("kubernetes-admin", "user:kubernetes-admin", "human"),
        ("system:node:ip-10-0-0-7", "node:ip-10-0-0-7", "platform_service"),
        ("system:kube-scheduler", "user:system:kube-scheduler", "platform_service"),
        ("system:apiserver", "user:system:apiserver", "platform_service"),
        ("eks:addon-manager", "user:eks:addon-manager", "platform_service"),
        ("system:anonymous", "user:system:anonymous", "unknown"),
        ("system:admin", "user:system:admin", "unknown"),
        ("system:serviceaccount:shop", "user:system:serviceaccount:shop", "unknown"),
        ("system:serviceaccount:shop:a:b", "user:system:serviceaccount:shop:a:b", "unknown"),
        ("robot@project.iam.gserviceaccount.com", "user:robot@project.iam.gserviceaccount.com", "service_account"),
    ],
)
def test_a_user_name_tells_what_kind_it_is(name: str, expected: str, kind: str) -> None:
    principal = read(who=name).principal

    assert principal is not None
    assert (principal.id, principal.kind) == (f"kubernetes:{expected}", kind)
    assert principal.human_evidence is None


def test_who_authenticated_acts_and_whom_the_request_asks_to_be_is_the_target() -> None:
    extra = {kubernetes.CREDENTIAL: ["JTI=other"], kubernetes.POD: ["pod-9"]}
    activity = read("list pods", impersonatedUser={"username": "system:admin", "extra": extra})

    assert activity.principal is not None
    assert activity.principal.id == "kubernetes:service_account:shop:agent"
    assert [target.id for target in activity.targets] == ["kubernetes:user:system:admin"]
    assert (activity.action, classify(activity).action_class) == ("k8s:list:pods", "identity_admin")
    assert (activity.handles, activity.holder) == (("JTI=1",), "pod-1@node-1")


def test_what_is_no_bound_token_has_no_holder() -> None:
    certificate = read(user={"username": "ci", "extra": {kubernetes.CREDENTIAL: ["X509SHA256=9f"]}})
    assert certificate.credential is not None
    assert (certificate.credential.type, certificate.session, certificate.holder) == ("certificate", None, None)

    legacy = read(user={"username": AGENT}, annotations={kubernetes.LEGACY: AGENT})
    assert legacy.credential is not None
    assert (legacy.credential.id, legacy.credential.type) == (None, "k8s_legacy_token")

    assert read(user={"username": AGENT}).credential is None


def test_without_user_there_is_no_principal() -> None:
    assert read(user=None).principal is None


def test_the_role_behind_an_eks_user_is_another_name_of_it() -> None:
    extra = {"canonicalArn": ["arn:aws:iam::111122223333:role/ops"], "sessionName": ["T1"]}
    activity = read(user={"username": "ops", "uid": "aws-iam-authenticator:1:AROA", "extra": extra})

    assert activity.principal is not None
    assert activity.principal.aliases == ("aws-iam-authenticator:1:AROA", "arn:aws:iam::111122223333:role/ops")
    assert activity.claims == ()


# --- what -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "name", "members", "action", "resources"),
    [
        ("get pods", "web-0", {}, "k8s:get:pods", ("shop/pods/web-0",)),
        ("create pods/exec", "web-0", {}, "k8s:create:pods/exec", ("shop/pods/web-0",)),
        ("list pods", None, {}, "k8s:list:pods", ("shop/pods",)),
        ("list secrets", None, {"objectRef": {"resource": "secrets"}}, "k8s:list:secrets", ("secrets",)),
        ("get", None, {"objectRef": None, "requestURI": "/version?timeout=9s"}, "k8s:get:/version", None),
        ("get", None, {"objectRef": None, "verb": None}, "k8s:unknown", None),
    ],
)
def test_names_of_actions_and_resources(
    request_: str, name: str | None, members: dict[str, Any], action: str, resources: Any
) -> None:
    activity = read(request_, name, **members)

    assert (activity.action, activity.resources) == (action, resources)


CLASSES = {
    "discovery": "list pods, watch endpointslices, create selfsubjectaccessreviews",
    "read": "get pods, get deployments, get clusterroles",
    "data_read": "get configmaps, get pods/log",
    "secrets_read": "get secrets, list secrets, watch secrets",
    "auth": "create tokenreviews",
    "write": "create secrets, patch nodes/status, update configmaps, create pods/binding, patch deployments/scale",
    "delete": "delete pods, deletecollection configmaps, create pods/eviction, delete deployments",
    "identity_admin": """
        create clusterrolebindings, delete rolebindings, patch roles, escalate clusterroles, bind roles,
        approve signers, create serviceaccounts, create serviceaccounts/token,
        update certificatesigningrequests/approval
    """,
    "network_admin": "create networkpolicies, delete networkpolicies, update ingresses",
    "logging_admin": "delete validatingwebhookconfigurations, patch mutatingwebhookconfigurations, delete events",
    "compute_exec": """
        create pods/exec, get pods/exec, get pods/attach, create pods, patch deployments, update cronjobs, create jobs,
        get nodes/proxy, patch pods/ephemeralcontainers
    """,
}


@pytest.mark.parametrize(
    ("expected", "request_"), [(found, one.strip()) for found, all_ in CLASSES.items() for one in all_.split(",")]
)
def test_a_request_has_the_class_of_its_verb_and_resource(expected: str, request_: str) -> None:
    assert classify(read(request_)).action_class == expected


SERVICES = [("LoadBalancer", "network_admin"), ("NodePort", "network_admin"), ("ClusterIP", "write")]


@pytest.mark.parametrize(("type_", "expected"), SERVICES)
def test_a_service_that_opens_a_port_to_the_outside_is_told_by_its_type(type_: str, expected: str) -> None:
    assert classify(read("create services", requestObject={"spec": {"type": type_}})).action_class == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"responseStatus": {"code": 201}}, "success"),
        ({"responseStatus": {"code": 101}}, "success"),
        ({"responseStatus": {"code": 403}}, "denied"),
        ({"responseStatus": {"code": 401}}, "denied"),
        ({"responseStatus": {"code": "409"}}, "failure"),
        ({"responseStatus": {"code": 200}, "annotations": {kubernetes.DECISION: "forbid"}}, "denied"),
        ({"responseStatus": None, "stage": "RequestReceived"}, "success"),
    ],
)
def test_what_was_refused_or_failed(members: dict[str, Any], expected: str) -> None:
    assert read(**members).outcome == expected


@pytest.mark.parametrize(
    ("stage", "acts"),
    [("RequestReceived", False), ("ResponseStarted", False), ("ResponseComplete", True), ("Panic", True), (None, True)],
)
def test_only_the_last_stage_of_a_request_counts(stage: str | None, acts: bool) -> None:
    activity = read(stage=stage)

    assert activity.acts is acts
    assert activity.event_id == (f"a1-{stage}" if stage else "a1")


# --- tokens -----------------------------------------------------------------------------------------------------------


def requested(**members: Any) -> Activity:
    return read(
        "create serviceaccounts/token",
        "other",
        **{"annotations": {kubernetes.ISSUED: "JTI=2"}, "responseStatus": {"code": 201}, **members},
    )


def test_a_token_request_tells_whose_token_it_returned() -> None:
    issuance = requested(requestObject={"spec": {"expirationSeconds": 3600}}).issuance

    assert issuance is not None
    assert issuance.credential_id == "JTI=2"
    assert issuance.principal.id == "kubernetes:service_account:shop:other"
    assert (issuance.long_lived, issuance.expires) == (False, 1775991600123)


def test_what_the_server_granted_wins_over_what_was_asked() -> None:
    status = {"status": {"expirationTimestamp": "2026-04-12T11:30:00Z"}}
    issuance = requested(requestObject={"spec": {"expirationSeconds": 60}}, responseObject=status).issuance

    assert issuance is not None
    assert issuance.expires == 1775993400000


def test_a_service_account_that_is_made_is_a_target_and_one_that_is_read_is_not() -> None:
    made = read("create serviceaccounts", "other")

    assert [target.id for target in made.targets] == ["kubernetes:service_account:shop:other"]
    assert made.issuance is None
    assert read("get serviceaccounts", "other").targets == ()


def test_a_refused_or_unfinished_request_returns_no_token() -> None:
    assert requested(responseStatus={"code": 403}).issuance is None
    assert requested(stage="ResponseStarted").issuance is None
    assert requested(annotations={}).issuance is None
    assert any(needle in kubernetes.ISSUED.encode() for needle in kubernetes.ISSUES)


# --- when, where, in which shape --------------------------------------------------------------------------------------


def test_only_the_last_address_is_the_connections() -> None:
    assert read().address == "10.0.0.7"
    assert read(sourceIPs=[]).address is None
    assert read(sourceIPs=["10.0.0.7", {"x": 1}]).errors == ("sourceIPs",)


def test_the_time_is_when_the_request_came() -> None:
    assert read().time == 1775988000123
    assert read(requestReceivedTimestamp=None).time == 1775988000200
    assert read(requestReceivedTimestamp="2026-04-12 10:00:00.123").time == 1775988000123


def test_a_user_agent_may_name_a_task_and_nothing_more() -> None:
    assert read(userAgent="kubectl nhi.task/T1").claims == (Claim("T1", "user_agent", "userAgent"),)


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "Event", "apiVersion": "v1", "verb": "x", "user": {}},
        {"kind": "Event", "apiVersion": "events.k8s.io/v1", "reason": "Pulled"},
        {"kind": "Event", "reason": "Pulled", "involvedObject": {}},
        {"kind": "Pod", "apiVersion": "audit.k8s.io/v1"},
        {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": []},
        {"protoPayload": {"serviceName": "container.googleapis.com"}},
    ],
)
def test_other_events_are_not_taken(document: dict[str, Any]) -> None:
    assert not kubernetes.recognises(document)


def test_a_wrong_type_is_an_unknown_value_and_noted() -> None:
    activity = read(user={"username": ["x"], "uid": "u"}, verb=7, annotations=[])

    assert activity.principal is None
    assert set(activity.errors) == {"user.username", "verb", "annotations"}


def test_the_event_in_an_aks_diagnostic_record_is_opened() -> None:
    wrapper = {"category": "kube-audit", "properties": {"log": json.dumps(event()), "pod": "kube-apiserver-0"}}
    inner, closed = unwrap(wrapper)

    assert closed is None
    assert kubernetes.read(inner) == read()


# --- GKE --------------------------------------------------------------------------------------------------------------


POD = "core/v1/namespaces/shop/pods/web-0"


def entry(method: str = "core.v1.pods.create", name: str = POD, **payload: Any) -> Activity:
    document = {
        "insertId": "i1",
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "timestamp": "2026-04-12T10:00:00.123456Z",
        "resource": {"type": "k8s_cluster", "labels": {"cluster_name": "prod", "project_id": "p"}},
        "labels": {kubernetes.DECISION: "allow"},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "serviceName": "k8s.io",
            "methodName": f"io.k8s.{method}",
            "resourceName": name,
            "authenticationInfo": {"principalEmail": AGENT},
            "requestMetadata": {"callerIp": "10.0.0.7", "callerSuppliedUserAgent": "kubectl nhi.task/T1"},
            "status": {},
        }
        | payload,
    }
    assert kubernetes.recognises(document)
    return kubernetes.read(document)


def test_an_entry_of_gke_tells_the_same_and_the_cluster() -> None:
    activity = entry()

    assert activity.principal is not None
    assert activity.principal.id == "kubernetes:service_account:prod/shop:agent"
    assert activity.principal.aliases == ("kubernetes:service_account:shop:agent",)
    assert (activity.action, activity.resources) == ("k8s:create:pods", ("shop/pods/web-0",))
    assert (activity.account, activity.event_id, activity.time) == ("prod", "i1", 1775988000123)
    assert (activity.address, activity.claims) == ("10.0.0.7", (Claim("T1", "user_agent", "userAgent"),))
    assert activity.acts


@pytest.mark.parametrize(
    ("method", "name", "action", "resources"),
    [
        ("core.v1.pods.exec.create", f"{POD}/exec", "k8s:create:pods/exec", "shop/pods/web-0"),
        ("core.v1.secrets.list", "core/v1/namespaces/shop/secrets", "k8s:list:secrets", "shop/secrets"),
        ("core.v1.secrets.list", "core/v1/secrets", "k8s:list:secrets", "secrets"),
        ("core.v1.namespaces.delete", "core/v1/namespaces/shop", "k8s:delete:namespaces", "shop/namespaces/shop"),
        (
            "authorization.rbac.v1.clusterroles.update",
            "rbac.authorization.k8s.io/v1/clusterroles/x",
            "k8s:update:clusterroles",
            "clusterroles/x",
        ),
    ],
)
def test_methods_and_names_of_gke(method: str, name: str, action: str, resources: str) -> None:
    activity = entry(method, name)

    assert (activity.action, activity.resources) == (action, (resources,))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"status": {"code": 7}}, "denied"),
        ({"authorizationInfo": [{"granted": False}]}, "denied"),
        ({"status": {"code": 10}}, "failure"),
        ({"status": {"code": 0}}, "success"),
    ],
)
def test_outcomes_of_gke(payload: dict[str, Any], expected: str) -> None:
    assert entry(**payload).outcome == expected
