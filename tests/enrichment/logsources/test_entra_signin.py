"""The Entra sign-in reader, on events after Microsoft's documentation of sign-ins and of Agent ID."""

from __future__ import annotations

import json
from typing import Any

import pytest

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.classify import classify
from remit_enrichment.logsources import entra_signin as entra
from remit_enrichment.logsources import recognise

TENANT = "00000000-0000-4000-8000-000000000001"
MACHINE = {"servicePrincipalId": "sp-1", "appId": "app-1", "userId": None}
PERSON = {"servicePrincipalId": "", "appId": "app-9", "userId": "user-1", "userPrincipalName": "jane@example.com"}


def event(category: str = "ServicePrincipalSignInLogs", **properties: Any) -> dict[str, Any]:
    inner = {
        "id": "request-1",
        "createdDateTime": "2026-03-05T06:00:00.1234567+00:00",
        "status": {"errorCode": 0},
        "resourceDisplayName": "Microsoft Graph",
        "resourceServicePrincipalId": "graph-1",
        "ipAddress": "203.0.113.20",
        "uniqueTokenIdentifier": "uti-1",
        **(PERSON if category in ("SignInLogs", "NonInteractiveUserSignInLogs") else MACHINE),
    }
    inner.update(properties)
    return {
        "time": "2026-03-05T06:04:00Z",
        "category": category,
        "operationName": "Sign-in activity",
        "tenantId": TENANT,
        "resultType": "0",
        "callerIpAddress": "198.51.100.7",
        "properties": {name: value for name, value in inner.items() if value is not None},
    }


def read(category: str = "ServicePrincipalSignInLogs", **properties: Any) -> Activity:
    return entra.read(event(category, **properties))


def by_user(**properties: Any) -> Activity:
    return read("NonInteractiveUserSignInLogs", **properties)


# --- the record -------------------------------------------------------------------------------------------------------


def test_a_sign_in_names_who_to_what_and_when() -> None:
    activity = read(servicePrincipalCredentialKeyId="key-1", clientCredentialType="clientSecret")

    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == ("entra:service_principal:sp-1", "app_registration")
    assert (activity.action, classify(activity).action_class) == ("entra:sign-in", "auth")
    assert activity.resources == ("entra:service_principal:graph-1",)
    assert (activity.event_id, activity.account, activity.address) == ("request-1", TENANT, "203.0.113.20")
    assert (activity.time, activity.time_step) == (1772690400123, 1)


def test_the_key_ages_and_the_token_is_the_session_and_a_broker_may_bind_either() -> None:
    activity = read(servicePrincipalCredentialKeyId="key-1", clientCredentialType="clientSecret")

    assert activity.credential is not None
    assert (activity.credential.id, activity.credential.type) == ("key-1", "secret")
    assert (activity.session, activity.handles) == ("uti-1", ("key-1", "uti-1"))


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"servicePrincipalCredentialKeyId": "k", "clientCredentialType": "certificate"}, "certificate"),
        ({"servicePrincipalCredentialKeyId": "k", "clientCredentialType": "clientAssertion"}, "unknown"),
        ({"servicePrincipalCredentialKeyId": "k"}, "unknown"),
        ({"servicePrincipalCredentialKeyId": "", "federatedCredentialId": "f"}, "oidc_federated"),
    ],
)
def test_the_type_of_a_credential_is_told_only_where_the_log_tells_it(members: dict[str, str], kind: str) -> None:
    credential = read(**members).credential

    assert credential is not None
    assert credential.type == kind


def test_an_envelope_in_lower_case_says_the_same() -> None:
    document = event()
    lower = {name.lower(): value for name, value in document.items()}

    assert entra.recognises(lower)
    assert entra.read(lower) == entra.read(document)


def test_only_the_four_sign_in_logs_are_recognised() -> None:
    for category in entra.CATEGORIES:
        assert entra.recognises(event(category))
        assert recognise(event(category), json.dumps(event(category)).encode()) is not None
    assert not entra.recognises(event("ADFSSignInLogs"))
    assert not entra.recognises(event("AuditLogs"))
    assert not entra.recognises({"category": ["SignInLogs"], "properties": {}})
    assert not entra.recognises({"category": "SignInLogs"})


# --- who --------------------------------------------------------------------------------------------------------------


def test_a_managed_identity_is_told_by_its_log() -> None:
    principal = read("ManagedIdentitySignInLogs").principal

    assert principal is not None
    assert (principal.id, principal.kind) == ("entra:service_principal:sp-1", "managed_identity")


def test_a_person_is_at_the_keyboard_only_where_the_sign_in_is_interactive() -> None:
    at_keyboard = read("SignInLogs", isInteractive=True).principal
    refreshed = by_user(isInteractive=False).principal

    assert at_keyboard is not None
    assert refreshed is not None
    assert (at_keyboard.id, at_keyboard.human_evidence) == ("entra:user:user-1", "properties.isInteractive")
    assert (refreshed.kind, refreshed.human_evidence) == ("human", None)


def test_an_agent_identity_is_flagged_and_a_blueprint_is_an_application() -> None:
    agent = read(agent={"agentType": "agenticAppInstance", "parentAppId": "b"}).principal
    blueprint = read(agent={"agentType": "agenticApp"}).principal

    assert agent is not None
    assert blueprint is not None
    assert (agent.kind, agent.platform_agent) == ("ai_agent", True)
    assert (blueprint.kind, blueprint.platform_agent) == ("app_registration", False)


@pytest.mark.parametrize("client", ["agenticAppInstance", "agentIDuser"])
def test_an_agents_user_account_is_reached_through_its_agent(client: str) -> None:
    told = {"agentType": client, "agentSubjectType": "agentIDuser", "agentSubjectParentId": "agent-1"}
    activity = by_user(agent=told)

    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == ("entra:user:user-1", "agent_user")
    assert (activity.chain, activity.delegator) == (("entra:service_principal:agent-1",), None)


def test_an_agent_that_signs_in_for_a_person_acts_itself() -> None:
    activity = by_user(appId="agent-1", agent={"agentType": "agenticAppInstance", "agentSubjectType": "notAgentic"})

    assert activity.principal is not None
    assert (activity.principal.kind, activity.principal.platform_agent) == ("ai_agent", True)
    assert activity.principal.aliases == ("agent-1", "entra:service_principal:agent-1")
    assert (activity.delegator, activity.chain) == ("user-1", ())


def test_a_person_never_becomes_the_app_that_they_used() -> None:
    assert by_user(userId=None, userPrincipalName=None).principal is None
    assert read("SignInLogs", userId=None, userPrincipalName=None).principal is None


def test_an_app_without_object_id_is_found_by_its_application_id_alone() -> None:
    principal = read(servicePrincipalId="").principal

    assert principal is not None
    assert (principal.id, principal.native, principal.aliases) == (None, "app-1", ("app-1",))


def test_a_task_named_in_the_user_agent_is_a_claim() -> None:
    activity = read(userAgent="sdk nhi.task/T1", servicePrincipalName="nhi.task/T2")

    assert activity.claims == (Claim("T1", "user_agent", "properties.userAgent"),)
    assert (activity.session, activity.handles) == ("uti-1", ("uti-1",))


# --- what -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "result", "outcome"),
    [
        ({"errorCode": 0}, "0", "success"),
        ({"errorCode": "0"}, "0", "success"),
        ({"errorCode": 53003}, "53003", "denied"),
        ({"errorCode": 7000215}, 7000215, "failure"),
        ({"errorCode": 50053}, "Failure", "failure"),
        ({"errorCode": 0}, "Failure", "success"),
        (None, 50126, "failure"),
        (None, "53003", "denied"),
        (None, "Success", "success"),
        ({}, None, "success"),
    ],
)
def test_the_error_code_decides_and_the_envelope_only_where_there_is_none(
    status: dict[str, Any] | None, result: int | str | None, outcome: str
) -> None:
    document = event(status=status)

    assert entra.read({**document, "resultType": result}).outcome == outcome


def test_a_resource_without_object_id_goes_by_the_name_that_the_log_shows() -> None:
    assert read(resourceServicePrincipalId="").resources == ("Microsoft Graph",)
    assert read(resourceServicePrincipalId="", resourceDisplayName=None).resources is None


# --- hostile ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("junk", [7, "x", [], {}, [[None]], True])
@pytest.mark.parametrize("category", sorted(entra.CATEGORIES))
def test_no_value_of_any_member_makes_the_reader_fail(category: str, junk: Any) -> None:
    document = event(category)
    for name in document:
        assert isinstance(entra.read({**document, name: junk}), Activity)
    for name in (*document["properties"], "agent", "userAgent", "federatedCredentialId", "isInteractive"):
        assert isinstance(read(category, **{name: junk}), Activity)
    for name in ("agentType", "agentSubjectType", "agentSubjectParentId"):
        assert isinstance(read(category, agent={"agentType": "agentIDuser", name: junk}), Activity)


def test_a_wrong_type_is_unknown_and_named() -> None:
    activity = read(servicePrincipalId={"id": "x"}, appId=None, resourceServicePrincipalId=["x"], status=7)

    assert activity.principal is None
    assert activity.resources == ("Microsoft Graph",)
    assert set(activity.errors) == {
        "properties.servicePrincipalId",
        "properties.resourceServicePrincipalId",
        "properties.status",
    }
