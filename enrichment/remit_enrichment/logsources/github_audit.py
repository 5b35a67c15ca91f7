"""GitHub audit log: enterprise, organization and security events, streamed, exported or fetched through REST.

GitHub documentation: "Audit log events for your enterprise" (fields and actions), "Audit log events for agents"
(`actor_is_agent`, `agent_session_id`, `user` is who started the agent), "Identifying audit log events performed by an
access token" (`hashed_token`, `token_id`, `programmatic_access_type` say how the actor authenticated outside of the web
interface). Branch names, titles, commit messages and trailers are the caller's own words and name no task.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from remit_enrichment.activity import Activity, Credential, Issuance, Outcome, Principal
from remit_enrichment.logsources._claims import in_user_agent
from remit_enrichment.logsources._fields import noted, truth, typed
from remit_enrichment.logsources._times import iso_time
from remit_enrichment.times import read_time

NAME = "github.audit"
PLATFORM = "github"
SIGMA: Mapping[str, str] = {"product": "github", "service": "audit"}
ISSUES = (b"personal_access_token.", b"oauth_access.")
CLAIMS = ("user_agent", "branch", "head_branch", "name", "title", "query_string", "user_programmatic_access_name")

Number = int | float | str


class Event(Struct):
    """The members that are read. Numbers come as text from some exports."""

    timestamp: Number | None = field(name="@timestamp", default=None)
    created_at: Number | None = None
    document_id: str | int | None = field(name="_document_id", default=None)
    action: str | None = None
    actor: str | None = None
    actor_id: int | str | None = None
    actor_is_bot: bool | str | None = None
    actor_is_agent: bool | str | None = None
    agent_session_id: int | str | None = None
    actor_ip: str | None = None
    user: str | None = None
    user_agent: str | None = None
    org: str | None = None
    repo: str | None = None
    repository: str | None = None
    token_id: int | str | None = None
    hashed_token: str | None = None
    programmatic_access_type: str | None = None
    user_programmatic_access_id: int | str | None = None
    operation_type: str | None = None
    request_method: str | None = None
    status_code: int | str | None = None


_ACTION = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+", re.ASCII)
_BESIDE = ("org", "repo", "repository", "business", "_document_id", "@timestamp", "created_at", "user", "actor_id")
_ABOUT_A_USER = re.compile(
    r"(?:org|repo|team|business|enterprise_team)\.(?:add|remove|update|invite|restore|promote|demote|cancel)_"
    r"(?:member|admin|maintainer|outside_collaborator|billing_manager|security_manager|support_entitlee|invitation)"
    r"|(?:organization|enterprise)_role\.(?:assign|revoke)|org_credential_authorization\.\w+"
    r"|user\.(?:promote|demote|suspend|unsuspend|block_user|unblock_user)"
    r"|personal_access_token\.(?:access_granted|access_revoked|request_\w+)"
)
"""Actions whose `user` is the one who is acted upon; elsewhere it is whoever was signed in."""
_FAILED = re.compile(r"user\.failed_login|\w+\.\w*(?:_failure|failed)")
_DENIED = frozenset(
    {
        "business.proxy_security_header_unsatisfied",
        "protected_branch.rejected_ref_update",
        "workflows.actions_policy_violation",
    }
)
_SIGNED_IN = frozenset({"user.login", "user.two_factor_challenge_success", "org.sso_response", "business.sso_response"})
_GRANTED = frozenset({"personal_access_token.access_granted", "personal_access_token.request_created"})
_MINTED = frozenset(
    {
        "oauth_access.create",
        "oauth_access.regenerate",
        "personal_access_token.create",
        "personal_access_token.credential_regenerated",
    }
)
_CHANGES = frozenset({"create", "modify", "remove", "transfer", "restore"})


def looks_like(line: bytes) -> bool:
    """Sniff the first 64 KiB for members that few other sources write side by side."""
    return line.find(b'"actor"', 0, 65536) >= 0 and line.find(b'"action"', 0, 65536) >= 0


def recognises(document: Mapping[str, Any]) -> bool:
    """A dotted action by an actor that is plain text (`actor` is an object in other vendors' audit logs)."""
    action = document.get("action")
    if type(action) is not str or "actor" not in document or _ACTION.fullmatch(action) is None:
        return False
    return not isinstance(document["actor"], (dict, list)) and any(key in document for key in _BESIDE)


def read(document: Mapping[str, Any]) -> Activity:
    """Read one event. A wrong type makes that field unknown and is listed in `Activity.errors`."""
    errors: list[str] = []
    event = typed(document, Event, errors)
    action = event.action or ""
    agent = bool(truth(event.actor_is_agent, "actor_is_agent", errors))
    bot = bool(truth(event.actor_is_bot, "actor_is_bot", errors))
    principal = _principal(event, action, agent=agent, bot=bot)
    minted = _minted(event, action, principal)
    tokens = () if minted is not None and action in _MINTED else _tokens(event)
    session = _text(event.agent_session_id) if agent else None
    outcome = _outcome(event, action)
    return Activity(
        source=NAME,
        platform=PLATFORM,
        event_id=_text(event.document_id),
        time=_time(event, errors),
        time_step=1,
        account=event.org or None,
        principal=principal,
        credential=Credential(tokens[0], _credential_type(event.programmatic_access_type)) if tokens else None,
        session=session,
        handles=(*((session,) if session else ()), *tokens),
        claims=in_user_agent(event.user_agent, "user_agent"),
        delegator=(event.user or None) if agent else None,
        action=f"github:{action}",
        event_class=_request_class(event) if action == "api.request" else None,
        access_level=_access_level(event, action),
        resources=_resources(event),
        targets=(_named(event.user),) if event.user and not agent and _ABOUT_A_USER.fullmatch(action) else (),
        outcome=outcome,
        address=event.actor_ip or None,
        user_agent=event.user_agent or None,
        issuance=minted if outcome == "success" else None,
        errors=noted(errors),
    )


def _text(value: Number | None) -> str | None:
    return None if value is None or value == "" else str(value)


def _time(event: Event, errors: list[str]) -> int | None:
    for path, value in (("@timestamp", event.timestamp), ("created_at", event.created_at)):
        if value is None:
            continue
        parsed = iso_time(value) if isinstance(value, str) else None
        found = parsed[0] if parsed is not None else read_time(value)
        if found is not None:
            return found
        errors.append(path)
    return None


# --- who --------------------------------------------------------------------------------------------------------------


def _principal(event: Event, action: str, *, agent: bool, bot: bool) -> Principal | None:
    """A bot keeps the `[bot]` of its login; an app's own token makes a bot too, whatever its login looks like.

    The number of an account is never used again, but an entry of a bot may list the numbers of its app and its
    installations as well: only for people does another number mean another account of that name.
    """
    if not event.actor:
        return None
    number = _text(event.actor_id)
    aliases = (number,) if number else ()
    machine = bot or event.actor.endswith("[bot]") or "server-to-server" in (event.programmatic_access_type or "")
    if agent or machine:
        kind = "agent" if agent else "bot"
        return Principal(f"github:bot:{event.actor}", event.actor, kind, aliases=aliases, platform_agent=agent)
    evidence = "action" if action in _SIGNED_IN else None
    return Principal(f"github:user:{event.actor}", event.actor, "human", number, aliases, evidence)


def _named(login: str) -> Principal:
    kind = "bot" if login.endswith("[bot]") else "user"
    return Principal(f"github:{kind}:{login}", login, "bot" if kind == "bot" else "unknown")


# --- tokens -----------------------------------------------------------------------------------------------------------


def _tokens(event: Event) -> tuple[str, ...]:
    """The id of the token in use, else its hash; a broker may bind either."""
    return tuple(token for token in (_text(event.token_id), event.hashed_token) if token)


def _credential_type(access: str | None) -> str:
    kind = (access or "").lower()
    if "fine-grained" in kind:
        return "pat_fine_grained"
    if "personal access token" in kind:
        return "pat_classic"
    if "server-to-server" in kind:
        return "session"
    if "oauth" in kind or "user-to-server" in kind:
        return "oauth_token"
    return "long_lived_key" if "key" in kind else "unknown"


def _minted(event: Event, action: str, principal: Principal | None) -> Issuance | None:
    """The token that a person or machine made or let in. It lives long, so it gives lineage and never a task.

    A grant names it (`user_programmatic_access_id`). Making one happens in the web interface, where nobody
    authenticates with a token: what the event shows is then the new one. With `programmatic_access_type` it is the
    token in use, and the new one stays unknown.
    """
    owner = _named(event.user) if event.user else principal
    if owner is None:
        return None
    if action in _GRANTED:
        token = _text(event.user_programmatic_access_id)
    elif action in _MINTED and not event.programmatic_access_type:
        token = next(iter(_tokens(event)), None)
    else:
        return None
    return Issuance(token, owner, long_lived=True) if token else None


# --- what -------------------------------------------------------------------------------------------------------------


def _outcome(event: Event, action: str) -> Outcome:
    """Events tell of what was done; only requests carry a status, and some actions are refusals by their name."""
    if action in _DENIED:
        return "denied"
    if _FAILED.fullmatch(action):
        return "failure"
    status = _text(event.status_code)
    if action != "api.request" or status is None or not status.isdecimal() or int(status) < 400:
        return "success"
    return "denied" if status in ("401", "403") else "failure"


def _request_class(event: Event) -> str:
    method = (event.request_method or "").upper()
    return "read" if method in ("GET", "HEAD") else "delete" if method == "DELETE" else "write"


def _access_level(event: Event, action: str) -> str | None:
    """`operation_type` is believed where it says that something changes: `access` is also what GitHub calls a change of
    a repository's visibility."""
    if action == "api.request":
        return "read" if _request_class(event) == "read" else "write"
    return "write" if event.operation_type in _CHANGES else None


def _resources(event: Event) -> tuple[str, ...] | None:
    name = event.repo or event.repository
    if name:
        return (name if "/" in name or not event.org else f"{event.org}/{name}",)
    return (f"org:{event.org}",) if event.org else None
