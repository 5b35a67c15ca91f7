"""The Entra map, by the activities that Microsoft documents."""

from __future__ import annotations

import pytest

from remit_enrichment.activity import Activity
from remit_enrichment.classify import classify, entra
from remit_enrichment.judgement import Classified


def classified(activity: str, level: str | None = None, event_class: str | None = None) -> Classified:
    return classify(
        Activity(
            source="entra.audit",
            platform="entra",
            event_id=None,
            time=None,
            action=f"entra:{activity}",
            access_level=level,
            event_class=event_class,
        )
    )


CLASSES = {
    "auth": ["sign-in", "Exchange token", "Issue an access token to the application", "Verify phone number"],
    "secrets_read": [
        "Recover device local administrator password",
        "Reveal local administrator password",
        "Read BitLocker key",
    ],
    "data_export": ["Download users - finished (bulk)", "Download role assignments - finished (bulk)"],
    "logging_admin": ["Disable PIM alert", "DismissUser", "Update Enriched Audit Logs Settings"],
    "network_admin": ["Create Filtering Policy", "Update Forwarding Profile", "Enable application proxy"],
    "read": ["Get tenant details", "Group_Get", "GroupsODataV4_Get", "User_GetMemberOf", "Retrieve V2 applications"],
    "identity_admin": [
        "Add user",
        "Delete user",
        "Hard Delete user",
        "Invite external user",
        "Reset password (by admin)",
        "Add service principal",
        "Add service principal credentials",
        "Update application – Certificates and secrets management ",
        "Consent to application",
        "Add delegated permission grant",
        "Add app role assignment to service principal",
        "Remove member from group",
        "Group_AddMember",
        "Add eligible member to role in PIM completed (timebound)",
        "Add conditional access policy",
        "Update named location",
        "Verify domain",
        "Set federation settings on domain",
        "Add a partner to cross-tenant access setting",
        "Delete Identity Provider",
        "User registered security info",
        "Approve access package assignment request",
        "Update authorization policy",
    ],
    "delete": ["Delete device", "Unregister device", "Delete contact", "Hard Delete agreement", "Device_Delete"],
    "write": ["Register device", "Add registered owner to device", "Set group license", "Update company settings"],
}


@pytest.mark.parametrize(("expected", "activity"), [(found, name) for found in CLASSES for name in CLASSES[found]])
def test_the_map_agrees_with_the_definition_of_the_class(expected: str, activity: str) -> None:
    found = classified(activity)

    assert (found.action_class, found.source) == (expected, "map")


def test_the_spelling_of_an_activity_does_not_change_its_class() -> None:
    for activity in ("ADD MEMBER TO ROLE", " Add member to role ", "add member to role"):
        assert classified(activity).action_class == "identity_admin"
    assert classified(" Read BitLocker key ").action_class == "secrets_read"


def test_what_the_event_says_of_an_agent_comes_before_the_map() -> None:
    found = classified("Add service principal", event_class="agent_admin")

    assert (found.action_class, found.source) == ("agent_admin", "event")


def test_an_unknown_activity_that_changes_something_is_a_write_however_harmless_its_verb() -> None:
    assert classified("List of greetings").action_class == "discovery"
    assert classified("List of greetings", level="write").action_class == "write"


def test_a_change_of_rights_keeps_its_level_though_the_event_calls_it_a_write() -> None:
    assert classified("Add member to role", level="write").access_level == "permissions"
    assert classified("Register device", level="write").access_level == "write"
    assert classified("Read BitLocker key").access_level == "read"


def test_the_map_is_silent_on_the_names_of_azures_other_logs() -> None:
    assert entra.mapped("azure:Microsoft.Compute/virtualMachines/delete") is None
    assert entra.mapped("graph:GET:/users/{id}") is None
