"""What was seen before: duplicates, use of limits, sliding counters, taint, first sights. All of it lies in the store.

Counters belong to the identity that acts, baselines to its charter (or to itself where it has none), both inside one
account. Values are remembered as 64-bit marks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address

from msgspec import Struct, field

from remit_enrichment.activity import Activity
from remit_enrichment.constants import (
    DUPLICATE_HOURS,
    HOUR,
    LATE,
    LEARNING,
    LONG_WINDOW,
    MAX_COUNT,
    MAX_VALUES,
    MINUTE,
    NETWORK_BITS,
    WINDOW,
)
from remit_enrichment.credentials import LONG_LIVED
from remit_enrichment.judgement import MUTATING, Classified, Recent, Usage
from remit_enrichment.kept import Kept
from remit_enrichment.registry.model import Limits, Task
from remit_enrichment.store import Store


def mark(value: str | bytes) -> int:
    """Return a 64-bit mark of a value: what is remembered in its place."""
    data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


_mark_text = lru_cache(maxsize=65536)(mark)


# --- duplicates, late events ------------------------------------------------------------------------------------------


class _Clock(Struct):
    newest: int = 0
    hours: list[int] = field(default_factory=list)
    """Hours of event time whose ids are held, the one touched last at the end."""


class Arrivals:
    """Which events came before, and how far the log has come."""

    def __init__(self, store: Store) -> None:
        self._clocks = Kept(store, "clock", _Clock)
        self._clock = self._clocks.get("arrivals") or _Clock()
        self._hours: Kept[set[int]] = Kept(store, "arrivals", set[int], DUPLICATE_HOURS + 1)

    def is_duplicate(self, time: int, event: int) -> bool:
        """Say whether an event with this mark came before, and remember it."""
        hour = time // HOUR
        seen = self._hours.get(_hour(hour)) or set()
        if event in seen:
            return True
        seen.add(event)
        self._hours.put(_hour(hour), seen)
        self._touch(hour)
        return False

    def is_late(self, time: int) -> bool:
        """Say whether the log had come far beyond this time already."""
        late = time < self._clock.newest - LATE
        self._clock.newest = max(self._clock.newest, time)
        return late

    def save(self) -> None:
        self._clocks.put("arrivals", self._clock)
        self._clocks.save()
        self._hours.save()

    def _touch(self, hour: int) -> None:
        hours = self._clock.hours
        if hours and hours[-1] == hour:
            return
        if hour in hours:
            hours.remove(hour)
        hours.append(hour)
        if len(hours) > DUPLICATE_HOURS:
            self._hours.delete(_hour(hours.pop(0)))


def _hour(hour: int) -> str:
    return f"{hour:012d}"


# --- use of a task's limits -------------------------------------------------------------------------------------------


class _Used(Struct):
    actions: int = 0
    deletes: int = 0
    resources: set[int] = field(default_factory=set)


def is_limited(limits: Limits) -> bool:
    """Say whether a task has any limit to be counted against."""
    return (limits.max_actions, limits.max_deletes, limits.max_distinct_resources) != (None, None, None)


class TaskUse:
    """How much of its limits each task has used up, and who used a task first."""

    def __init__(self, store: Store) -> None:
        self._used = Kept(store, "task_use", _Used)
        self._holders = Kept(store, "task_holder", str)

    def with_this(self, task: Task, classified: Classified, resources: Iterable[str], *, counted: bool) -> Usage:
        """Return what the task would have used up, as far as this action adds to it.

        Args:
            counted: the event is no duplicate and succeeded.
        """
        if not counted:
            return Usage()
        used = self._used.get(task.id) or _Used()
        marks = {mark(resource) for resource in resources} - used.resources
        return Usage(
            used.actions + 1,
            used.deletes + 1 if classified.action_class == "delete" else 0,
            len(used.resources) + len(marks) if marks else 0,
        )

    def count(self, task: Task, classified: Classified, resources: Iterable[str]) -> None:
        """Add an action that was within scope and limits."""
        used = self._used.get(task.id) or _Used()
        used.actions += 1
        used.deletes += classified.action_class == "delete"
        if task.limits.max_distinct_resources is not None:
            used.resources.update(mark(resource) for resource in resources)
        self._used.put(task.id, used)

    def holder(self, task_id: str, credential: str) -> str:
        """Return the credential that first used a task without being issued or bound for it, this one if none did."""
        held = self._holders.get(task_id)
        if held is None:
            self._holders.put(task_id, credential)
            return credential
        return held

    def save(self) -> None:
        self._used.save()
        self._holders.save()


# --- sliding counters, taint ------------------------------------------------------------------------------------------


class _Windows(Struct):
    """Times of the last events of each kind, ascending, and when each resource was last touched."""

    denied: list[int] = field(default_factory=list)
    deletes: list[int] = field(default_factory=list)
    mutating: list[int] = field(default_factory=list)
    secrets: list[int] = field(default_factory=list)
    resources: dict[int, int] = field(default_factory=dict)


class _Taint(Struct):
    """When a run last read what an outsider can write, and last changed its own rights."""

    untrusted: list[int] = field(default_factory=list)
    escalated: list[int] = field(default_factory=list)


NOTHING_LATELY = Recent()
"""Also what stands for one resource touched: a single one is not told."""


class Counters:
    """What each identity did lately, and what taints its runs."""

    def __init__(self, store: Store) -> None:
        self._windows = Kept(store, "recent", _Windows)
        self._taints = Kept(store, "taint", _Taint)

    def observe(
        self, who: str, run: str, time: int, activity: Activity, classified: Classified, *, on_self: bool
    ) -> Recent:
        """Count this event at its own time, and return what the windows that end with it hold.

        Args:
            who: the key of the identity.
            run: the key of the run that taint belongs to.
            on_self: the identity acted upon is the one that acts.
        """
        windows = self._windows.get(who) or _Windows()
        kinds = _kinds(activity, classified)
        for kind in kinds:
            _add(getattr(windows, kind), time)
        for resource in (activity.resources or ())[:MAX_COUNT]:
            _touch(windows.resources, _mark_text(resource), time)
        forgotten = _forget(windows.resources, time)
        if kinds or activity.resources or forgotten:
            self._windows.put(who, windows)
        untrusted, escalated = self._tainted(run, time, activity, classified, on_self=on_self)
        lists = windows.denied or windows.deletes or windows.mutating or windows.secrets
        if not (lists or untrusted or escalated) and len(windows.resources) < 2:
            return NOTHING_LATELY
        return Recent(
            denied_count=_within(windows.denied, time, WINDOW),
            delete_count=_within(windows.deletes, time, WINDOW),
            mutating_count=_within(windows.mutating, time, WINDOW),
            secrets_read_count=_within(windows.secrets, time, LONG_WINDOW),
            distinct_resources=_touched(windows.resources, time),
            deletes_a_minute=_within(windows.deletes, time, MINUTE),
            untrusted_read=untrusted,
            self_escalation=escalated,
        )

    def _tainted(
        self, run: str, time: int, activity: Activity, classified: Classified, *, on_self: bool
    ) -> tuple[bool, bool]:
        untrusted = classified.action_class == "untrusted_read" and activity.outcome == "success"
        escalated = on_self and classified.action_class == "identity_admin" and activity.outcome == "success"
        taint = self._taints.get(run)
        if taint is None:
            if not (untrusted or escalated):
                return False, False
            taint = _Taint()
        if untrusted:
            _add(taint.untrusted, time)
        if escalated:
            _add(taint.escalated, time)
        if untrusted or escalated:
            self._taints.put(run, taint)
        return (
            _within(taint.untrusted, time, LONG_WINDOW) > 0,
            _within(taint.escalated, time, LONG_WINDOW) > 0,
        )

    def save(self) -> None:
        self._windows.save()
        self._taints.save()


def _kinds(activity: Activity, classified: Classified) -> tuple[str, ...]:
    if activity.outcome != "success":
        return ("denied",) if activity.outcome == "denied" else ()
    return _kinds_of(classified.action_class)


@lru_cache(maxsize=256)
def _kinds_of(action_class: str) -> tuple[str, ...]:
    kinds = (
        ("deletes", action_class == "delete"),
        ("mutating", action_class in MUTATING),
        ("secrets", action_class == "secrets_read"),
    )
    return tuple(kind for kind, true in kinds if true)


def _add(times: list[int], time: int) -> None:
    """Add a time in its place and drop what no window can reach any more."""
    insort(times, time)
    if len(times) > MAX_COUNT or times[0] < times[-1] - LONG_WINDOW:
        del times[: max(len(times) - MAX_COUNT, bisect_left(times, times[-1] - LONG_WINDOW))]


def _within(times: list[int], time: int, window: int) -> int:
    """Count the times in the window that ends at `time`, both ends included."""
    return bisect_right(times, time) - bisect_left(times, time - window) if times else 0


def _touch(last: dict[int, int], value: int, time: int) -> None:
    """Note when a resource was touched; the one touched last stands at the end."""
    held = last.pop(value, time)
    last[value] = max(time, held)
    if len(last) > MAX_COUNT:
        del last[next(iter(last))]


def _forget(last: dict[int, int], time: int) -> bool:
    """Drop the resources that the window has left behind, and say whether there were any; one that was touched again
    since keeps those behind it until it goes."""
    before = len(last)
    while last:
        first = next(iter(last))
        if last[first] >= time - WINDOW:
            break
        del last[first]
    return len(last) < before


def _touched(last: dict[int, int], time: int) -> int:
    """Count the resources touched by then."""
    if not last or last[next(reversed(last))] <= time:
        return len(last)
    return sum(touched <= time for touched in last.values())


# --- first sights -----------------------------------------------------------------------------------------------------


class _Baseline(Struct):
    since: int
    seen: dict[str, set[int]] = field(default_factory=dict)


class Sight(Struct, frozen=True):
    """What is new in an event."""

    first_seen: tuple[str, ...] = ()
    saturated: bool = False
    learning: bool = False


_NOTHING_NEW = Sight()
_EMPTY: frozenset[int] = frozenset()
Sighted = tuple[tuple[str, tuple[int, ...]], ...]
"""Marks of an event's values, by dimension."""
NOTHING: Sighted = ()


class Baselines:
    """Which values each charter's identities have shown in successful events that were no finding."""

    def __init__(self, store: Store) -> None:
        self._baselines = Kept(store, "baseline", _Baseline)
        self._identities = Kept(store, "identity", int)
        self._made = Kept(store, "made_by_nhi", str)
        self._known: set[tuple[str, Sighted]] = set()
        """What a baseline holds whole: nothing is ever forgotten, so it stays so."""

    def look(self, key: str, shown: Sighted, time: int, *, grace: bool) -> Sight:
        """Return the dimensions in which an event shows something new; nothing while learning, where there is grace."""
        baseline = self._baselines.get(key)
        if baseline is None:
            baseline = _Baseline(time)
            self._baselines.put(key, baseline)
        if (key, shown) in self._known:
            return _NOTHING_NEW
        seen = baseline.seen
        new = tuple(dimension for dimension, marks in shown if not seen.get(dimension, _EMPTY).issuperset(marks))
        if not new:
            if len(self._known) >= MAX_VALUES:
                self._known.clear()
            self._known.add((key, shown))
            return _NOTHING_NEW
        learning = grace and time < baseline.since + LEARNING
        saturated = any(len(seen.get(dimension, _EMPTY)) >= MAX_VALUES for dimension in new)
        return Sight(() if learning else new, saturated, learning)

    def learn(self, key: str, shown: Sighted) -> None:
        """Remember the values of a successful event that was no finding; a full dimension takes nothing more."""
        baseline = self._baselines.get(key)
        if baseline is None or (key, shown) in self._known:
            return
        changed = False
        for dimension, marks in shown:
            seen = baseline.seen.setdefault(dimension, set())
            for value in marks:
                if value not in seen and len(seen) < MAX_VALUES:
                    seen.add(value)
                    changed = True
        if changed:
            self._baselines.put(key, baseline)

    def is_new_identity(self, identity: str, time: int) -> bool:
        """Say whether a stranger is seen for the first time, and remember it."""
        if self._identities.get(identity) is not None:
            return False
        self._identities.put(identity, time)
        return True

    def made(self, identity: str, by: str) -> None:
        """Remember that a machine identity made another one."""
        self._made.put(identity, by)

    def was_made_by_nhi(self, identity: str) -> bool:
        return self._made.get(identity) is not None

    def save(self) -> None:
        for kept in (self._baselines, self._identities, self._made):
            kept.save()


def sighted(activity: Activity) -> Sighted:
    """Return the marks of an event's values; what the event does not show is left out."""
    credential = activity.credential
    long_lived = credential.id if credential is not None and credential.type in LONG_LIVED else None
    # An agent's arguments are text without end: they are the task's business, not a baseline's.
    resources = () if activity.platform == "otel" else activity.resources or ()
    places = tuple(dict.fromkeys(_place(resource) for resource in resources))
    return _sighted(activity.action, places, activity.address, activity.user_agent, activity.region, long_lived)


@lru_cache(maxsize=65536)
def _sighted(
    action: str,
    places: tuple[str, ...],
    address: str | None,
    user_agent: str | None,
    region: str | None,
    credential: str | None,
) -> Sighted:
    values: tuple[tuple[str, tuple[str | None, ...]], ...] = (
        ("action", (action,)),
        ("resource", places),
        ("network", (_network(address) if address else None,)),
        ("user_agent", (_product(user_agent) if user_agent else None,)),
        ("region", (region,)),
        ("credential", (credential,)),
    )
    marks = ((name, tuple(_mark_text(value) for value in found if value)) for name, found in values)
    return tuple((name, found) for name, found in marks if found)


def _place(resource: str) -> str:
    """Return the bucket of an object, the group of a log stream: what there are few of."""
    if resource.startswith("arn:") and resource.split(":", 3)[2] == "s3":
        return resource.partition("/")[0]
    return resource.partition(":log-stream:")[0]


@lru_cache(maxsize=65536)
def _network(address: str) -> str | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    bits = NETWORK_BITS[found.version]
    rest = found.max_prefixlen - bits
    return f"{type(found)(int(found) >> rest << rest)}/{bits}"


@lru_cache(maxsize=65536)
def _product(user_agent: str) -> str:
    """Return the first product of a user agent, without its version."""
    return user_agent.lstrip("[ ").replace("/", " ").partition(" ")[0].rstrip("],;").lower()
