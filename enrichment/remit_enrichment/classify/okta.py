"""Classes of Okta event types, by hand: most of what Okta logs signs somebody in or changes an identity.

Vocabulary: Okta developer documentation, "Event types". Patterns are compared without case; the first class that fits
wins, so narrow ones stand above the ones that would swallow them.
"""

from __future__ import annotations

from collections.abc import Mapping

from remit_enrichment.classify._platform import Mapped, compiled

NARROW: Mapping[str, str] = {
    "secrets_read": """
        *.read_client_secret *.vaulted_secret *.token.grant.service_account *.reveal pam.*creds.issue
        application.user_membership.show_password pam.auth_token.issue pam.resource.checkout
        device.desktop_mfa.recovery_pin.generate
    """,
    "identity_admin": """
        user.session.impersonation.* user.session.clear user.authentication.universal_logout*
    """,
    "agent_admin": """
        workload_principal.register workload_principal.update workload_principal.activate workload_principal.deactivate
        workload_principal.delete workload_principal.delegation_link.* workload_principal.resource_connection.*
        workload_principal.sign_on_provider.* resource_servers.* app.ai_agent_provider.* app.cross_app_access.*
    """,
    "auth": """
        user.authentication.* user.session.* user.device_session.* user.identity_verification* policy.evaluate_sign_on
        policy.auth_reevaluate.* policy.continuous_access.* policy.entity_risk.* user.mfa.okta_verify*
        user.mfa.attempt_bypass user.account.lock* user.account.use_token user.account.unlock_token
        user.account.unlock_failure app.oauth2.*token* app.oauth2.*authorize* app.oauth2.*interact*
        app.oauth2.as.evaluate.claim app.oauth2.signon app.oauth2.invalid_client_credentials app.kerberos_rich_client.*
        app.inbound_del_auth.* app.generic.unauth_app_access_attempt system.push.* system.sms.* system.voice.*
        system.email.*.sent_message system.email.send_* system.email.challenge_factor_redeemed
        system.iwa_agentless.auth* system.iwa_agentless.redirect system.iwa_agentless.user.not_found system.ldapi.bind
        system.ldapi.unbind device.*.authentication app.ad.credential.verify pam.credential_verification.*
        pam.server.ssh_login system.oauth2.token.request_outside_allowed_range
        system.api_token.request_outside_allowed_range application.policy.sign_on.deny_access
        application.integration.authentication_failure
    """,
    "data_export": """
        analytics.reports.export.* *.streamDevicesCSVDownload workflows.user.*.export personal.user.app_migration.export
    """,
    "read": """
        *rate_limit.warning *rate_limit.violation *rate_limit.notification *rate_limit.burst *rate_limit_warning
        *.limit.violation *_limit.violation *_limit.warning *_limit_exceeded *.rate_limit_exceeded *.expiration.warning
        *.expiration.warn security.threat.detected security.attack.* security.request.blocked security.session.detect_*
        security.breached_credential.* security.protected_action.attempt user.risk.* *.view support.org.view
        core.el.evaluate *.verify_exists system.agent.ad.read_* system.agent.ad.*.verify system.ldapi.search
        pam.security_policy.evaluate system.email.delivery system.email.bounce.* event_hook.delivery
        inline_hook.executed inline_hook.response.processed group.user_membership.rule.evaluation
        system.directory.debugger.query_executed *crl_download_failure
    """,
    "logging_admin": """
        system.log_stream.* security.threat.configuration.update security.attack_protection.* security.behavior.*
        security.session_protection.* security.protected_action.settings.* security.events.provider.*
        security.events.transmitter.* event_hook.* workflows.user.execution_log_stream_connection.*
        workflows.user.flow.execution_log_stream.* workflows.user.flow.execution_history.*
    """,
    "network_admin": "zone.* network_zone.* security.zone.* security.trusted_origin.* security.voice.*",
}

BROAD: Mapping[str, str] = {
    "identity_admin": """
        user.* group.* iam.* policy.* credential.* oauth2.* app.oauth2.* app.keys.* app.policy.* app.ad.*
        app.access_request.* access.* certification.* application.lifecycle.* application.policy.*
        application.user_membership.* application.provision.* application.registration_policy.*
        application.configuration.* application.account.* master_application.* integration.api_service.*
        system.api_token.* system.idp.* system.mfa.* system.identity_sources.* system.import.user.* system.agent.*
        system.custom_url_domain.* system.hook.* system.directory.debugger.* inline_hook.*
        security.authenticator.* security.device.* directory.* account.org* app.app_instance.* app.saml.*
        app.interclient_mapping.* app.user_management* app.realtimesync.* app.office365.*domain.federation*
        app.office365.provisioning_app* pki.* device.assurance.*
        device.lifecycle.* device.*.secret_key.reset device.user.* workload_principal.* pam.apikey.* pam.client*
        pam.entitlement_sudo.* pam.gateway* pam.group.* pam.*federation.* pam.member.* pam.password.* pam.permission.*
        pam.preauthorization.* pam.project.* pam.security_policy.* pam.service.* pam.service_account.*
        pam.server_account.* pam.team* pam.user.* pam.workload_* pam.secret* workflows.user.role.*
        workflows.user.connection.* workflows.user.truststore.* support.org.update
    """,
    "compute_exec": "workflows.user.delegatedflow.run",
    "delete": "*.delete *.deleted *.remove",
}

PREFIX = "okta:"
_PATTERNS = compiled(NARROW) + compiled(BROAD)


def mapped(name: str) -> Mapped | None:
    """What the map knows of an event type; None where no pattern fits."""
    event_type = name.removeprefix(PREFIX)
    return next((Mapped(found, None) for found, pattern in _PATTERNS if pattern.fullmatch(event_type)), None)
