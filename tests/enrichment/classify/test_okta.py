"""The Okta map, by the event types that Okta documents."""

from __future__ import annotations

import pytest

from remit_enrichment.activity import Activity
from remit_enrichment.classify import classify, okta


def class_of(event_type: str) -> str:
    name = f"okta:{event_type}"
    return classify(Activity(source="okta.system", platform="okta", event_id=None, time=None, action=name)).action_class


CLASSES = {
    "auth": """
        user.session.start user.authentication.sso policy.evaluate_sign_on app.oauth2.as.token.grant.access_token
        app.oauth2.token.grant.id_jag app.oauth2.authorize.code system.api_token.request_outside_allowed_range
    """,
    "secrets_read": """
        app.oauth2.client.read_client_secret app.oauth2.token.grant.vaulted_secret
        app.oauth2.token.grant.service_account pam.secret.reveal pam.user_creds.issue
    """,
    "data_export": "analytics.reports.export.download workflows.user.table.export",
    "read": "system.org.rate_limit.warning system.org.rate_limit.violation security.threat.detected user.risk.detect",
    "agent_admin": """
        workload_principal.register workload_principal.delegation_link.create resource_servers.mcp_server.register
        resource_servers.virtual_mcp_server.capability.add app.cross_app_access.connection.create
        workload_principal.resource_connection.update app.ai_agent_provider.import_staging.ignore
    """,
    "network_admin": "zone.update zone.deactivate network_zone.rule.disabled security.trusted_origin.create",
    "logging_admin": """
        system.log_stream.lifecycle.deactivate event_hook.deactivated security.threat.configuration.update
        security.attack_protection.settings.update
    """,
    "identity_admin": """
        system.api_token.create user.lifecycle.create user.account.privilege.grant group.user_membership.add
        group.privilege.grant iam.role.create policy.lifecycle.update policy.rule.deactivate user.mfa.factor.reset_all
        app.oauth2.credentials.lifecycle.create app.oauth2.client.privilege.grant app.oauth2.admin.consent.grant
        system.idp.lifecycle.create application.user_membership.add user.session.impersonation.grant user.session.clear
        workload_principal.ai_agent.credential.create group.lifecycle.delete
    """,
    "compute_exec": "workflows.user.delegatedflow.run",
    "delete": "workflows.user.table.delete system.brand.delete pam.server.remove",
    "write": "system.brand.create system.email.template.update",
}


@pytest.mark.parametrize(
    ("expected", "event_type"), [(c, event_type) for c, names in CLASSES.items() for event_type in names.split()]
)
def test_an_event_type_has_the_class_of_its_category(expected: str, event_type: str) -> None:
    assert class_of(event_type) == expected


def test_what_the_map_does_not_know_is_left_to_the_verb() -> None:
    assert okta.mapped("okta:system.brand.create") is None


def test_no_pattern_fits_everything() -> None:
    for names in (*okta.NARROW.values(), *okta.BROAD.values()):
        assert "*" not in names.split()
