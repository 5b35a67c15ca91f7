"""Classes of GitHub actions, by hand: an action is `<category>.<operation>`, and the category says most.

Vocabulary: GitHub documentation, "Audit log events for your enterprise", "... for your organization", "Security log
events". Patterns speak of the action as GitHub logs it; the first class whose pattern fits wins, so narrow ones stand
above the ones that would swallow them.
"""

from __future__ import annotations

from collections.abc import Mapping

from remit_enrichment.classify._platform import Mapped, compiled

BY_HAND: Mapping[str, str] = {
    "auth": """
        user.login user.failed_login user.logout user.two_factor_challenge_* user.two_factor_requested
        user.two_factor_recover user.device_verification_* user.sign_in_from_* user.correct_password_*
        user.new_device_used user_session.* *.sso_response *.recovery_code_used *.recovery_code_failed
        two_factor_authentication.*_sms
    """,
    "secrets_read": """
        *recovery_codes_viewed *recovery_codes_downloaded *recovery_codes_printed *recovery_codes_generated
    """,
    "data_export": """
        *.audit_log_export *.audit_log_git_event_export *.security_center_export_* *.connect_usage_metrics_export
        migration.create migration.download repo.transfer_start repo.transfer_outgoing
    """,
    "data_read": "git.clone repo.download_zip",
    "read": """
        git.fetch audit_log_streaming.check secret_scanning_scan.completed workflows.completed_workflow_run
        *_limit_warning *_limit_reached repository_limit.*
    """,
    "agent_admin": """
        copilot.swe_agent_* copilot.custom_instructions_* copilot.content_exclusion_changed copilot.knowledge_base_*
        copilot.code_review_repository_settings_updated copilot.*_settings_changed copilot.*enablement_changed
        mcp_registry.*
    """,
    "billing": """
        billing.* billing_customer.* payment_method.* metered_billing_configuration.* account.* copilot.cfb_seat_*
        copilot.plan_* *.*_metered_usage_* business.github_models_billing_* business.change_seats_plan_type
        business.*_trial sponsors.* enterprise_team.copilot_*
    """,
    "compute_exec": """
        workflows.created_workflow_run workflows.prepared_workflow_job workflows.rerun_workflow_run
        workflows.approve_workflow_job prebuild_configuration.run_triggered *.register_self_hosted_runner
        *.configure_self_hosted_jit_runner github_hosted_runner.create custom_hosted_runner.create premium_runner.create
        codespaces.create codespaces.start_environment codespaces.connect sandbox.create sandbox.resume
    """,
    "write": """
        protected_branch.rejected_ref_update secret_scanning_alert.assign secret_scanning_alert.unassign
        secret_scanning_alert.create secret_scanning_alert.validate secret_scanning_alert.report
        secret_scanning_alert.public_leak *secret_scanning*_request.create *secret_scanning*_request.cancel
        *secret_scanning*_request.deny
    """,
    "network_admin": """
        ip_allow_list* network_configuration.* repo.access gist.visibility_change project.visibility_public
        repository_visibility_change.* members_can_create_public_pages.* repo.pages_public repo.pages_cname
        private_repository_forking.enable *disable_anonymous_git_access *enable_anonymous_git_access
        business.proxy_security_header_* sandbox.add_port sandbox.remove_port
    """,
    "logging_admin": """
        audit_log_streaming.* *.enable_source_ip_disclosure *.disable_source_ip_disclosure checks.delete_logs
        *secret_scanning* *advanced_security* *secret_protection* *code_security* *code_scanning*_disabled
        *code_scanning*_enabled *code_scanning*_deleted *code_scanning*_update *codeql_*
        code_scanning.alert_closed_by_user code_scanning.alert_closure_approved dependabot_alerts*
        business_dependabot_alerts* *.dependabot_alerts_*
        dependabot_security_updates* dependabot_closure_request.approve dependency_graph* repository_dependency_graph*
        repository_security_updates.* repository_malware_alerts.* repository_vulnerability_alert.dismiss
        repository_vulnerability_alerts* vulnerability_alert_rule.* private_vulnerability_reporting*
        repository_content_analysis.* security_configuration* repository_security_configuration.* protected_branch.*
        repository_branch_protection_evaluation.* repository_ruleset.* required_status_check.*
        *members_can_update_protected_branches.* environment.*_protection_rule workflows.bypass_protection_rules
    """,
    "identity_admin": """
        *member *_member *.add_admin *.remove_admin *.invite_* *.cancel_*invitation *billing_manager
        *outside_collaborator *security_manager *manager_added *manager_removed *support_entitlee *moderators.*
        business.add_organization business.remove_organization team.* team_group_mapping.* team_sync_tenant.*
        enterprise_team.* organization_role.* enterprise_role.* role.* external_group.* external_identity.*
        *.revoke_external_identity *.revoke_sso_session *_saml *_saml_* *_oidc *_open_scim sso_* *two_factor*
        *default_repository_permission *.update_member_repository_* *member_team_creation_permission
        business.clear_members_can_create_repos *.set_default_workflow_permissions
        *.set_workflow_permission_can_approve_pr *actions_access_settings *workflows_policy *pr_approvals_policy
        *.update_actions_settings *.clear_actions_settings *personal_access_token* oauth_* *oauth_app_*
        *third_party_access_requests* integration.* integration_installation* enterprise_installation.*
        org_credential_authorization.* public_key.* git_signing_ssh_public_key.* gpg_key.* ssh_certificate_* passkey.*
        security_key.* trusted_device.* social_identity.* account_recovery_token.* successor_invitation.*
        sandbox.generate_token staff.* repository_invitation.* repo.temporary_access_granted repo.staff_unlock
        repo.override_unlock project_collaborator.* project*base_role.* project.update_*_permission
        *trusted_repo* codespaces.allow_permissions *codespaces_*access_* dependabot_repository_access.*
        *organization_domain.* enterprise_domain.* *.block_user *.unblock_user user.promote user.demote user.create
        user.recreate user.suspend user.unsuspend user.delete user.destroy user.async_delete user.add_email
        user.remove_email user.change_password user.reset_password user.forgot_password user_email.*
        copilot.*access_* org.transfer* org.accept_business_invitation org.confirm_business_invitation *admin_role
    """,
    "delete": """
        *.destroy *.destroy_* *.delete *.delete_* *.async_delete *_deleted *.remove *.remove_* *_destroy *_remove
        *_delete
    """,
}


PREFIX = "github:"
_PATTERNS = compiled(BY_HAND)


def mapped(name: str) -> Mapped | None:
    """What the map knows of a GitHub action; None where no pattern fits."""
    action = name.removeprefix(PREFIX)
    return next((Mapped(found, None) for found, pattern in _PATTERNS if pattern.fullmatch(action)), None)
