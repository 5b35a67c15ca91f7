"""The Okta system log reader, on events after Okta's documentation of `LogEvent`."""

from __future__ import annotations

from typing import Any

import pytest

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.logsources import okta_system as okta
from remit_enrichment.logsources import recognise

ADA = {"id": "00uada", "type": "User", "alternateId": "ada@example.com", "displayName": "Ada"}
AGENT = {"id": "wlpagent", "type": "WorkloadPrincipal", "alternateId": None, "displayName": "agent"}
CLIENT = {"id": "0oaclient", "type": "PublicClientApp", "alternateId": "0oaclient", "displayName": "client"}
TOKEN = {"id": "00Tnew", "type": "Token", "displayName": "nightly job"}


def event(event_type: str = "group.user_membership.add", **members: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "uuid": "u1",
        "published": "2026-04-12T10:00:00.123Z",
        "eventType": event_type,
        "actor": ADA,
        "authenticationContext": {"externalSessionId": "idxsession"},
        "client": {"ipAddress": "198.51.100.7", "userAgent": {"rawUserAgent": "curl/8"}},
        "outcome": {"result": "SUCCESS", "reason": None},
        "target": [{"id": "00gops", "type": "UserGroup"}],
        "transaction": {"id": "t1", "type": "WEB", "detail": {}},
    }
    return document | members


def read(event_type: str = "group.user_membership.add", **members: Any) -> Activity:
    return okta.read(event(event_type, **members))


def by_token(token: str) -> dict[str, Any]:
    return {"transaction": {"detail": {"requestApiTokenId": token}}}


# --- who --------------------------------------------------------------------------------------------------------------


def test_an_event_names_actor_session_resource_and_time() -> None:
    activity = read()

    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == ("okta:user:00uada", "human")
    assert activity.action == "okta:group.user_membership.add"
    assert activity.resources == ("okta:UserGroup:00gops",)
    assert (activity.session, activity.handles, activity.credential) == ("idxsession", ("idxsession",), None)
    assert (activity.event_id, activity.time, activity.time_step) == ("u1", 1775988000123, 1)
    assert (activity.address, activity.user_agent) == ("198.51.100.7", "curl/8")
    assert activity.errors == ()


@pytest.mark.parametrize(
    ("actor", "expected", "kind", "agent"),
    [
        (AGENT, "okta:workload:wlpagent", "ai_agent", True),
        ({"id": "opa://acme/ci/main", "type": "WorkloadPrincipal"}, "okta:workload:opa://acme/ci/main",
         "workload_identity", False),
        (CLIENT, "okta:app:0oaclient", "oauth_app", False),
        (CLIENT | {"type": "PublicClientAppEntity"}, "okta:app:0oaclient", "oauth_app", False),
        ({"id": "spr1", "type": "SystemPrincipal"}, None, "platform_service", False),
        ({"id": "x1", "type": "Novelty"}, None, "unknown", False),
    ],
)  # fmt: skip
def test_the_type_of_the_actor_says_what_it_is(actor: dict[str, Any], expected: str, kind: str, agent: bool) -> None:
    principal = read(actor=actor).principal

    assert principal is not None
    assert (principal.id, principal.kind, principal.platform_agent) == (expected, kind, agent)
    assert principal.native == actor["id"]


def test_a_login_and_a_name_for_display_are_no_handles() -> None:
    principal = read(actor=ADA | {"alternateId": "wlpagent", "displayName": "okta:workload:wlpagent"}).principal

    assert principal is not None
    assert (principal.native, principal.unique_id, principal.aliases) == ("00uada", "00uada", ())


def test_without_an_id_only_a_users_login_is_left() -> None:
    nameless = read(actor=ADA | {"id": None}).principal

    assert nameless is not None
    assert (nameless.id, nameless.native) == (None, "ada@example.com")
    assert read(actor=CLIENT | {"id": None}).principal is None
    assert read(actor={"id": "198.51.100.7", "type": "IP address"}).principal is None
    assert read(actor=None).principal is None


def test_an_api_token_makes_a_user_no_person_and_an_access_token_leaves_it_open_to_one() -> None:
    script, page = read(**by_token("00Tnightly")), read(**by_token("AT.page"))

    assert script.principal is not None
    assert (script.principal.id, script.principal.kind) == ("okta:user:00uada", "user")
    assert (script.principal.native, script.principal.unique_id) == ("00uada", "00uada")
    assert script.credential is not None
    assert (script.credential.id, script.credential.type) == ("00Tnightly", "api_key")
    assert script.handles == ("00Tnightly", "idxsession")
    assert page.principal is not None
    assert page.principal.kind == "human"
    assert page.credential is not None
    assert page.credential.type == "oauth_token"


@pytest.mark.parametrize(
    ("event_type", "members", "expected"),
    [
        ("user.authentication.auth_via_mfa", {}, "eventType"),
        ("user.session.access_admin_app", {}, "eventType"),
        ("user.authentication.auth_via_mfa", {"outcome": {"result": "FAILURE"}}, None),
        ("user.authentication.auth_via_mfa", by_token("00T1"), None),
        ("user.authentication.auth_via_mfa", by_token("AT.1"), None),
        ("user.session.start", {}, None),
    ],
)
def test_only_a_second_factor_or_the_admin_console_shows_a_person(
    event_type: str, members: dict[str, Any], expected: str | None
) -> None:
    principal = read(event_type, **members).principal

    assert principal is not None
    assert principal.human_evidence == expected


@pytest.mark.parametrize("session", ["unknown", "", None])
def test_an_unknown_session_is_none(session: str | None) -> None:
    activity = read(authenticationContext={"externalSessionId": session})

    assert (activity.session, activity.handles) == (None, ())


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_new_api_token_makes_its_maker_and_lives_long() -> None:
    made = read("system.api_token.create", target=[TOKEN], **by_token("00Told"))

    assert made.issuance is not None
    assert made.issuance.credential_id == "00Tnew"
    assert made.issuance.principal.id == "okta:user:00uada"
    assert made.issuance.long_lived
    assert made.credential is not None
    assert made.credential.id == "00Told"


def test_an_api_token_for_somebody_else_makes_them() -> None:
    made = read("system.api_token.create", target=[TOKEN, {"id": "00ubot", "type": "User"}])

    assert made.issuance is not None
    assert made.issuance.principal.id == "okta:user:00ubot"


@pytest.mark.parametrize(
    "event_type", ["app.oauth2.token.grant.access_token", "app.oauth2.as.token.grant.access_token"]
)
def test_an_access_token_ends_when_the_event_says(event_type: str) -> None:
    token = {"id": "AT.1", "type": "access_token", "detailEntry": {"expires": "2026-04-12T11:00:00.000Z"}}
    granted = read(event_type, actor=CLIENT, target=[token])

    assert granted.issuance is not None
    assert (granted.issuance.credential_id, granted.issuance.long_lived) == ("AT.1", False)
    assert granted.issuance.principal.id == "okta:app:0oaclient"
    assert granted.issuance.expires == 1775991600000


@pytest.mark.parametrize(
    ("event_type", "members"),
    [
        ("system.api_token.create", {"target": [TOKEN], "outcome": {"result": "DENY"}}),
        ("system.api_token.create", {"target": [TOKEN | {"id": None}]}),
        ("system.api_token.create", {"target": [TOKEN], "actor": None}),
        ("system.api_token.revoke", {"target": [TOKEN]}),
        ("app.oauth2.token.grant.id_token", {"target": [{"id": "ID.1", "type": "id_token"}]}),
    ],
)
def test_nothing_else_is_minted(event_type: str, members: dict[str, Any]) -> None:
    assert read(event_type, **members).issuance is None


def test_every_event_that_mints_holds_a_needle_of_the_first_pass() -> None:
    for event_type in okta._TOKENS:
        assert any(needle in event_type.encode() for needle in okta.ISSUES)


# --- what -------------------------------------------------------------------------------------------------------------


def test_users_apps_and_agents_among_the_targets_are_acted_upon() -> None:
    named = [ADA | {"id": "00ubob"}, CLIENT, AGENT, {"id": "00gops", "type": "UserGroup"}, {"id": None, "type": "User"}]
    activity = read(target=named)

    assert [target.id for target in activity.targets] == [
        "okta:user:00ubob",
        "okta:app:0oaclient",
        "okta:workload:wlpagent",
    ]
    assert activity.resources == (
        "okta:User:00ubob",
        "okta:PublicClientApp:0oaclient",
        "okta:WorkloadPrincipal:wlpagent",
        "okta:UserGroup:00gops",
    )


@pytest.mark.parametrize("target", [None, [], [{"id": None, "type": "Token"}], [{"id": "unknown", "type": "Rule"}]])
def test_no_target_is_an_unknown_resource(target: Any) -> None:
    assert read(target=target).resources is None


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ("SUCCESS", "success"),
        ("ALLOW", "success"),
        ("CHALLENGE", "success"),
        ("SCHEDULED", "success"),
        ("a result to come", "success"),
        (None, "success"),
        ("FAILURE", "failure"),
        ("RATE_LIMIT", "failure"),
        ("UNANSWERED", "failure"),
        ("DENY", "denied"),
    ],
)
def test_what_was_refused_or_failed(result: str | None, expected: str) -> None:
    assert read(outcome={"result": result}).outcome == expected


def test_a_task_in_the_user_agent_is_a_claim_and_names_and_addresses_are_none() -> None:
    agent = read(client={"userAgent": {"rawUserAgent": "curl/8 nhi.task/T1"}})
    words = {"debugData": {"url": "/?nhi.task/T1", "requestUri": "nhi.task/T1"}}

    assert agent.claims == (Claim("T1", "user_agent", "client.userAgent.rawUserAgent"),)
    assert read(actor=ADA | {"displayName": "nhi.task/T1"}, debugContext=words).claims == ()


# --- shapes -----------------------------------------------------------------------------------------------------------


def test_names_of_members_in_lower_case_are_read_too() -> None:
    lowered = {name.lower(): value for name, value in event(**by_token("00T1")).items()}

    assert okta.recognises(lowered)
    assert okta.read(lowered) == read(**by_token("00T1"))


def test_beside_oktas_own_spelling_the_lower_case_says_nothing() -> None:
    lowered = {"eventtype": "a.b", "authenticationcontext": {"externalSessionId": "s"}}
    whole = okta.read(event(authenticationContext=None) | lowered)
    renamed = event()
    del renamed["eventType"]

    assert (whole.action, whole.session) == ("okta:group.user_membership.add", None)
    assert (okta.read(renamed | lowered).action, okta.read(renamed | lowered).session) == ("okta:a.b", "idxsession")


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("2026-04-12 10:00:00.123", 1775988000123),
        ("2026-04-12 10:00:00.123000000", 1775988000123),
        ("2026-04-12T12:00:00.123+02:00", 1775988000123),
        (None, None),
    ],
)
def test_times_of_exports_are_read_too(published: str | None, expected: int | None) -> None:
    assert (read(published=published).time, read(published=published).errors) == (expected, ())


def test_wrong_types_are_unknown_values_and_noted() -> None:
    activity = read(
        published="long ago",
        actor=ADA | {"id": ["00uada"]},
        authenticationContext={"externalSessionId": {"id": "x"}},
        transaction={"detail": {"requestApiTokenId": 5}},
        target=[{"id": 5, "type": "User"}, "User", {"id": "00gops", "type": "UserGroup"}],
    )

    assert (activity.time, activity.session, activity.credential) == (None, None, None)
    assert activity.resources == ("okta:UserGroup:00gops",)
    assert set(activity.errors) == {
        "published",
        "actor.id",
        "authenticationContext.externalSessionId",
        "transaction.detail.requestApiTokenId",
        "target.0.id",
        "target.1",
    }
    assert read(target={"id": "00gops"}).errors == ("target",)


@pytest.mark.parametrize(
    "document",
    [
        {"eventType": "AwsApiCall", "eventVersion": "1.08", "uuid": "u"},
        {"eventType": "user.session.start"},
        {"eventType": "user.session.start", "uuid": "u", "actor": "ada", "outcome": "SUCCESS"},
        {"eventType": ["user.session.start"], "uuid": "u", "actor": ADA},
        {"action": "user.session.start", "uuid": "u", "actor": ADA},
    ],
)
def test_other_vendors_events_are_not_taken(document: dict[str, Any]) -> None:
    assert not okta.recognises(document)


def test_it_is_found_by_its_folder() -> None:
    found = recognise(event(), b"{}")

    assert found is not None
    assert found.NAME == "okta.system"
