"""The Entra audit reader, on events after Microsoft's documentation of the audit log and of Agent ID."""

from __future__ import annotations

import json
from typing import Any

import pytest

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.classify import classify
from remit_enrichment.enricher import Enricher
from remit_enrichment.ledger import Ledger
from remit_enrichment.logsources import entra_audit as entra
from remit_enrichment.logsources import recognise
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.registry.model import Identity
from remit_enrichment.store import MemoryStore

TENANT = "00000000-0000-4000-8000-000000000001"
OLD, NEW, NEWER = (f"00000000-0000-4000-8000-00000000070{n}" for n in range(3))
APP = {"appId": "app-1", "displayName": "ci", "servicePrincipalId": "sp-1"}
PERSON = {"id": "user-1", "userPrincipalName": "jane@example.com", "ipAddress": "192.0.2.7"}


def event(activity: str = "Add member to group", **properties: Any) -> dict[str, Any]:
    inner = {
        "id": "Directory_1",
        "activityDateTime": "2026-03-02T08:00:01.1234567+00:00",
        "activityDisplayName": activity,
        "operationType": "Assign",
        "result": "success",
        "initiatedBy": {"app": APP},
        "targetResources": [{"id": "user-2", "type": "User"}, {"id": "group-1", "type": "Group"}],
        "additionalDetails": [],
    }
    inner.update(properties)
    return {
        "time": "2026-03-02T08:00:09Z",
        "resourceId": f"/tenants/{TENANT}/providers/Microsoft.aadiam",
        "operationName": activity,
        "category": "AuditLogs",
        "tenantId": TENANT,
        "callerIpAddress": "198.51.100.7",
        "properties": {name: value for name, value in inner.items() if value is not None},
    }


def read(activity: str = "Add member to group", **properties: Any) -> Activity:
    return entra.read(event(activity, **properties))


def by(**initiator: Any) -> Activity:
    return read(initiatedBy=initiator)


def target(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": name, **more}


def key(name: str, display: str = "ci") -> str:
    return f"[KeyIdentifier={name},KeyType=Password,KeyUsage=Verify,DisplayName={display}]"


def keys(before: list[str], after: list[str]) -> dict[str, Any]:
    return {"displayName": "KeyDescription", "oldValue": json.dumps(before), "newValue": json.dumps(after)}


def adding(before: list[str], after: list[str], kind: str = "ServicePrincipal", **more: Any) -> Activity:
    owner = target(kind, "sp-9", modifiedProperties=[keys(before, after)])
    return read("Add service principal credentials", targetResources=[owner], **more)


def minted(activity: Activity) -> list[str]:
    found = [activity.issuance] if activity.issuance else []
    return [issuance.credential_id for issuance in (*found, *activity.further_issuances)]


# --- the record -------------------------------------------------------------------------------------------------------


def test_an_event_names_actor_targets_tenant_and_time() -> None:
    activity = read()

    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == ("entra:service_principal:sp-1", "app_registration")
    assert activity.principal.aliases == ("app-1",)
    assert activity.action == "entra:Add member to group"
    assert activity.resources == ("entra:user:user-2", "Group:group-1")
    assert [found.id for found in activity.targets] == ["entra:user:user-2"]
    assert (activity.event_id, activity.account, activity.address) == ("Directory_1", TENANT, "198.51.100.7")
    assert (activity.time, activity.time_step) == (1772438401123, 1)


def test_the_time_of_the_envelope_counts_where_the_activity_has_none_but_not_where_it_is_unreadable() -> None:
    assert read(activityDateTime=None).time == 1772438409000
    unreadable = read(activityDateTime="soon")
    assert (unreadable.time, unreadable.errors) == (None, ("properties.activityDateTime",))


def test_an_envelope_in_lower_case_says_the_same() -> None:
    document = event()
    lower = {name.lower(): value for name, value in document.items()}

    assert entra.recognises(lower)
    assert entra.read(lower) == entra.read(document)


def test_of_two_spellings_of_a_member_azures_own_counts() -> None:
    assert entra.read({"tenantid": "another", **event()}).account == TENANT
    assert entra.read({**event(), "tenantid": "another"}).account == TENANT


def test_only_directory_audits_are_recognised() -> None:
    intune = {"category": "AuditLogs", "properties": {"ActivityDate": "x"}, "resourceId": None}

    assert entra.recognises(event())
    assert entra.recognises({**event(), "category": "ApplicationManagement"})
    assert entra.recognises({**event(), "properties": "broken"})
    assert not entra.recognises(intune)
    assert not entra.recognises({"properties": {"activityDisplayName": "x"}})
    assert not entra.recognises({**event(), "category": "SignInLogs", "properties": {"userId": "u"}})


def test_the_sniff_finds_its_own_records_and_recognition_decides() -> None:
    raw = json.dumps(event()).encode()

    assert entra.looks_like(raw)
    assert recognise(event(), raw) is not None
    assert recognise(event(), b"") is not None


# --- who --------------------------------------------------------------------------------------------------------------


def test_a_person_is_named_by_object_id_and_gives_no_evidence_of_sitting_there() -> None:
    activity = by(user=PERSON)

    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == ("entra:user:user-1", "human")
    assert activity.principal.human_evidence is None
    assert activity.address == "192.0.2.7"


def test_an_app_acts_wherever_one_is_named_and_the_person_is_whom_it_acts_for() -> None:
    activity = by(user=PERSON, app=APP)

    assert activity.principal is not None
    assert (activity.principal.id, activity.delegator) == ("entra:service_principal:sp-1", "user-1")
    assert by(user=PERSON, app={"displayName": "x", "appId": None}).delegator is None


def test_an_app_without_object_id_is_found_by_its_application_id_alone() -> None:
    principal = by(app={"appId": "app-1", "servicePrincipalId": ""}).principal

    assert principal is not None
    assert (principal.id, principal.native, principal.aliases) == (None, "app-1", ("app-1",))


def test_the_text_for_no_address_is_no_address() -> None:
    activity = by(user={**PERSON, "ipAddress": "<null>"})

    assert activity.address == "198.51.100.7"


@pytest.mark.parametrize("initiator", [{}, {"app": {"displayName": "Microsoft Azure AD Internal"}}, {"user": {}}])
def test_a_display_name_names_nobody(initiator: dict[str, Any]) -> None:
    assert by(**initiator).principal is None


@pytest.mark.parametrize(
    ("agent_type", "kind", "flagged"),
    [
        ("notAgentic", "app_registration", False),
        ("agenticApp", "app_registration", False),
        ("agentIdentityBlueprintPrincipal", "app_registration", False),
        ("agenticAppInstance", "ai_agent", True),
        ("somethingOfNextYear", "ai_agent", True),
    ],
)
def test_the_platform_says_which_service_principals_are_agents(agent_type: str, kind: str, flagged: bool) -> None:
    principal = by(app={**APP, "agentType": agent_type}).principal

    assert principal is not None
    assert (principal.kind, principal.platform_agent) == (kind, flagged)


def test_an_agents_user_account_is_no_person() -> None:
    principal = by(user={**PERSON, "agentType": "agentIDuser"}).principal

    assert principal is not None
    assert (principal.id, principal.kind, principal.platform_agent) == ("entra:user:user-1", "agent_user", True)


def test_an_agent_that_performs_for_a_person_acts_and_one_that_is_a_blueprint_does_not() -> None:
    performing = read(initiatedBy={"user": PERSON}, performedBy={"agentType": "agenticAppInstance", "appId": "agent-1"})
    blueprint = read(initiatedBy={"user": PERSON}, performedBy={"agentType": "agenticApp", "appId": "agent-1"})

    assert performing.principal is not None
    assert blueprint.principal is not None
    assert (performing.principal.kind, performing.delegator) == ("ai_agent", "user-1")
    assert performing.principal.aliases == ("agent-1", "entra:service_principal:agent-1")
    assert (blueprint.principal.id, blueprint.delegator) == ("entra:user:user-1", None)


def test_an_agents_user_account_acts_itself_though_its_agent_performs() -> None:
    account = {**PERSON, "agentType": "agentIDuser"}
    activity = read(initiatedBy={"user": account}, performedBy={"agentType": "agenticAppInstance", "appId": "agent-1"})

    assert activity.principal is not None
    assert (activity.principal.id, activity.delegator) == ("entra:user:user-1", None)


def test_the_kind_of_an_unregistered_agent_is_the_platforms_word() -> None:
    for initiator, kind in (
        ({"user": {**PERSON, "agentType": "agentIDuser"}}, "agent_user"),
        ({"app": {**APP, "agentType": "agenticAppInstance"}}, "ai_agent"),
    ):
        document = event(initiatedBy=initiator)
        tags = Enricher(Registry.of(), MemoryStore()).enrich(document, raw=json.dumps(document).encode()).tags

        assert (tags["identity"]["kind"], tags["identity"]["is_agent"]) == (kind, True)


def test_a_service_principal_that_a_machine_made_gets_no_time_to_learn() -> None:
    made = Identity(id="entra:service_principal:sp-9", kind="app_registration")
    create = event("Add service principal", targetResources=[target("ServicePrincipal", "sp-9")])
    first = event("Update device", id="Directory_2", initiatedBy={"app": {"servicePrincipalId": "sp-9"}})

    def sights(*documents: dict[str, Any]) -> bool:
        enricher = Enricher(Registry.of(made), MemoryStore())
        found = [enricher.enrich(document, raw=json.dumps(document).encode()) for document in documents]
        return "first_seen" in found[-1].tags

    assert sights(create, first)
    assert not sights(first)


def test_a_task_named_in_the_user_agent_is_a_claim() -> None:
    detail = {"key": "User-Agent", "value": "sdk nhi.task/T1"}
    activity = read(additionalDetails=[{"key": "x", "value": "nhi.task/T2"}, detail])

    assert activity.claims == (Claim("T1", "user_agent", "properties.additionalDetails.1.value"),)
    assert read(userAgent="nhi.task/T3").claims == (Claim("T3", "user_agent", "properties.userAgent"),)
    assert activity.handles == ()


# --- what -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "outcome"),
    [("success", "success"), ("Failure", "failure"), ("failed", "failure"), ("timeout", "failure"), (None, "success")],
)
def test_the_outcome_is_the_result_and_no_text_for_people(result: str | None, outcome: str) -> None:
    assert read(result=result, resultReason="Insufficient privileges").outcome == outcome


def test_an_unknown_result_hides_nothing_and_is_noted() -> None:
    activity = read(result="unknownFutureValue")

    assert (activity.outcome, activity.errors) == ("success", ("properties.result",))


@pytest.mark.parametrize(
    ("activity", "kind", "agent_type", "expected"),
    [
        ("Add application", "Application", "agenticApp", "agent_admin"),
        ("Add service principal", "ServicePrincipal", "agenticAppInstance", "agent_admin"),
        ("Delete application", "Application", "agenticApp", "agent_admin"),
        ("Add user", "User", "agentIDuser", "agent_admin"),
        ("Add service principal", "ServicePrincipal", "notAgentic", "identity_admin"),
        ("Add app role assignment to service principal", "ServicePrincipal", "agenticAppInstance", "identity_admin"),
        ("Add service principal credentials", "ServicePrincipal", "agenticAppInstance", "identity_admin"),
    ],
)
def test_to_make_change_or_remove_an_agent_is_agent_admin(
    activity: str, kind: str, agent_type: str, expected: str
) -> None:
    found = read(activity, targetResources=[target(kind, "x", agentType=agent_type)])

    assert classify(found).action_class == expected


def test_an_operation_that_says_it_updates_is_no_read() -> None:
    assert classify(read("Get going", operationType="Update")).action_class == "write"
    assert classify(read("Get going", operationType="Other")).action_class == "read"


# --- what it minted ---------------------------------------------------------------------------------------------------


def test_a_key_that_was_not_there_before_is_an_issuance_that_lives_long() -> None:
    activity = adding([key(OLD)], [key(OLD), key(NEW)])

    assert activity.issuance is not None
    assert (activity.issuance.credential_id, activity.issuance.long_lived) == (NEW, True)
    assert activity.issuance.principal.id == "entra:service_principal:sp-9"
    assert minted(adding([], [key(NEW)], kind="Application")) == [NEW]


def test_each_of_several_new_keys_has_its_lineage() -> None:
    activity = adding([], [key(NEW), key(NEWER)])
    ledger = Ledger(MemoryStore())
    ledger.learn(activity)

    assert minted(activity) == [NEW, NEWER]
    assert activity.time is not None
    for name in (NEW, NEWER):
        (found,) = ledger.lineage("entra", name, activity.time)
        assert found.minter.id == "entra:service_principal:sp-1"


def test_a_display_name_can_neither_name_another_key_nor_hide_its_own() -> None:
    lying = key(NEW, display=f"x],[KeyIdentifier={OLD},KeyType=Password")

    assert minted(adding([], [lying])) == [NEW]
    assert minted(adding([key(OLD, display=f"[KeyIdentifier={NEW},")], [key(OLD), key(NEW)])) == [NEW]


def test_nothing_is_minted_by_a_failure_a_removal_or_text_that_names_no_key() -> None:
    assert minted(adding([], [key(NEW)], result="failure")) == []
    assert minted(adding([key(OLD), key(NEW)], [key(NEW)])) == []
    assert minted(adding([], ["Client secret for the API", f"renamed {key(NEW)}"])) == []
    assert minted(adding([], [key("not-an-id")])) == []
    assert minted(adding([], [key(NEW)], kind="User")) == []


def test_the_line_of_an_issuance_holds_a_needle() -> None:
    owner = target("ServicePrincipal", "sp-9", modifiedProperties=[keys([], [key(NEW)])])
    raw = json.dumps(event("Add service principal credentials", targetResources=[owner])).encode()

    assert any(needle in raw for needle in entra.ISSUES)


# --- hostile ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("junk", [7, "x", [], {}, [[None]], True, [{}], {"app": 7, "user": []}])
def test_no_value_of_any_member_makes_the_reader_fail(junk: Any) -> None:
    document = event()
    for name in document:
        assert isinstance(entra.read({**document, name: junk}), Activity)
    for name in (*document["properties"], "performedBy", "userAgent"):
        assert isinstance(read(**{name: junk}), Activity)
    for name in ("id", "type", "agentType", "modifiedProperties"):
        assert isinstance(read(targetResources=[{**target("ServicePrincipal", "x"), name: junk}]), Activity)
    for name in ("displayName", "oldValue", "newValue"):
        changed = {**keys([], [key(NEW)]), name: junk}
        owner = target("ServicePrincipal", "x", modifiedProperties=[changed, junk])
        assert isinstance(read(targetResources=[owner]), Activity)


def test_a_wrong_type_is_unknown_and_named() -> None:
    activity = read(initiatedBy={"user": {"id": ["a"]}}, targetResources=[7, target("User", "u", agentType=7)])

    assert activity.principal is None
    assert activity.resources == ("entra:user:u",)
    assert set(activity.errors) == {
        "properties.initiatedBy.user.id",
        "properties.targetResources.0",
        "properties.targetResources.1.agentType",
    }


def test_text_that_is_deep_or_no_json_mints_nothing() -> None:
    deep = {"displayName": "KeyDescription", "oldValue": "{", "newValue": "[" * 100_000}
    owner = target("ServicePrincipal", "x", modifiedProperties=[deep])

    assert minted(read(targetResources=[owner])) == []
