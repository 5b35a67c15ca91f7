"""The eight things an analyst asks about an incident, each answered in a line, "not known" where it is not.

The order is fixed, so that the eye finds its place: what it is, whom to call, the credential, the task, what is normal,
how far it reaches, how good the evidence is, what to do next. Every value of the log is made inert and short on its
own, so that a long one cannot push the others out of its line.
"""

from __future__ import annotations

import re
from typing import Any

from remit.reports.incidents import Incident, many, moment, tag
from remit.reports.inert import inert

MAX_VALUE = 100
INTENTS = {
    "aligned": "fits its task",
    "out_of_scope": "outside its task",
    "no_task": "without a task of its own",
    "task_expired": "after its task had ended",
    "unattested": "fits its task, but nothing proves that it acts for it",
    "unknown_identity": "by an identity that nobody registered",
    "indeterminate": "cannot be decided",
    "not_applicable": "no task is needed",
}
LEVELS = {
    "L4": "attested by the platform",
    "L3": "credential bound to the task by the broker",
    "L2": "recorded by the platform",
    "L1": "only the caller says so",
    "L0": "only the time fits",
    "none": "no evidence for any task",
}
_PLACEHOLDER = re.compile(r"\{([A-Za-z][\w.]*)\}")
_QUOTED = re.compile(rf'"{_PLACEHOLDER.pattern}"')
_OTHER_CODES = (
    "FIRST_SEEN_",
    "RATE_",
    "CREDENTIAL_",
    "OWNER_",
    "BASELINE_",
    "NETWORK_",
    "HOURS_",
    "REGION_",
    "IDENTITY_",
)
"""Codes that say nothing of the task; the other lines tell them in words."""
KINDS = {"ai_agent": "AI agent", "agent_user": "agent's user account", "unknown": "identity of unknown kind"}


def lines(incident: Incident) -> tuple[tuple[str, str], ...]:
    """Return label and text of the eight lines."""
    nhi = incident.lead.nhi
    return (
        ("What", what(incident)),
        ("Owner", owner(incident)),
        ("Credential", credential(nhi)),
        ("Task", task(incident)),
        ("Normal", normal(incident)),
        ("Reach", reach(incident)),
        ("Evidence", evidence(nhi)),
        ("Next", following(incident)),
    )


def deed_line(incident: Incident) -> str:
    """Return what was done and when, in one line: `24 × s3:DeleteObject on bucket/…, 14:22 UTC`."""
    return f"{done(incident)}, {span(incident)}"


def done(incident: Incident) -> str:
    """Return what was done to what."""
    names = [f"{count} × {short(name)}" if count > 1 else short(name) for name, count in incident.actions]
    more = f" and {len(names) - 4} other actions" if len(names) > 4 else ""
    place = common([r for deed in incident.deeds for r in deed.resources])
    return f"{', '.join(names[:4])}{more}{f' on {short(place)}' if place else ''}"


def what(incident: Incident) -> str:
    nhi, identity = incident.lead.nhi, incident.identity
    if identity is None:
        return "not known: the event names no identity"
    made = [tag(nhi, f"agent.{name}") for name in ("vendor", "framework", "runtime", "model", "autonomy")]
    about = f" ({', '.join(short(part) for part in made if part)})" if any(made) else ""
    place = " ".join(short(part) for part in (identity.id.split(":", 1)[0], tag(nhi, "identity.environment")) if part)
    return f"{kind(incident)} {short(incident.subject)}{about}, {place}; {short(identity.id)}"


def kind(incident: Incident) -> str:
    """Return what kind of identity it is, in words."""
    word = (incident.identity.kind if incident.identity else None) or "unknown"
    return KINDS.get(word, short(word.replace("_", " ")))


def owner(incident: Incident) -> str:
    nhi, owner = incident.lead.nhi, incident.owner
    for_whom = tag(nhi, "task.delegator") or tag(nhi, "attribution.delegator_id")
    on_behalf = f"; acts for {short(for_whom)}" if for_whom else ""
    if tag(nhi, "identity.registered") is False:
        return f"nobody known: the identity is not in the registry{on_behalf}"
    if owner is None:
        return f"nobody: no owner is registered{on_behalf}"
    text = ", ".join(short(part) for part in (owner.name or owner.id, owner.team, tag(nhi, "owner.contact")) if part)
    status, sponsor = tag(nhi, "owner.status"), tag(nhi, "owner.sponsor")
    if status == "departed":
        return f"ORPHAN, the owner has left: {text}{f'; sponsor {short(sponsor)}' if sponsor else ''}{on_behalf}"
    if status == "unknown":
        return f"{text}, whom the registry did not know at that time{on_behalf}"
    return f"{text}{on_behalf}"


def credential(nhi: dict[str, Any]) -> str:
    id, type = tag(nhi, "credential.id"), tag(nhi, "credential.type")
    if not id and not type:
        return "not known: the event shows none"
    name = " ".join(part for part in (short(type or "").replace("_", " "), f"…{short(id[-4:])}" if id else "") if part)
    age, limit = tag(nhi, "credential.age_days"), tag(nhi, "credential.max_age_days")
    expires, rotated = tag(nhi, "credential.expires"), tag(nhi, "credential.last_rotated")
    known = [
        f"{age} days old{f' of at most {limit}' if limit is not None else ''}" if age is not None else None,
        f"rotated {short(rotated)}" if rotated else None,
        "rotation is overdue" if tag(nhi, "credential.rotation_overdue") else None,
        "used after its end" if tag(nhi, "credential.expired") else None,
        f"expires {short(expires)}" if expires else "never expires" if tag(nhi, "credential.no_expiry") else None,
        "shared by several workloads" if tag(nhi, "identity.shared") else None,
    ]
    return f"{name}; {', '.join(part for part in known if part) or 'age, rotation and expiry not known'}"


def task(incident: Incident) -> str:
    nhi, lead = incident.lead.nhi, incident.lead
    fit = INTENTS.get(lead.verdict or "", "no verdict was written")
    about = [short(code) for code in lead.reasons if not code.startswith(_OTHER_CODES)]
    codes = f" ({', '.join(about)})" if about else ""
    id, name, window = tag(nhi, "task.id"), tag(nhi, "task.name"), task_window(nhi)
    if id is None:
        return f"none; {fit}{codes}"
    return f"{short(id)}{f' {short(name)}' if name else ''}{f', {window}' if window else ''}; {fit}{codes}"


def task_window(nhi: dict[str, Any]) -> str | None:
    """Return `14:00 to 15:00 UTC`, None where the task's window is not in the tags."""
    start, end = moment(tag(nhi, "task.start")), moment(tag(nhi, "task.end"))
    if start is None or end is None:
        return None
    same = start.date() == end.date()
    return f"{start:%H:%M} to {end:%H:%M} UTC" if same else f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"


def normal(incident: Incident) -> str:
    tags = [deed.nhi for deed in incident.deeds]
    new = {name for nhi in tags if isinstance(first := tag(nhi, "first_seen"), dict) for name in first}
    deleted = max((count for nhi in tags if isinstance(count := tag(nhi, "recent.delete_count"), int)), default=0)
    said = [
        f"new for it: {', '.join(sorted(short(name).replace('_', ' ') for name in new))}" if new else None,
        f"{deleted} deletions within 15 minutes" if deleted > 1 else None,
        "outside its networks" if any(tag(nhi, "verdict.network") for nhi in tags) else None,
        "outside its hours" if any(tag(nhi, "verdict.time") for nhi in tags) else None,
        "had read what outsiders can write" if any(tag(nhi, "recent.untrusted_read") for nhi in tags) else None,
        "its behavior is still being learned" if any(tag(nhi, "baseline.learning") for nhi in tags) else None,
    ]
    return "; ".join(part for part in said if part) or "nothing unusual is known about its behavior"


def reach(incident: Incident) -> str:
    nhi = incident.lead.nhi
    hit = list(dict.fromkeys(r for deed in incident.deeds for r in deed.resources))
    touched = f"touched {short(hit[0]) if len(hit) == 1 else f'{len(hit)} resources'}" if hit else "resource not named"
    targets = list(dict.fromkeys(t for deed in incident.deeds for t in many(tag(deed.nhi, "target.id"))))
    targets = [target for target in targets if not target.endswith(tuple(hit))]
    made = f", acted on {', '.join(short(target) for target in targets[:2])}" if targets else ""
    privileged = "privileged; " if tag(nhi, "identity.privileged") else ""
    allowed = many(tag(nhi, "scope.boundary.classes"))
    charter = f"its charter allows {', '.join(short(word) for word in allowed)}; " if allowed else ""
    granted = tag(nhi, "scope.granted")
    rights = f"granted rights {short(granted) if granted is not None else 'not known'}"
    return f"{privileged}{touched}{made}; {charter}{rights}"


def evidence_level(nhi: dict[str, Any]) -> str:
    """Return the level of the task's evidence and what it means."""
    level = str(tag(nhi, "attribution.level") or "none")
    return f"{short(level)}, {LEVELS.get(level, 'level not known')}"


def evidence(nhi: dict[str, Any]) -> str:
    path, registry, risk = (
        tag(nhi, name) for name in ("attribution.evidence", "enrichment.registry_version", "risk.score")
    )
    said = [
        f"{evidence_level(nhi)}{f' ({short(path)})' if path else ''}",
        "references disagree" if tag(nhi, "attribution.conflict") else None,
        f"registry {short(registry)} as of the event" if registry else "registry version not written",
        f"risk {short(risk)}" if risk is not None else None,
        "some fields could not be read" if tag(nhi, "enrichment.error") else None,
    ]
    return "; ".join(part for part in said if part)


def following(incident: Incident) -> str:
    """Return the first step whose every value is known, so that it can be done as it stands."""
    nhi, guidance = incident.lead.nhi, incident.lead.guidance
    steps = (*guidance.triage, *guidance.response)
    ready = (step for step in steps if all(_value(name, nhi) for name in _PLACEHOLDER.findall(step)))
    step = next(ready, None) or next(iter(steps), None)
    return filled(step, nhi) if step else "the rule gives no step"


def filled(step: str, nhi: dict[str, Any]) -> str:
    """Return a step with its placeholders replaced: by the incident's values, else by words for where they stand."""

    def known(match: re.Match[str]) -> str:
        return _value(match[1], nhi) or f"(the event's {match[1]})"

    return _PLACEHOLDER.sub(known, _QUOTED.sub(lambda match: _phrases(match[1], nhi) or match[0], step))


def _value(name: str, nhi: dict[str, Any]) -> str:
    """Return the value of a placeholder; only tags travel with an alert, so that of any other field is not known."""
    return " OR ".join(_escaped(value) for value in _values(name, nhi))


def _phrases(name: str, nhi: dict[str, Any]) -> str:
    """Return the values of a placeholder that stands in quotes, each in quotes of its own."""
    phrases = [f'"{_escaped(value)}"' for value in _values(name, nhi)]
    return f"({' OR '.join(phrases)})" if len(phrases) > 1 else "".join(phrases)


def _values(name: str, nhi: dict[str, Any]) -> list[object]:
    if not name.startswith("nhi."):
        return []
    found: list[object] = [*many(tag(nhi, name.removeprefix("nhi.")))]
    return found[:4]


def _escaped(value: object) -> str:
    """Return a value that ends no quotes: steps hold queries that people paste, and the caller chose the value."""
    return short(value).replace("\\", "\\\\").replace('"', '\\"')


def span(incident: Incident) -> str:
    """Return when it happened: date and clock of the first deed, and of the last where it is another minute."""
    first, last = moment(incident.start), moment(incident.end)
    if first is None or last is None:
        return "at a time that cannot be read"
    if first.date() != last.date():
        return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    return f"{first:%Y-%m-%d %H:%M}{'' if f'{first:%H:%M}' == f'{last:%H:%M}' else f' to {last:%H:%M}'} UTC"


def common(resources: list[str]) -> str:
    """Return one name for many resources: one or two as they are, of more what they begin with up to a separator."""
    names = [_tail(resource) for resource in dict.fromkeys(resources)]
    if len(names) < 3:
        return " and ".join(names)
    # What the first and the last in order begin with, all between them begin with.
    first, last = min(names), max(names)
    length = next((i for i, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    shared = re.match(r".*[/:]", first[:length], re.DOTALL)
    return f"{shared[0]}…" if shared else f"{len(names)} resources"


def _tail(resource: str) -> str:
    """Return what an ARN names, without partition, service, region and account."""
    fields = resource.split(":", 5)
    return fields[5] if fields[0] == "arn" and len(fields) == 6 and fields[5] else resource


def short(value: object) -> str:
    """Return one value of the log or the registry, inert and bounded."""
    return inert(value, MAX_VALUE)
