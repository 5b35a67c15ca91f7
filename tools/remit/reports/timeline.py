"""An incident as a picture: where things stand on a line of time. Numbers only; the template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from remit.reports.incidents import SEVERITIES, Incident, moment, rank, tag

WIDTH, GUTTER, MARGIN = 960, 230, 24
"""Of the picture, of the lane names at its left, and of what stays free at its right; in user units of the SVG."""
LANE = 34
MAX_LANES = 6
MAX_INCIDENTS = 20
"""Lanes of the picture of all incidents: the gravest."""
MERGE = 13.0
"""Dots closer than this become one with a number in it."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880, 10080)


class Tick(Struct, frozen=True):
    x: float
    label: str


class Dot(Struct, frozen=True):
    """One deed, or several that happened too close together to be drawn apart."""

    x: float
    y: float
    count: int
    level: str
    """One of our own words: it becomes the name of a style."""
    label: str


class Lane(Struct, frozen=True):
    y: float
    name: str


class Band(Struct, frozen=True):
    """The window of the task."""

    x: float
    width: float
    name: str


class Timeline(Struct, frozen=True, kw_only=True):
    height: int
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    dots: tuple[Dot, ...]
    band: Band | None = None
    width: int = WIDTH
    gutter: int = GUTTER
    bottom: float = 0.0
    day: str = ""


class Scale(Struct, frozen=True):
    """Time to place."""

    start: datetime
    end: datetime

    def x(self, time: datetime) -> float:
        share = (time - self.start) / (self.end - self.start)
        return round(GUTTER + share * (WIDTH - GUTTER - MARGIN), 1)

    def ticks(self) -> tuple[Tick, ...]:
        minutes = (self.end - self.start).total_seconds() / 60
        step = timedelta(minutes=next((s for s in _STEPS if minutes / s <= 9), _STEPS[-1] * (1 + minutes // 90_000)))
        first = self.start.replace(hour=0, minute=0, second=0, microsecond=0)
        first += step * -((first - self.start) // step)
        day = "%m-%d %H:%M" if self.end - self.start > timedelta(days=1) else "%H:%M"
        count = int((self.end - first) / step) + 1
        return tuple(Tick(self.x(at), f"{at:{day}}") for at in (first + step * i for i in range(count)))


def of_incident(incident: Incident) -> Timeline | None:
    """Return the picture of one incident: a lane an action, the task's window behind them; None without any time."""
    times = [at for deed in incident.deeds if (at := moment(deed.time))]
    if not times:
        return None
    nhi = incident.lead.nhi
    start, end = moment(tag(nhi, "task.start")), moment(tag(nhi, "task.end"))
    window = (start, end) if start and end and start < end else None
    scale = _scale([*times, *(window or ())], timedelta(minutes=2))
    names = [name for name, _ in incident.actions]
    rows = {name: min(index, MAX_LANES - 1) for index, name in enumerate(names)}
    top = 46 if window else 16
    hits = [
        (at, rows[deed.action], deed.level, deed.action)
        for deed in incident.deeds
        if (at := moment(deed.time)) is not None
    ]
    shown = [*names[: MAX_LANES - 1], "other actions"] if len(names) > MAX_LANES else names
    lanes = tuple(Lane(top + LANE * (index + 0.5), name) for index, name in enumerate(shown))
    band = (
        Band(scale.x(window[0]), scale.x(window[1]) - scale.x(window[0]), str(tag(nhi, "task.id"))) if window else None
    )
    return _drawn(scale, lanes, _merged(scale, hits, top), top, band)


def overview(incidents: Sequence[Incident]) -> Timeline | None:
    """Return the picture of the gravest incidents, a lane each; None where no time is known."""
    drawn = incidents[:MAX_INCIDENTS]
    hits = [
        (at, row, incident.level, incident.subject)
        for row, incident in enumerate(drawn)
        for deed in incident.deeds
        if (at := moment(deed.time)) is not None
    ]
    if not hits:
        return None
    scale = _scale([at for at, *_ in hits], timedelta(minutes=30))
    lanes = tuple(Lane(16 + LANE * (row + 0.5), incident.subject) for row, incident in enumerate(drawn))
    return _drawn(scale, lanes, _merged(scale, hits, 16), 16, None)


def _scale(times: Sequence[datetime], least: timedelta) -> Scale:
    first, last = min(times), max(times)
    pad = max((last - first) * 0.05, least)
    return Scale(first - pad, last + pad)


def _drawn(scale: Scale, lanes: tuple[Lane, ...], dots: tuple[Dot, ...], top: int, band: Band | None) -> Timeline:
    bottom = top + LANE * len(lanes)
    return Timeline(height=bottom + 30, ticks=scale.ticks(), lanes=lanes, dots=dots, band=band, bottom=bottom,
                    day=f"{scale.start:%Y-%m-%d}")  # fmt: skip


def _merged(scale: Scale, hits: Sequence[tuple[datetime, int, str, str]], top: int) -> tuple[Dot, ...]:
    """Return the dots of each lane, those that would overlap as one."""
    dots: list[Dot] = []
    for row in sorted({row for _, row, _, _ in hits}):
        group: list[tuple[datetime, str, str]] = []
        for at, _, level, name in sorted(hit for hit in hits if hit[1] == row):
            if group and scale.x(at) - scale.x(group[0][0]) > MERGE:
                dots.append(_dot(scale, group, row, top))
                group = []
            group.append((at, level, name))
        dots.append(_dot(scale, group, row, top))
    return tuple(dots)


def _dot(scale: Scale, group: Sequence[tuple[datetime, str, str]], row: int, top: int) -> Dot:
    first, last = group[0][0], group[-1][0]
    gravest = max((level for _, level, _ in group), key=rank)
    when = f"{first:%H:%M:%S}" + (f" to {last:%H:%M:%S}" if last != first else "")
    times = f"{len(group)} times, " if len(group) > 1 else ""
    gravest = gravest if gravest in SEVERITIES else "informational"
    middle = (scale.x(first) + scale.x(last)) / 2
    return Dot(round(middle, 1), top + LANE * (row + 0.5), len(group), gravest, f"{group[0][2]}: {times}{when} UTC")
