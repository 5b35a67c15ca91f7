"""Small rules and events for the tests of hunt."""

from __future__ import annotations

from typing import Any

from remit.content import Rule, read_rules
from remit.hunt.run import Event

IDS = {name: f"{number:08d}-0000-4000-8000-000000000000" for number, name in enumerate("abcdefgh", 1)}


def rule(
    name: str, detection: str = "s: {x: '*'}", alert: str = "queue", logsource: str = "{product: aws}", more: str = ""
) -> Rule:
    """A rule called by one letter; `x: '*'` fires on every event."""
    text = (
        f"title: Rule {name}\nid: {IDS[name]}\nlevel: high\nlogsource: {logsource}\n"
        f"detection:\n  {detection}\n  condition: s\ncustom:\n  alert: {alert}\n{more}"
    )
    [found], problems = read_rules(text.encode(), f"rules/{name}.yml")
    assert not problems, problems
    return found


def event(
    minute: float | None,
    line: int = 1,
    identity: str | None = "aws:role:r",
    source: str | None = "aws.cloudtrail",
    **tags: Any,
) -> Event:
    """An event so many minutes after a fixed moment."""
    time = None if minute is None else 1_778_580_000_000 + round(minute * 60_000)
    nhi: dict[str, Any] = {"event": {"id": f"e{line}"}, **tags}
    if identity is not None:
        nhi["identity"] = {"id": identity, "name": "r", "kind": "role"}
    return Event(document={"x": "a", "nhi": nhi}, source=source, time=time, file="log.jsonl", line=line, record=0)
