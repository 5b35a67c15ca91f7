"""An incident as Markdown, to paste into a ticket: what the card says, and the steps.

Everything that comes from a log, the registry or a rule stands in a code span. There no renderer sees a link, an image,
markup or an `@mention` in it, and a backtick cannot end the span, because the fence is longer than any run of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from remit.alerts import Alert
from remit.reports.comparison import rows
from remit.reports.facts import done, lines, span
from remit.reports.guidance import steps, why
from remit.reports.incidents import SEVERITIES, Deed, Incident, incidents, moment
from remit.reports.inert import inert

MAX_EVENTS = 20
MAX_VALUE = 600
_FITS = {"yes": "yes", "no": "**no**", "open": "not judged"}


def tickets(alerts: Sequence[Alert]) -> str:
    """Return one section of Markdown for each incident, the gravest first; the same alerts give the same text."""
    found = incidents(alerts)
    return "\n".join("\n".join(_ticket(incident)) for incident in found) if found else "No alert made an incident.\n"


def code(text: object) -> str:
    """Return a text as a code span that nothing in it can end."""
    shown = inert(text, MAX_VALUE) or " "
    fence = "`" * (max((len(run) for run in re.findall(r"`+", shown)), default=0) + 1)
    # CommonMark takes one blank from either side of a span, so that a backtick may stand at its edge.
    return f"{fence} {shown} {fence}" if shown[0] == "`" or shown[-1] == "`" else f"{fence}{shown}{fence}"


def _ticket(incident: Incident) -> Iterator[str]:
    level = incident.level.upper() if incident.level in SEVERITIES else "ALERT"
    count = sum(alert.superseded_by is None for alert in incident.alerts)
    yield f"## {level} {code(incident.subject)}: {code(done(incident))}\n"
    yield f"{code(incident.lead.rule.title)}, {span(incident)}, {count} alert{'s' if count != 1 else ''}\n"
    yield from (f"- **{label}**: {code(text)}" for label, text in lines(incident))
    if compared := rows(incident):
        yield "\n### The task it had, and what it did\n"
        for row in compared:
            allowed = " ".join(map(code, row.allowed)) or "not in the tags"
            yield f"- {row.label}: fits {_FITS[row.mark]}; allowed {allowed}; did {' '.join(map(code, row.did))}"
    yield "\n### Why it fired\n"
    yield from (f"- {code(reason.code)} {reason.meaning} {reason.question}".rstrip() for reason in why(incident))
    yield from (f"- rule {code(rule.title)} ({code(rule.file)}), {n}" for rule, n in incident.rules)
    yield from _numbered("What to look at", steps(incident, "triage"))
    yield from _numbered("What to do", steps(incident, "response"))
    yield "\n### Events\n"
    yield from (f"- {_event(deed)}" for deed in incident.deeds[:MAX_EVENTS])
    if len(incident.deeds) > MAX_EVENTS:
        yield f"- and {len(incident.deeds) - MAX_EVENTS} more in the alerts file"
    yield ""


def _numbered(title: str, texts: Iterable[str]) -> Iterator[str]:
    found = [f"{number}. {code(text)}" for number, text in enumerate(texts, start=1)]
    if found:
        yield f"\n### {title}\n"
        yield from found


def _event(deed: Deed) -> str:
    at = moment(deed.time)
    parts = [f"{at:%H:%M:%S}" if at else "time unknown", code(deed.action), *map(code, deed.resources[:2])]
    if deed.place is not None:
        parts.append(f"in {code(deed.place.file)}, line {deed.place.line}, record {deed.place.record}")
    return " ".join(parts)
