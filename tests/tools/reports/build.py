"""Alerts as `hunt` writes them, built by hand: for what the demo's day does not show."""

from __future__ import annotations

from typing import Any

from remit.alerts import Alert, AlertIdentity, AlertOwner, AlertRule, EventPlace, Guidance

AGENT = "aws:role:arn:aws:iam::111122223333:role/agent-meeting-notes"
DESTRUCTIVE = AlertRule(
    id="11111111-1111-1111-1111-111111111111",
    title="Machine identity deleted something its task does not cover",
    level="critical",
    file="rules/nhi_activity/destructive.yml",
    alert="page",
)
QUEUE = AlertRule(
    id="22222222-2222-2222-2222-222222222222",
    title="Security group opened to the whole internet",
    level="high",
    file="rules/aws/group.yml",
    alert="queue",
)
SILENT = AlertRule(
    id="33333333-3333-3333-3333-333333333333",
    title="Long-lived access key created",
    level="low",
    file="rules/aws/key.yml",
    alert="risk_only",
)
GUIDANCE = Guidance(
    description="Detects a deletion that no task covers.",
    falsepositives=("A retention job moved to another prefix",),
    triage=('What else did this session do? nhi.session.id:"{nhi.session.id}" from 1 h before to 1 h after',),
    response=("Ask the owner whether the deletion was wanted", "End the session"),
    references=("https://attack.mitre.org/techniques/T1485/",),
    tags=("attack.impact", "attack.t1485"),
)


def nhi(number: int = 0, **changed: Any) -> dict[str, Any]:
    """Return the tags of a deletion outside the task; `changed` replaces whole groups."""
    tags: dict[str, Any] = {
        "event": {"id": f"event-{number}", "time": f"2026-05-12T14:22:{number:02}.000Z"},
        "identity": {
            "id": AGENT,
            "name": "meeting-notes",
            "kind": "ai_agent",
            "registered": True,
            "is_nhi": True,
            "is_agent": True,
            "environment": "prod",
        },
        "owner": {
            "id": "priya.raman@acme.example",
            "name": "Priya Raman",
            "team": "workplace-ai",
            "status": "active",
            "contact": "#workplace-ai",
        },
        "credential": {"id": "ASIAMNOTE4104EXAMPLE", "type": "sts_session"},
        "session": {"id": "ASIAMNOTE4104EXAMPLE"},
        "action": {"name": "s3:DeleteObject", "class": "delete"},
        "resource": {"id": [f"arn:aws:s3:::acme-prod-invoices/2026/q1/invoice-{number}.pdf"]},
        "outcome": "success",
        "agent": {"vendor": "anthropic", "model": "claude-sonnet"},
        "task": {
            "id": "TASK-4104",
            "name": "notes: supplier call",
            "purpose": "summarize the call",
            "start": "2026-05-12T14:00:00.000Z",
            "end": "2026-05-12T15:00:00.000Z",
            "delegator": "priya.raman@acme.example",
            "allowed_actions": ["s3:GetObject", "s3:PutObject"],
            "allowed_resources": ["arn:aws:s3:::acme-meetings/*"],
        },
        "attribution": {"level": "L3", "evidence": "ledger.access_key_id", "confidence": 0.85},
        "verdict": {
            "intent": "out_of_scope",
            "reasons": ["CLASS_NOT_IN_TASK", "ACTION_NOT_IN_TASK", "RESOURCE_NOT_IN_TASK"],
        },
        "enrichment": {"version": "1", "registry_version": "0123456789ab"},
    }
    return {**tags, **changed}


def alert(
    number: int = 0, *, rule: AlertRule = DESTRUCTIVE, tags: dict[str, Any] | None = None, **changed: Any
) -> Alert:
    """Return the alert of event `number`; `changed` replaces members of the alert."""
    shown = nhi(number) if tags is None else tags
    identity, owner = shown.get("identity", {}), shown.get("owner")
    values: dict[str, Any] = {
        "id": f"alert-{rule.id[:4]}-{number}",
        "incident": "incident-one" if rule.alert in ("page", "queue") else None,
        "rule": rule,
        "time": shown.get("event", {}).get("time"),
        "identity": AlertIdentity(id=identity["id"], name=identity.get("name"), kind=identity.get("kind"))
        if "id" in identity
        else None,
        "owner": AlertOwner(id=owner["id"], name=owner.get("name"), team=owner.get("team")) if owner else None,
        "verdict": shown.get("verdict", {}).get("intent"),
        "reasons": tuple(shown.get("verdict", {}).get("reasons", ())),
        "events": (EventPlace(file="logs/day.json.gz", line=1, record=number, id=f"event-{number}"),),
        "nhi": shown,
        "guidance": GUIDANCE,
    }
    return Alert(**{**values, **changed})
