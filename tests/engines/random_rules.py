"""Random rules and events out of the domain in which a query on our own template is exact (docs: what lies outside).

Values come from a small pool of texts per draw, so that rules and events meet; their letters are those on which cases,
escapes and expressions break.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from remit.content import Rule, read_rules

Detection = dict[str, Any]
Event = dict[str, Any]

LETTERS = "abkKsSiI\u017f\u212a\u0130\u0131ß\u1e9eüÜσςΣ01-_ .*?\\\"/:()[]{}^~!+=<>&|#@$,;'`%\n\té日\U0001f600"
TEXT_FIELDS = ["x", "y", "a.b", "a.c.d", "l.x", "l.m.n", "odd name", "x-y", "größe", "AND", 'q"t', "b\\s", "_z"]
NUMBER_FIELDS = ["n", "o.n"]
NUMBERS: list[int | float] = [0, 7, 22, -1.5, 3.25, 1_000_000]
TIMES = [
    "2026-11-01T23:10:00Z", "2026-11-01T03:10:00Z", "2026-12-31T22:05:09.123+05:00", "2027-01-03T00:00:00",
    "2024-12-30T12:00:00-03:30", "2026-11-01", "no time", 1_793_502_600, 1_793_502_600_000, 2026,
]  # fmt: skip
ADDRESSES = [
    "10.1.2.3", "10.255.0.1", "11.0.0.1", "192.168.4.9", "::ffff:10.9.9.9", "2001:db8::1", "2001:DB8:0:0::9",
    "2001:db9::1", "::1", "fe80::1%eth0", "10.0.0.0/8", "AWS Internal", "010.1.1.1", "10.1.2",
]  # fmt: skip
NETWORKS = ["10.0.0.0/8", "192.168.4.0/22", "10.1.2.3/32", "0.0.0.0/0", "::/0", "2001:db8::/32", "::ffff:10.0.0.0/104"]


def draw(seed: int, rules: int, events: int) -> tuple[list[Detection], list[Event]]:
    """Return detections and events; the same for the same seed."""
    random = Random(seed)
    pool = [_text(random) for _ in range(6)]
    drawn = [_detection_block(random, pool) for _ in range(rules)]
    return drawn, [_event(random, pool) for _ in range(events)]


def rule_of(detection: Detection, number: int = 0) -> Rule | None:
    """Return the rule, None where the loader refuses it."""
    source = {
        "title": "random",
        "id": f"00000000-0000-4000-8000-{number:012}",
        "logsource": {"category": "random"},
        "detection": detection,
    }
    rules, problems = read_rules(json.dumps(source, ensure_ascii=False).encode(), "random.yml")
    return None if problems else rules[0]


def _text(random: Random) -> str:
    return "".join(random.choice(LETTERS) for _ in range(random.choice([0, 1, 1, 2, 3, 4, 6])))


def _recased(random: Random, text: str) -> str:
    ways = [lambda c: c, lambda c: c.upper() if len(c.upper()) == 1 else c, lambda c: c.lower()[:1]]
    return "".join(random.choice(ways)(c) for c in text)


# --- events -----------------------------------------------------------------------------------------------------------


def _event(random: Random, pool: list[str]) -> Event:
    event: Event = {}
    for field in TEXT_FIELDS:
        if random.random() < 0.5:
            _put(random, event, field, _value(random, pool))
    for field in NUMBER_FIELDS:
        if random.random() < 0.6:
            texts = ["7", "07", "7.0", "1e1", "-1.5", "x", "7d", "", "NaN"]
            _put(random, event, field, random.choice([*NUMBERS, *texts, None, True, [5, 70], [7, None]]))
    if random.random() < 0.6:
        event["t"] = random.choice([*TIMES, TIMES[:2]])
    if random.random() < 0.6:
        event["ip"] = random.choice([*ADDRESSES, ["1.1.1.1", "10.9.9.9"], ["2001:db8::7", "x"]])
    if random.random() < 0.1:
        event["unread"] = {"q": [1, {"r": "x"}, [[{}]]]}
    return event


def _value(random: Random, pool: list[str]) -> Any:
    kind = random.random()
    if kind < 0.06:
        return None
    if kind < 0.12:
        return random.choice([*NUMBERS, True, False])
    if kind < 0.16:
        return []
    if kind < 0.3:
        return [_value(random, pool) for _ in range(random.choice([1, 2, 3]))]
    if kind < 0.34:
        return random.choice(["7", "07", "7.0", "-1.5", "true", "TRUE", "false", "22"])
    text = random.choice(pool)
    text = _recased(random, text) if random.random() < 0.3 else text
    text = random.choice(pool) + text if random.random() < 0.3 else text
    return text + random.choice(pool) if random.random() < 0.15 else text


def _put(random: Random, event: Event, path: str, value: Any) -> None:
    """Nested, dotted or both; a path through `l` leads through a list of objects."""
    head, dot, rest = path.partition(".")
    if not dot or random.random() < 0.15:
        event[path] = value
        return
    if head == "l":
        members: list[Any] = []
        for _ in range(random.choice([1, 2])):
            member: Event = {}
            _put(random, member, rest, value if random.random() < 0.7 else None)
            members.append(member)
        if random.random() < 0.2:
            members.append(random.choice(["s", 5, None, []]))
        event[head] = [*event.get(head, []), *members]
        return
    child = event.setdefault(head, {})
    if isinstance(child, dict):
        _put(random, child, rest, value)


# --- rules ------------------------------------------------------------------------------------------------------------


def _detection_block(random: Random, pool: list[str]) -> Detection:
    names = ["sa", "sb", "sc"][: random.choice([1, 2, 3])]
    condition = _condition(random, names)
    found: Detection = {name: _detection(random, pool) for name in names if name in condition}
    return found | {"condition": condition}


def _condition(random: Random, names: list[str]) -> str:
    if len(names) == 1 or random.random() < 0.3:
        name = random.choice(names)
        return name if random.random() < 0.6 else f"not {name}"
    at = random.randint(1, len(names) - 1)
    both = f"({_condition(random, names[:at])}) {random.choice(['and', 'or'])} ({_condition(random, names[at:])})"
    return both if random.random() < 0.7 else f"not ({both})"


def _detection(random: Random, pool: list[str]) -> Any:
    if random.random() < 0.25:
        return [dict(_item(random, pool) for _ in range(random.choice([1, 1, 2]))) for _ in range(2)]
    return dict(_item(random, pool) for _ in range(random.choice([1, 1, 2, 3])))


def _item(random: Random, pool: list[str]) -> tuple[str, Any]:
    kind = random.random()
    if kind < 0.08:
        order = random.choice(["gt", "gte", "lt", "lte"])
        return f"{random.choice(NUMBER_FIELDS)}|{order}{_negated(random)}", random.choice(NUMBERS)
    if kind < 0.14:
        part, most = random.choice(
            [("minute", 59), ("hour", 23), ("day", 31), ("week", 53), ("month", 12), ("year", 2028)]
        )
        number = random.choice([most, most // 2, 1, 3, 10, 11, 2026])
        return f"t|{part}{random.choice(['', '|gte', '|lt', '|lte', '|gt'])}", number
    if kind < 0.2:
        return f"ip|cidr{_negated(random)}", random.choice([random.choice(NETWORKS), random.sample(NETWORKS, 2)])
    field = random.choice(TEXT_FIELDS)
    if kind < 0.3:
        flags = random.choice(["", "", "|i", "|s", "|m", "|i|m|s"])
        return f"{field}|re{flags}", _regex(random, pool)
    if kind < 0.36:
        return f"{field}|fieldref{_negated(random)}", random.choice(TEXT_FIELDS)
    return _text_item(random, pool, field)


def _negated(random: Random) -> str:
    return "|neq" if random.random() < 0.2 else ""


def _text_item(random: Random, pool: list[str], field: str) -> tuple[str, Any]:
    ways = ["", "", "", "contains", "startswith", "endswith", "cased", "contains|cased", "startswith|cased", "exists",
            "all", "contains|all", "neq", "contains|neq"]  # fmt: skip
    way = random.choice(ways)
    key = f"{field}|{way}" if way else field
    if way == "exists":
        return key, random.random() < 0.5
    typed = way in ("", "all", "neq")
    values = [
        _rule_value(random, pool, typed=typed) for _ in range(random.choice([2, 3] if "all" in way else [1, 1, 2, 30]))
    ]
    return key, values if len(values) > 1 else values[0]


def _rule_value(random: Random, pool: list[str], *, typed: bool) -> Any:
    kind = random.random()
    if typed and kind < 0.17:
        return random.choice([*NUMBERS, True, False, None])
    if kind < 0.22:
        return random.choice(["7", "true", "-1.5", "FALSE"])
    text = _escaped(_recased(random, random.choice(pool)))
    way = random.random()
    if way < 0.15:
        return f"*{text}"
    if way < 0.3:
        return f"{text}*"
    if way < 0.4:
        return f"{text[:1]}?{text[1:]}"
    return f"{text}*{_escaped(random.choice(pool))}" if way < 0.45 else text


def _escaped(text: str) -> str:
    return "".join(f"\\{c}" if c in "*?\\" else c for c in text)


def _regex(random: Random, pool: list[str]) -> str:
    inner = "|".join(_regex_sequence(random, pool) for _ in range(random.choice([1, 1, 2])))
    if "|" in inner and random.random() < 0.5:
        inner = f"({inner})"
    return f"{random.choice(['', '', '^'])}{inner}{random.choice(['', '', '$'])}"


def _regex_sequence(random: Random, pool: list[str]) -> str:
    steps = []
    for _ in range(random.choice([1, 2, 3])):
        text = random.choice([c for word in pool for c in word] or ["a"])
        step = random.choice(
            [_regex_literal(text), _regex_literal(text), ".", r"\w", r"\d", r"\s", r"\W", "[a-k]", "[^a-k]", r"[\d_-]"]
        )
        repeat = random.choice(["", "", "", "*", "+", "?", "{2}", "{1,3}", "*?", "+?"])
        steps.append(f"{step}{repeat}")
    return "".join(steps)


def _regex_literal(character: str) -> str:
    return character if character.isalnum() or ord(character) > 127 or character in " \n\t_" else f"\\{character}"
