"""The report: one HTML file that works from disk. No script, no network; a value of a log is text and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup
from msgspec import Struct

from remit.alerts import Alert
from remit.reports import facts, timeline
from remit.reports.comparison import Row, rows
from remit.reports.guidance import Why, steps, why
from remit.reports.incidents import SEVERITIES, Deed, Incident, incidents, many, moment, quiet, tag
from remit.reports.inert import inert
from remit_enrichment import __version__

MAX_EVENTS = 200
"""Events of one incident that are listed; the rest is counted."""
MAX_VALUE = 2000
MAX_DETAILED = 200
"""Incidents that are told in full; the others stand in the index, for a page of thousands opens in no browser."""


class View(Struct, frozen=True, kw_only=True):
    """One incident as the template shows it."""

    anchor: str
    incident: Incident
    level: str
    """One of our own words: it becomes the name of a style."""
    done: str
    call: tuple[str, str]
    fired: int
    verdict: str
    when: str
    clock: str
    day: str
    who: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str], ...]
    judged: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    task: str | None
    task_name: str | None
    purpose: str | None
    why: tuple[Why, ...]
    triage: tuple[str, ...]
    response: tuple[str, ...]
    falsepositives: tuple[str, ...]
    references: tuple[str, ...]
    events: tuple[Deed, ...]
    left_out: int
    picture: timeline.Timeline | None


def report(alerts: Sequence[Alert]) -> str:
    """Return the report on these alerts as one HTML document; the same alerts give the same text."""
    found = incidents(alerts)
    package = files("remit.reports")
    style = package.joinpath("report.css").read_text("utf-8")
    template = _environment().from_string(package.joinpath("report.html.j2").read_text("utf-8"))
    return template.render(
        views=[_view(f"incident-{number}", incident) for number, incident in enumerate(found, start=1)],
        detailed=MAX_DETAILED,
        levels=[(level, n) for level in reversed(SEVERITIES) if (n := sum(i.level == level for i in found))],
        picture_of_all=timeline.overview(found),
        fired=sum(alert.superseded_by is None for alert in alerts),
        quiet=quiet(alerts),
        period=_period(found),
        version=__version__,
        style=Markup(style),  # noqa: S704 - our own file; no value of a log is in it
        # The policy names this one style sheet by its hash and nothing else, so that nothing else can load or run.
        digest=base64.b64encode(sha256(style.encode()).digest()).decode(),
    )


def _environment() -> jinja2.Environment:
    def finalize(value: Any) -> Any:
        if value is None:
            return ""
        return value if isinstance(value, Markup | int | float) else inert(value, MAX_VALUE)

    environment = jinja2.Environment(
        autoescape=True, finalize=finalize, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["clock"] = lambda time: f"{at:%H:%M:%S}" if (at := moment(time)) else "?"
    environment.globals["many"] = many
    environment.globals["tag"] = tag
    return environment


def _view(anchor: str, incident: Incident) -> View:
    nhi, guidance = incident.lead.nhi, incident.lead.guidance
    start = moment(incident.start)
    return View(
        anchor=anchor,
        incident=incident,
        level=incident.level if incident.level in SEVERITIES else "informational",
        done=facts.done(incident),
        call=_call(incident),
        fired=sum(alert.superseded_by is None for alert in incident.alerts),
        verdict=facts.INTENTS.get(incident.lead.verdict or "", "no verdict"),
        when=facts.span(incident),
        clock=f"{start:%H:%M}" if start else "unknown",
        day=f"{start:%Y-%m-%d}" if start else "",
        who=_who(incident),
        answers=_answers(incident),
        judged=(
            ("Evidence", facts.evidence(nhi)),
            ("Normal", facts.normal(incident)),
            ("Reach", facts.reach(incident)),
            ("Credential", facts.credential(nhi)),
        ),
        rows=rows(incident),
        task=tag(nhi, "task.id"),
        task_name=tag(nhi, "task.name"),
        purpose=tag(nhi, "task.purpose"),
        why=why(incident),
        triage=steps(incident, "triage"),
        response=steps(incident, "response"),
        falsepositives=steps(incident, "falsepositives"),
        references=tuple(link for link in guidance.references if link.startswith("https://")),
        events=incident.deeds[:MAX_EVENTS],
        left_out=max(len(incident.deeds) - MAX_EVENTS, 0),
        picture=timeline.of_incident(incident),
    )


def _call(incident: Incident) -> tuple[str, str]:
    nhi, owner = incident.lead.nhi, incident.owner
    if owner is None:
        return "nobody", "no owner is registered"
    left = "has left: " if tag(nhi, "owner.status") == "departed" else ""
    return f"{left}{owner.name or owner.id}", str(tag(nhi, "owner.contact") or owner.team or "")


def _who(incident: Incident) -> tuple[tuple[str, str], ...]:
    nhi, identity = incident.lead.nhi, incident.identity
    values = (
        ("Name", incident.subject),
        ("Kind", facts.kind(incident)),
        ("Id", identity.id if identity else None),
        ("Registered", {True: "yes", False: "no"}.get(tag(nhi, "identity.registered"))),
        ("Environment", tag(nhi, "identity.environment")),
        ("Criticality", tag(nhi, "identity.criticality")),
        ("Status", tag(nhi, "identity.status")),
        ("Model", " ".join(str(part) for part in (tag(nhi, "agent.vendor"), tag(nhi, "agent.model")) if part)),
        ("Runs on", " ".join(str(part) for part in (tag(nhi, "agent.runtime"), tag(nhi, "agent.framework")) if part)),
        ("Autonomy", tag(nhi, "agent.autonomy")),
        ("Charter", tag(nhi, "agent.charter")),
        ("Session", tag(nhi, "session.id")),
        ("Reached through", " > ".join(many(tag(nhi, "attribution.chain")))),
    )
    return tuple((label, str(value)) for label, value in values if value)


def _answers(incident: Incident) -> tuple[tuple[str, str], ...]:
    nhi, owner = incident.lead.nhi, incident.owner
    status = tag(nhi, "owner.status")
    state = {"departed": "has left: nobody answers for this identity", "unknown": "not known to the registry then"}
    values = (
        ("Owner", (owner.name or owner.id) if owner else "nobody is registered"),
        ("Status", state.get(str(status))),
        ("Id", owner.id if owner and owner.name else None),
        ("Team", owner.team if owner else None),
        ("Contact", tag(nhi, "owner.contact")),
        ("Sponsor", tag(nhi, "owner.sponsor")),
        ("Registry lacks", ", ".join(word.replace("_", " ") for word in many(tag(nhi, "verdict.governance")))),
        ("Acts for", tag(nhi, "task.delegator") or tag(nhi, "attribution.delegator_id")),
    )
    return tuple((label, str(value)) for label, value in values if value)


def _period(found: Sequence[Incident]) -> str:
    times = [at for incident in found for time in (incident.start, incident.end) if (at := moment(time))]
    if not times:
        return ""
    first, last = min(times), max(times)
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
