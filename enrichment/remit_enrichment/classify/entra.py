"""Classes of Entra activities, by hand: an activity is a sentence, and what it speaks of says most.

Vocabulary: Microsoft Learn, "Microsoft Entra audit log categories and activities". Patterns write `_` for a blank and
`/` for the underscore of the self-service names (`Group_Get`). The first class that fits wins; what changes identities,
their rights or the policies over them is identity_admin whatever its verb.
"""

from __future__ import annotations

from collections.abc import Mapping

from remit_enrichment.classify._platform import Mapped, compiled

NARROW: Mapping[str, str] = {
    "auth": """
        sign-in exchange_token issue_* validate_client_credentials validate_local_account_credentials
        validate_user_authentication federate_with_an_identity_provider evaluate_conditional_access_policies
        verify_email_address verify_phone_number verify_one_time_password generate_one_time_password send_sms_*
        send_verification_email make_phone_call_*
    """,
    "secrets_read": """
        recover_device_local_administrator_password reveal_local_administrator_password read_bitlocker_key
    """,
    "data_export": "download_* export_summary_data* dsr_export:*",
    "logging_admin": """
        update_enriched_audit_logs_settings deactivate_pim_alert disable_pim_alert resolve_pim_alert
        update_pim_alert_setting dismissuser dismissserviceprincipal confirmsafe update_notificationsettings
    """,
    "network_admin": """
        *_filtering_policy* *_filtering_profile *_forwarding_* *_branch update_adaptive_access_policy
        *_privateendpoint *_privatelinkresource *_connector_group register_connector enable_application_proxy
        disable_application_proxy add_application_ssl_certificate delete_ssl_binding
    """,
    "read": """
        get_* retrieve_* */get* */is* */batchvalidate* */validatedynamic* */evaluate* check_whether_*
        validate_move_resources validate_customextension_* refresh_pim_alert triggered_pim_alert
    """,
    "delete": """
        delete_device* delete_pre-created_device delete_bitlocker_key unregister_device device/delete *delete_agreement
        delete_contact delete_label remove_label_from_group delete_terms_of_use delete_application_collection
        delete_company_* delete_subscription directory_deleted* directory_scheduled_for_deletion* dsr_delete:*
    """,
    "write": """
        *_device *_devicetemplate device_* *_device_configuration device/create add_bitlocker_key *_license*
        *_contact *_label *_label_to_group *_agreement *_terms_of_use *_application_collection*
        set_company_* create_company* update_company* *_recommendation*
    """,
}

BROAD: Mapping[str, str] = {
    "identity_admin": """
        *member* *owner* *role* *service_principal* *serviceprincipal* *application* *permission* *consent*
        *credential* *secret* *password* *security_info *strong_authentication* *fido2* *passkey* *oath_token* *totp*
        *user* *guest* *account *accountcompromised confirmcompromised *stsrefreshtoken* *group* *policy* *policies*
        *conditional_access* *named_location *security_defaults *authentication* *authenticationcontext*
        *continuous_access_evaluation *domain* *federat* *dirsync* *partner* *cross-tenant* *multitenantorg*
        *desktop_sso* *feature_rollout* *access_package* *entitlement_management* *connected_organization *sponsor
        *access_review* *decision* *_review *request* *pim *pim_* *administrative_unit* *attribute*
        *certificationbasedauth* *identity_provider* *identityprotection* *policy_key generate_key *signing*
        *provisioning* *directory_feature*
    """,
    "delete": "delete_* hard_delete_* remove_* */delete* */remove*",
}

PREFIX = "entra:"
_PATTERNS = compiled(NARROW) + compiled(BROAD)


def mapped(name: str) -> Mapped | None:
    """What the map knows of an activity of the directory; None where no pattern fits, and for Azure's other logs."""
    if not name.startswith(PREFIX):
        return None
    activity = name.removeprefix(PREFIX).strip().replace("–", "-").replace("_", "/").replace(" ", "_")
    found = next((action_class for action_class, pattern in _PATTERNS if pattern.fullmatch(activity)), None)
    # an event says that it changes something, not that it changes rights
    return Mapped(found, "permissions" if found == "identity_admin" else None) if found else None
