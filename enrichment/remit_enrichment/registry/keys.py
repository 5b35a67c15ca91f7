"""Every key that registry and feed may have: the loader accepts these and no others, docs/registry.md lists them.

To add a key: a line here, a field in model.py. Nothing else has to change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from remit_enrichment.registry.model import (
    CLASSES,
    KINDS,
    Agent,
    Allow,
    Bind,
    Binding,
    Channel,
    Charter,
    Coverage,
    Delegator,
    Deny,
    Environment,
    Hours,
    Identity,
    Issuer,
    Limits,
    Owner,
    RegisteredCredential,
    Registrar,
    Revocation,
    Task,
    Tool,
)
from remit_enrichment.registry.reading import (
    CLOCK,
    COUNT,
    DAY,
    FLAG,
    GLOB,
    IDENTITY_ID,
    NAME,
    NAMES,
    NAMES_OR_TEXT,
    NETWORK,
    TEXT,
    TIME,
    WRITTEN_TIME,
    ZONE,
    Key,
    Path,
    Record,
    Report,
    Type,
    list_of,
    one_of,
    path_text,
    record_of,
)

Make = Callable[[dict[str, Any], Path, Report], Any]


def _plain(kind: type[Struct]) -> Make:
    return lambda fields, path, report: kind(**fields)


def _versioned(kind: type[Struct]) -> Make:
    def make(fields: dict[str, Any], path: Path, report: Report) -> Any:
        begin, end = fields.get("valid_from"), fields.get("valid_to")
        if begin is not None and end is not None and begin >= end:
            report(
                (*path, "valid_to"), "empty_version", "valid_to is not after valid_from", "a version needs some time"
            )
        return kind(**fields)

    return make


def _window(fields: dict[str, Any], path: Path, report: Report) -> tuple[int, int]:
    if fields["start"] >= fields["end"]:
        report((*path, "end"), "empty_window", f"{path_text(path)} ends before it starts", "check start and end")
    return fields["start"], fields["end"]


def _hours(fields: dict[str, Any], path: Path, report: Report) -> Hours:
    start, end = fields.pop("from"), fields.pop("to")
    if start == end:
        report(
            (*path, "to"), "empty_window", f"{path_text(path)}: from and to are equal", "leave `hours` out for any hour"
        )
    return Hours(start=start, end=end, **fields)


def _task(fields: dict[str, Any], path: Path, report: Report) -> Any:
    start, end = fields.pop("window")
    return _versioned(Task)({**fields, "start": start, "end": end}, path, report)


def _tool(fields: dict[str, Any], path: Path, report: Report) -> Any:
    if "class" in fields:
        fields["action_class"] = fields.pop("class")
    return _versioned(Tool)(fields, path, report)


def _issuer(fields: dict[str, Any], path: Path, report: Report) -> Any:
    if "session_tags" in fields["carries"] and "task_tag" not in fields:
        report(path, "missing_key", "task_tag is missing", "say which session tag carries the task")
    return _versioned(Issuer)(fields, path, report)


def _binding(fields: dict[str, Any], path: Path, report: Report) -> Any:
    handles = {kind: fields.pop(kind) for kind in ("credential_id", "session") if kind in fields}
    if len(handles) != 1:
        report(path, "missing_key", "a binding names one handle", "give credential_id or session, and not both")
        return None
    (kind, handle), (bound_at, bound_step) = handles.popitem(), fields.pop("bound_at")
    return Binding(kind=kind, handle=handle, bound_at=bound_at, bound_step=bound_step, **fields)


_GLOBS = list_of(GLOB)
_ACCOUNTS = Key("accounts", NAMES, "accounts, tenants, organizations or clusters; absent: all")
_VALIDITY = (
    Key("valid_from", TIME, "this version holds from here on; absent: always before"),
    Key("valid_to", TIME, "this version holds until before here; absent: from then on"),
)


def _scope(name: str, item: Type, about: str) -> Key:
    # Null is refused: an author may mean "everything" or "nothing", and only one of them is safe.
    return Key(name, list_of(item, null=False), about)


_CLASSES = _scope("classes", one_of(*CLASSES), "classes of actions")
_ACTIONS = _scope("actions", GLOB, "action names")
_RESOURCES = _scope("resources", GLOB, "resources; `<argument>=<glob>` for an agent's tool calls")
_DENY = record_of(Record((_CLASSES, _ACTIONS, _RESOURCES), _plain(Deny)), "object", null=False)
_HOURS = Record(
    (
        Key("days", list_of(one_of("mon", "tue", "wed", "thu", "fri", "sat", "sun")), "days of the week", True),
        Key("from", CLOCK, "first minute; later than `to`: ends on the next day", True),
        Key("to", CLOCK, "first minute after", True),
        Key("zone", ZONE, "whose clock", True),
    ),
    _hours,
)
_CHARTER_ALLOW = Record(
    (
        _CLASSES,
        _ACTIONS,
        _RESOURCES,
        _scope("networks", NETWORK, "networks from which the identity acts"),
        _scope("regions", NAME, "regions"),
        Key("hours", record_of(_HOURS, "object", null=False), "when the identity acts"),
        _scope("credential_types", NAME, "types of credentials: sts_session, long_lived_key, secret ..."),
    ),
    _plain(Allow),
)
_TASK_ALLOW = Record((_CLASSES, _ACTIONS, _RESOURCES), _plain(Allow))
_AGENT = Record(
    (
        Key("vendor", NAME, "who makes the model or agent"),
        Key("framework", NAME, "native, langgraph ..."),
        Key("runtime", NAME, "where it runs"),
        Key("model", NAME, "declared model"),
        Key("parent", IDENTITY_ID, "identity that may hand its task to this one"),
        Key("autonomy", one_of("supervised", "semi", "autonomous"), "how far it acts alone"),
    ),
    _plain(Agent),
)
_CREDENTIAL = Record(
    (
        Key("id", NAME, "key id, certificate, token id", True),
        Key("type", NAME, "long_lived_key, sts_session, secret, certificate ..."),
        Key("issued", DAY, "since when it exists"),
        Key("expires", TIME, "when it ends"),
        Key("last_rotated", DAY, "when it was last replaced"),
        Key("max_age_days", COUNT, "after how many days it is to be replaced"),
    ),
    _plain(RegisteredCredential),
)
_DELEGATOR = Record(
    (Key("id", NAME, "who asked for the task", True), Key("type", NAME, "human, agent ...")), _plain(Delegator)
)
_LIMITS = Record(
    (
        Key("max_actions", COUNT, "actions under this task"),
        Key("max_deletes", COUNT, "deletions under this task"),
        Key("max_distinct_resources", COUNT, "different resources under this task"),
    ),
    _plain(Limits),
)
_BIND = Record(
    (
        Key("credential_ids", NAMES, "credentials that serve this task alone"),
        Key("sessions", NAMES, "sessions and conversations that serve this task alone"),
        Key("source_identity", NAME, "source identity that names this task"),
    ),
    _plain(Bind),
)
_WINDOW = Record((Key("start", TIME, "first moment", True), Key("end", TIME, "last moment", True)), _window)

_TASK_KEYS = (
    Key("id", NAME, "id of the task", True),
    Key("identity", IDENTITY_ID, "identity that works on it", True),
    Key("window", record_of(_WINDOW, "object"), "when it may work on it", True),
    Key("registered_at", TIME, "when it was registered; it counts from then on", True),
    Key("name", TEXT, "short title"),
    Key("purpose", TEXT, "why"),
    Key("delegator", record_of(_DELEGATOR, "object"), "who asked for it"),
    Key("source", one_of("orchestrator", "ticket", "schedule", "github_session", "idp_claim", "manual"), "where from"),
    Key("registered_by", NAME, "registrar that registered it"),
    Key(
        "allow", record_of(_TASK_ALLOW, "object", null=False), "what it may do; a list that is absent is the charter's"
    ),
    Key("deny", _DENY, "what it may not do, whatever it allows"),
    Key("limits", record_of(_LIMITS, "object"), "how much"),
    Key("bind", record_of(_BIND, "object"), "which handles serve this task"),
    Key("require_level", one_of("L0", "L1", "L2", "L3", "L4"), "evidence that any action needs; raises the gate only"),
    *_VALIDITY,
)
_RECEIVED = Key("received_at", TIME, "when the feed received it")
_BY = Key("by", NAME, "registrar that says so")

LISTS = {
    "owners": "owner",
    "identities": "identity",
    "charters": "charter",
    "tasks": "task",
    "issuers": "issuer",
    "registrars": "registrar",
    "channels": "channel",
    "environments": "environment",
    "coverage": "coverage",
    "tools": "tool",
}
"""Lists of a YAML file, with the `type` of the same object in JSON lines."""

REGISTRY = {
    "owner": Record(
        (
            Key("id", NAME, "mail address, team name", True),
            Key("kind", one_of("person", "team"), "default person"),
            Key("name", TEXT, "for people to read"),
            Key("team", NAME, "team"),
            Key("contact", TEXT, "where to ask"),
            Key("status", one_of("active", "departed"), "default active"),
            Key("departed_at", DAY, "when the person left"),
            Key("aliases", NAMES, "logins, object ids, employee numbers"),
            *_VALIDITY,
        ),
        _versioned(Owner),
    ),
    "identity": Record(
        (
            Key("id", IDENTITY_ID, "platform:type:native id", True),
            Key("kind", one_of(*KINDS), "what it is; ai_agent and agent_user need tasks"),
            Key("name", TEXT, "for people to read"),
            Key("owner", NAME, "id of its owner"),
            Key("sponsor", NAME, "id of the owner who answers for it"),
            Key("environment", NAME, "prod, staging ..."),
            Key("criticality", one_of("low", "medium", "high", "critical"), "how much depends on it"),
            Key(
                "aliases",
                NAMES,
                "any other native id that logs show; the provider's unique id catches a recreated name",
            ),
            Key("charter", NAME, "id of its charter"),
            Key("status", one_of("active", "dormant", "quarantined", "decommissioned", "expired"), "where in its life"),
            Key("created", DAY, "when it was made"),
            Key("third_party", FLAG, "runs for or by an outsider"),
            Key("vendor", NAME, "which outsider"),
            Key("privileged", FLAG, "may administer"),
            Key("shared", FLAG, "used by several workloads"),
            Key("mfa", FLAG, "signs in with a second factor"),
            Key("console_enabled", FLAG, "can sign in at a console"),
            Key("tags", NAMES, "free words"),
            Key("agent", record_of(_AGENT, "object"), "facts of an agent"),
            Key("credentials", list_of(record_of(_CREDENTIAL, "object")), "registered credentials"),
            Key("granted", NAMES_OR_TEXT, "permissions that it holds"),
            Key("used", NAMES, "permissions of those that it used"),
            *_VALIDITY,
        ),
        _versioned(Identity),
    ),
    "charter": Record(
        (
            Key("id", NAME, "id of the charter", True),
            Key(
                "allow",
                record_of(_CHARTER_ALLOW, "object", null=False),
                "the standing boundary; an absent list restricts nothing",
            ),
            Key("deny", _DENY, "what is never allowed, whatever a task says"),
            Key("task_required", FLAG, "whether actions need a task; default true for agents"),
            Key("delegation_depth", COUNT, "hops that a task may be handed on; default 1"),
            Key("review_due", DAY, "when to look at it again"),
            *_VALIDITY,
        ),
        _versioned(Charter),
    ),
    "task": Record(_TASK_KEYS, _task),
    "issuer": Record(
        (
            Key("platform", NAME, "platform of the identities", True),
            Key("provider", NAME, "identity provider, the whole string", True),
            Key("audience", GLOB, "audience of the token; absent: any"),
            Key("subject", GLOB, "subject of the token; absent: any"),
            Key("carries", list_of(one_of("source_identity", "session_tags")), "where the task stands", True),
            Key("task_tag", NAME, "session tag that holds the task"),
            *_VALIDITY,
        ),
        _issuer,
    ),
    "registrar": Record(
        (
            Key("id", NAME, "as in `registered_by` and `by`", True),
            Key("identities", _GLOBS, "for which identities it may speak; absent: all"),
            Key("feed", GLOB, "feed files that speak for it where a line names nobody"),
            *_VALIDITY,
        ),
        _versioned(Registrar),
    ),
    "channel": Record(
        (
            Key("channel", GLOB, "path, index, topic or sourcetype", True),
            Key("source", NAME, "log source that may come by it", True),
            _ACCOUNTS,
            *_VALIDITY,
        ),
        _versioned(Channel),
    ),
    "environment": Record(
        (
            Key("resource", GLOB, "resource or account", True),
            Key("environment", NAME, "its environment; the first entry that fits", True),
            *_VALIDITY,
        ),
        _versioned(Environment),
    ),
    "coverage": Record(
        (
            Key("platform", NAME, "platform", True),
            _ACCOUNTS,
            Key("identities", TIME, "since when a missing identity means something"),
            Key("agents", TIME, "since when a missing agent means something"),
            Key("tasks", TIME, "since when a missing task means something"),
            *_VALIDITY,
        ),
        _versioned(Coverage),
    ),
    "tool": Record(
        (
            Key("name", NAME, "`tool`, or `server/tool`", True),
            Key("class", one_of(*CLASSES), "class of its action"),
            Key("resources", NAMES, "arguments that name resources"),
            *_VALIDITY,
        ),
        _tool,
    ),
}
"""Objects of the registry by `type`."""

FEED = {
    "task": Record((*_TASK_KEYS, _RECEIVED), _task),
    "binding": Record(
        (
            Key("task", NAME, "id of the task", True),
            Key("credential_id", NAME, "credential that serves it: this or `session`"),
            Key("session", NAME, "session or conversation that serves it"),
            Key("bound_at", WRITTEN_TIME, "from when on", True),
            _RECEIVED,
            _BY,
        ),
        _binding,
    ),
    "revoke": Record(
        (Key("task", NAME, "id of the task", True), Key("at", TIME, "from when on it is over", True), _RECEIVED, _BY),
        _plain(Revocation),
    ),
}
"""Lines of a broker's feed by `type`."""
