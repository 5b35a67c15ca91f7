"""The GitHub audit reader, on events after GitHub's documentation of the audit log."""

from __future__ import annotations

from typing import Any

import pytest

from remit_enrichment.activity import Activity, Claim
from remit_enrichment.classify import classify
from remit_enrichment.logsources import github_audit as github
from remit_enrichment.logsources import recognise


def event(action: str = "git.push", **members: Any) -> dict[str, Any]:
    document = {
        "@timestamp": 1775988000123,
        "_document_id": "d0c",
        "action": action,
        "actor": "octocat",
        "actor_id": 4242,
        "org": "acme",
        "repo": "acme/shop",
    }
    document.update({name.replace("at_timestamp", "@timestamp"): value for name, value in members.items()})
    return {name: value for name, value in document.items() if value is not None}


def read(action: str = "git.push", **members: Any) -> Activity:
    return github.read(event(action, **members))


def agent(action: str = "pull_request.create", **members: Any) -> Activity:
    flags = {"actor": "Copilot", "actor_is_agent": True, "agent_session_id": "session-1", "user": "octocat"}
    return read(action, **(flags | members))


# --- who --------------------------------------------------------------------------------------------------------------


def test_an_event_names_actor_repository_and_time() -> None:
    activity = read()

    assert activity.principal is not None
    assert (activity.principal.id, activity.principal.kind) == ("github:user:octocat", "human")
    assert activity.action == "github:git.push"
    assert activity.resources == ("acme/shop",)
    assert activity.account == "acme"
    assert activity.event_id == "d0c"
    assert activity.time == 1775988000123
    assert activity.errors == ()


@pytest.mark.parametrize(
    "members",
    [
        {"actor": "dependabot[bot]"},
        {"actor": "dependabot[bot]", "actor_is_bot": True},
        {"actor": "ci", "actor_is_bot": "true"},
        {"actor": "ci", "programmatic_access_type": "GitHub App server-to-server token"},
    ],
)
def test_a_bot_is_known_by_flag_login_or_token(members: dict[str, Any]) -> None:
    principal = read(**members).principal

    assert principal is not None
    assert (principal.id, principal.kind) == (f"github:bot:{members['actor']}", "bot")
    assert principal.human_evidence is None


def test_a_login_is_no_evidence_of_a_person_but_a_sign_in_is() -> None:
    pushed, signed_in = read().principal, read("user.login").principal

    assert pushed is not None
    assert pushed.human_evidence is None
    assert signed_in is not None
    assert signed_in.human_evidence == "action"


def test_a_bots_number_does_not_tell_a_recreated_bot() -> None:
    person, bot = read().principal, read(actor="ci[bot]").principal

    assert person is not None
    assert (person.unique_id, person.aliases) == ("4242", ("4242",))
    assert bot is not None
    assert (bot.unique_id, bot.aliases) == (None, ("4242",))


def test_without_actor_there_is_no_principal() -> None:
    assert read(actor="").principal is None


def test_the_platforms_agent_has_a_session_and_a_delegator() -> None:
    activity = agent(token_id=77)

    assert activity.principal is not None
    assert activity.principal.id == "github:bot:Copilot"
    assert (activity.principal.kind, activity.principal.platform_agent) == ("agent", True)
    assert activity.session == "session-1"
    assert activity.handles == ("session-1", "77")
    assert activity.delegator == "octocat"


def test_a_session_without_the_agents_flag_is_none_and_user_is_no_delegator() -> None:
    activity = agent(actor_is_agent=False)

    assert (activity.session, activity.handles, activity.delegator) == (None, (), None)


def test_the_name_of_an_agent_in_the_user_agent_makes_no_agent() -> None:
    activity = read(user_agent="Copilot nhi.task/T1")

    assert activity.principal is not None
    assert not activity.principal.platform_agent
    assert activity.claims == (Claim("T1", "user_agent", "user_agent"),)


def test_branch_title_and_names_are_no_claims() -> None:
    words = dict.fromkeys(("branch", "head_branch", "name", "title"), "nhi.task/T1")

    assert read("workflows.created_workflow_run", **words).claims == ()


# --- tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("access", "kind"),
    [
        ("OAuth access token", "oauth_token"),
        ("Fine-grained personal access token", "pat_fine_grained"),
        ("Personal access token (classic)", "pat_classic"),
        ("GitHub App server-to-server token", "session"),
        ("GitHub App user-to-server token", "oauth_token"),
        ("SSH key", "long_lived_key"),
        (None, "unknown"),
    ],
)
def test_the_token_in_use_is_the_credential(access: str | None, kind: str) -> None:
    credential = read(token_id="0123", hashed_token="hash=", programmatic_access_type=access).credential

    assert credential is not None
    assert (credential.id, credential.type) == ("0123", kind)


def test_id_and_hash_of_a_token_may_both_be_bound() -> None:
    assert read(token_id=5, hashed_token="hash=").handles == ("5", "hash=")
    only_hash = read(hashed_token="hash=").credential
    assert only_hash is not None
    assert only_hash.id == "hash="


def test_a_grant_lets_in_a_token_of_its_owner_that_lives_long() -> None:
    granted = read("personal_access_token.access_granted", user="ci-robot", user_programmatic_access_id=900, token_id=1)

    assert granted.issuance is not None
    assert granted.issuance.credential_id == "900"
    assert granted.issuance.principal.id == "github:user:ci-robot"
    assert granted.issuance.long_lived
    assert granted.credential is not None
    assert granted.credential.id == "1"


def test_a_token_made_in_the_web_interface_is_the_new_one() -> None:
    made = read("oauth_access.create", token_id=31, hashed_token="new=")

    assert made.issuance is not None
    assert made.issuance.credential_id == "31"
    assert (made.credential, made.handles) == (None, ())


def test_a_token_made_with_a_token_stays_unknown() -> None:
    made = read("oauth_access.create", token_id=31, programmatic_access_type="OAuth access token")

    assert made.issuance is None
    assert made.credential is not None
    assert made.credential.id == "31"


def test_every_event_that_mints_holds_a_needle_of_the_first_pass() -> None:
    for action in github._MINTED | github._GRANTED:
        assert any(needle in action.encode() for needle in github.ISSUES)


# --- what -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"repo": None, "repository": "acme/shop"}, ("acme/shop",)),
        ({"repo": None, "repository": "shop"}, ("acme/shop",)),
        ({"repo": None}, ("org:acme",)),
        ({"repo": "", "org": ""}, None),
    ],
)
def test_the_resource_is_the_repository_else_the_organization(members: dict[str, Any], expected: Any) -> None:
    assert read(**members).resources == expected


@pytest.mark.parametrize(
    ("action", "members", "expected"),
    [
        ("user.failed_login", {}, "failure"),
        ("org.recovery_code_failed", {}, "failure"),
        ("external_identity.scim_api_failure", {}, "failure"),
        ("protected_branch.rejected_ref_update", {}, "denied"),
        ("api.request", {"status_code": 403}, "denied"),
        ("api.request", {"status_code": "404"}, "failure"),
        ("api.request", {"status_code": 201}, "success"),
        ("org.oauth_app_access_denied", {}, "success"),
        ("repo.destroy", {"status_code": 500}, "success"),
    ],
)
def test_what_was_refused_or_failed(action: str, members: dict[str, Any], expected: str) -> None:
    assert read(action, **members).outcome == expected


@pytest.mark.parametrize(
    ("method", "expected"), [("GET", "read"), ("POST", "write"), ("delete", "delete"), (None, "write")]
)
def test_a_request_has_the_class_of_its_method(method: str | None, expected: str) -> None:
    assert classify(read("api.request", request_method=method)).action_class == expected


def test_a_change_of_visibility_is_no_read_whatever_the_operation_is_called() -> None:
    found = classify(read("repo.access", operation_type="access"))

    assert (found.action_class, found.mutating) == ("network_admin", True)


def test_the_member_who_is_added_is_the_target_but_not_whoever_was_signed_in() -> None:
    added = read("org.add_member", user="ci-robot[bot]")

    assert [target.id for target in added.targets] == ["github:bot:ci-robot[bot]"]
    assert read("repository_secret_scanning.disable", user="octocat").targets == ()
    assert agent("org.add_member").targets == ()


# --- shapes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", ["2026-04-12T10:00:00.123Z", "2026-04-12 10:00:00.123000000", 1775988000123])
def test_times_of_exports_are_read_too(time: Any) -> None:
    assert read(at_timestamp=time).time == 1775988000123


def test_the_time_of_recording_stands_in() -> None:
    assert read(at_timestamp=None, created_at=1775988000123).time == 1775988000123
    broken = read(at_timestamp="yesterday")
    assert (broken.time, broken.errors) == (None, ("@timestamp",))


@pytest.mark.parametrize(
    "document",
    [
        {"action": "create", "actor": "octocat", "org": "acme"},
        {"action": "user_login", "actor": {"user": {}}, "created_at": 1},
        {"action": "user.login", "actor": {"type": "user"}, "created_at": 1},
        {"action": "user.login", "org": "acme"},
        {"action": ["git.push"], "actor": "octocat", "org": "acme"},
        {"action": "git.push", "actor": "octocat"},
    ],
)
def test_other_vendors_audit_events_are_not_taken(document: dict[str, Any]) -> None:
    assert not github.recognises(document)


def test_a_wrong_type_is_an_unknown_value_and_noted() -> None:
    activity = read(repo=["acme/shop"], actor_is_agent="perhaps", token_id={"id": 1})

    assert activity.resources == ("org:acme",)
    assert set(activity.errors) == {"repo", "actor_is_agent", "token_id"}


def test_it_is_found_by_its_folder() -> None:
    found = recognise(event(), b'{"actor":"x","action":"y"}')

    assert found is not None
    assert found.NAME == "github.audit"
