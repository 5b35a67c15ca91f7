"""The GitHub map, by the actions that GitHub documents."""

from __future__ import annotations

import pytest

from remit_enrichment.activity import Activity
from remit_enrichment.classify import classify, github


def class_of(action: str) -> str:
    activity = Activity(source="github.audit", platform="github", event_id=None, time=None, action=f"github:{action}")
    return classify(activity).action_class


CLASSES = {
    "auth": "user.login org.sso_response business.recovery_code_used",
    "secrets_read": "org.recovery_codes_viewed user.two_factor_recovery_codes_downloaded",
    "data_export": "org.audit_log_export migration.download repo.transfer_outgoing",
    "data_read": "git.clone repo.download_zip",
    "read": "git.fetch workflows.completed_workflow_run",
    "agent_admin": "copilot.swe_agent_mcp_config_updated copilot.custom_instructions_updated",
    "billing": "billing.budget_update payment_method.remove copilot.cfb_seat_added",
    "compute_exec": "workflows.rerun_workflow_run org.register_self_hosted_runner codespaces.create",
    "network_admin": "ip_allow_list.disable ip_allow_list_entry.create repo.access repo.pages_public",
    "logging_admin": """
        audit_log_streaming.destroy org.secret_scanning_push_protection_disable repo.codeql_disabled
        protected_branch.destroy repository_ruleset.update repo.advanced_security_disabled dependabot_alerts.disable
        secret_scanning_alert.resolve secret_scanning_push_protection.bypass environment.remove_protection_rule
    """,
    "identity_admin": """
        org.update_member org.invite_member team.add_member repo.add_member organization_role.assign business.add_admin
        personal_access_token.access_granted oauth_application.create integration_installation.create public_key.create
        org.disable_saml org.disable_two_factor_requirement repo.set_default_workflow_permissions user.promote
        org_credential_authorization.grant org.remove_outside_collaborator
    """,
    "delete": """
        repo.destroy org.delete packages.package_version_deleted environment.delete workflows.delete_workflow_run
        issue.destroy repo.remove_actions_secret codespaces.destroy
    """,
    "write": """
        git.push pull_request.merge repo.create hook.create issue_comment.update org.create_actions_secret
        protected_branch.rejected_ref_update secret_scanning_alert.create environment.create
    """,
}


@pytest.mark.parametrize(
    ("expected", "action"), [(c, action) for c, names in CLASSES.items() for action in names.split()]
)
def test_an_action_has_the_class_of_its_category(expected: str, action: str) -> None:
    assert class_of(action) == expected


def test_what_the_map_does_not_know_is_left_to_the_verb() -> None:
    assert github.mapped("github:pull_request.create") is None


def test_names_of_the_hand_map_are_no_patterns_that_fit_everything() -> None:
    for names in github.BY_HAND.values():
        assert "*" not in names.split()
