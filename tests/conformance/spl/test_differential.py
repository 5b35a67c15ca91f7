"""Random rules and events: the compiled search keeps an event exactly where the rule means it to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.conformance.spl.evaluator import matches

from remit.content import Rule, read_rules
from remit.meaning import matcher
from remit.meaning.times import part_of
from remit.targets import Refused
from remit.targets.splunk import TARGET
from remit_enrichment.document import decode

EXAMPLES = int(os.environ.get("REMIT_EXAMPLES", "600"))
FIELDS = ("x", "a.b", "user name", "@type", "eventName", "nhi.task.id", "c.d.e", "source")
ODD_TEXT = st.text("aAkKiIsSzZ\u212aİſßüÜσς09 .*?\\\"'/:-_$`[]|&<>=%\n", max_size=6)
PLAIN_TEXT = st.text("akIsz09 .:-/@", max_size=5)
TEXT = st.one_of(PLAIN_TEXT, ODD_TEXT)
NUMBER = st.one_of(st.integers(-20, 20), st.sampled_from([0.5, -1.5, 2.25]))
TIMES = (
    "2026-11-01T23:10:00Z", "2024-02-29T12:00:00.5Z", "2024-12-31T23:59:59", "2026-01-01T00:30:00+05:30",
    "2025-03-01T01:00:00-02:00", "1999-12-31T20:00:00-05:00", "2026-02-30T00:00:00Z", "2026-11-01", 1793574600,
    1793574600000,
)  # fmt: skip
ADDRESSES = ("10.2.3.4", "11.0.0.1", "::ffff:10.2.3.4", "::FFFF:a02:304", "2001:db8::1", "::1", "AWS Internal", "10.2")
NETWORKS = ("10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::/0", "::ffff:10.2.0.0/112", "10.2.3.4/32")
_DAYS = ("01-01", "01-04", "02-28", "03-01", "06-15", "12-27", "12-29", "12-30", "12-31")
REGEXES = ("^a[k-s]+$", "a.b", "[^a]k", r"\d{2}", r"\bk\b", "(?:a|k)?s+", "k$", "a|^s", r"\x41\.", "[i-k]", r"\W", "")


def _sigma_text(text: str) -> str:
    """A value that means this very text."""
    return text.replace("\\", "\\\\").replace("*", r"\*").replace("?", r"\?")


@st.composite
def items(draw: st.DrawFn) -> tuple[str, Any, list[Any]]:
    """A detection item, and values that lie near it."""
    field = draw(st.sampled_from(FIELDS))
    kind = draw(
        st.sampled_from(["text", "text", "text", "re", "cidr", "order", "equal", "presence", "time", "fieldref"])
    )
    match kind:
        case "text":
            texts = draw(st.lists(draw(st.sampled_from([PLAIN_TEXT, PLAIN_TEXT, ODD_TEXT])), min_size=1, max_size=3))
            wild = draw(st.sampled_from(["{}", "{}", "{}", "*{}", "{}*", "?{}", "a*{}"]))
            place = draw(
                st.sampled_from(["", "", "|contains", "|startswith", "|endswith", "|contains|all", "|cased", "|neq"])
            )
            return f"{field}{place}", [wild.format(_sigma_text(text)) for text in texts], list(texts)
        case "re":
            flags = draw(st.sampled_from(["", "|i", "|m", "|s", "|i|m"]))
            return f"{field}|re{flags}", draw(st.sampled_from(REGEXES)), ["ak", "aks", "k b", "12", "A.k", "s\nk"]
        case "cidr":
            return f"{field}|cidr", draw(st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=2)), list(ADDRESSES)
        case "order":
            order = draw(st.sampled_from(["gt", "gte", "lt", "lte"]))
            bound = draw(NUMBER)
            return f"{field}|{order}", bound, [bound, str(bound), "07", "abc", "1e1", ""]
        case "equal":
            value = draw(st.one_of(NUMBER, st.booleans()))
            return field, value, [value, str(value), str(value).lower(), not value]
        case "presence":
            key, asked = draw(st.sampled_from([(f"{field}|exists", True), (f"{field}|exists", False), (field, None)]))
            return key, asked, [""]
        case "time":
            part = draw(st.sampled_from(["minute", "hour", "day", "week", "month", "year"]))
            order = draw(st.sampled_from(["", "|gte", "|lt"]))
            bound = draw(st.sampled_from([0, 1, 5, 9, 12, 20, 23, 28, 52, 59, 2025, 2026]))
            return f"{field}|{part}{order}", bound, list(TIMES)
        case _:
            place = draw(st.sampled_from(["", "|startswith", "|contains"]))
            return f"{field}|fieldref{place}", draw(st.sampled_from(FIELDS)), ["ak", "AKs", "k"]


@st.composite
def scalars(draw: st.DrawFn, near: list[Any]) -> Any:
    value = draw(st.one_of(st.sampled_from(near), st.sampled_from(near), TEXT, NUMBER, st.booleans(), st.none()))
    if isinstance(value, str) and draw(st.booleans()):
        value = draw(st.sampled_from([value.upper(), value.lower(), value + "z", "z" + value, value[1:], f"a{value}b"]))
    return value


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    drawn = draw(st.lists(items(), min_size=1, max_size=3, unique_by=lambda item: item[0]))
    near = [value for _, _, values in drawn for value in values]
    names = [f"s{number}" for number in range(len(drawn))]
    condition = draw(
        st.sampled_from(["all of s*", "1 of s*", "not s0", f"s0 and not {names[-1]}", f"not (s0 and {names[-1]})"])
    )
    detection = {name: {key: value} for name, (key, value, _) in zip(names, drawn, strict=True)} | {
        "condition": condition
    }
    return detection, draw(_documents(near))


@st.composite
def _documents(draw: st.DrawFn, near: list[Any]) -> dict[str, Any]:
    """A document of the declared domain: no list in a list, no object where a rule asks for a value."""
    document: dict[str, Any] = {}
    for field in draw(st.sets(st.sampled_from(FIELDS))):
        scalar = field in ("eventName", "nhi.task.id")
        value = draw(scalars(near) if scalar else st.one_of(scalars(near), st.lists(scalars(near), max_size=3)))
        if field == "eventName" and (not isinstance(value, str) or not value.isascii()):
            continue  # declared as ASCII
        if field == "nhi.task.id" and not value:
            continue  # a tag is never empty
        head, *rest = field.split(".")
        for name in reversed(rest):
            value = {name: value}
        if rest and not scalar and draw(st.booleans()):
            value = [{}, value]
        document[head] = value
    return document


def _outside(value: Any) -> bool:
    """What Splunk cannot tell apart: the text "null" from a null, a text of digits from a number."""
    if isinstance(value, dict | list):
        return any(map(_outside, value.values() if isinstance(value, dict) else value))
    if isinstance(value, str):
        lowered = value.lower()
        return lowered == "null" or lowered.endswith(".0") or (value.isdigit() and len(value) in (10, 13))
    return False


def _rule(detection: dict[str, Any]) -> Rule:
    source = yaml.safe_dump(
        {"title": "t", "logsource": {"product": "aws", "service": "cloudtrail"}, "detection": detection},
        allow_unicode=True,
    )
    rules, problems = read_rules(source.encode(), "r.yml")
    if problems:
        assume(False)
    return rules[0]


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(cases())
def test_a_compiled_search_keeps_what_the_rule_means(case: tuple[dict[str, Any], dict[str, Any]]) -> None:
    detection, document = case
    assume(not _outside(document))
    try:
        _compare(detection, [document])
    except Refused:
        assume(False)


def _compare(detection: dict[str, Any], documents: list[dict[str, Any]]) -> None:
    rule = _rule(detection)
    query = TARGET.compile(rule, pipeline="raw", index=None, language=None).query
    meant = matcher(rule)
    for document in documents:
        raw = json.dumps(document, ensure_ascii=False).encode()
        assert matches(query, raw) is meant(decode(raw)), (query, document)


def _each(values: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"x": value} for value in values]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_address_is_in_a_network_or_not(network: str) -> None:
    _compare({"s": {"x|cidr": network}, "condition": "s"}, _each(ADDRESSES))
    _compare({"s": {"@x|cidr": network}, "condition": "s"}, [{"@x": address} for address in ADDRESSES])


@pytest.mark.parametrize("part", ["minute", "hour", "day", "week", "month", "year"])
def test_every_part_of_a_time_is_told_apart_from_its_neighbors(part: str) -> None:
    days = [f"{year}-{day}T23:59:59+00:00" for year in (1999, 2000, 2023, 2024, 2025) for day in _DAYS]
    times: list[Any] = [*TIMES, *days]
    for bound in sorted({number for time in times if (number := part_of(part, time)) is not None}):
        _compare({"s": {f"x|{part}": bound}, "condition": "s"}, _each(times))


@pytest.mark.parametrize("expression", REGEXES)
@pytest.mark.parametrize("flags", ["", "|i", "|m|s"])
def test_every_expression_finds_what_it_means(expression: str, flags: str) -> None:
    texts = [
        "ak",
        "AKS",
        "k b",
        "12",
        "1٢",
        "A.k",
        "s\nk",
        "ſ",
        "\u212a",
        "İ",
        "i",
        "a\n",
        "ü",
        "",
        "aſ",
        "akk",
        "A\u212a",
    ]
    _compare({"s": {f"x|re{flags}": expression}, "condition": "s"}, _each(texts))


@pytest.mark.parametrize("placed", ["", "|contains", "|startswith", "|endswith", "|cased"])
@pytest.mark.parametrize("text", ["i", "K", "s", "ß", "σ", "Ü", "å", "a?", "*s", 's"', "ss"])
def test_every_letter_folds_as_texts_do(placed: str, text: str) -> None:
    others = [
        "i",
        "I",
        "İ",
        "ı",
        "k",
        "K",
        "\u212a",
        "s",
        "S",
        "ſ",
        "ß",
        "ẞ",
        "SS",
        "σ",
        "ς",
        "Σ",
        "ü",
        "Å",
        "\u212b",
        "ab",
    ]
    values = [*others, *(f"{other}z" for other in others), *(f"z{other}" for other in others), 's"', 'ſ"']
    _compare({"s": {f"x{placed}": text}, "condition": "s"}, _each(values))


PIECES = (
    "a", "k", "S", "ü", ".", "[a-c]", "[^k]", "[K-Z9]", r"\d", r"\w", r"\W", r"\s", r"\.", r"\b", "(?:a|k)", "(s)",
    "^", "$", "*", "+", "?", "{2}", "{1,2}", "*?", "|",
)  # fmt: skip
EXPRESSION = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)


@settings(max_examples=EXAMPLES // 2, derandomize="REMIT_EXAMPLES" not in os.environ, deadline=None)
@given(EXPRESSION, st.sampled_from(["", "|i", "|m", "|s", "|i|s"]), st.lists(TEXT, min_size=1, max_size=8))
def test_random_expressions_find_what_they_mean(expression: str, flags: str, texts: list[str]) -> None:
    near = [*texts, "ak", "AK\n", "k k", "s9", "Ü.", "\u212aſ", "aa"]
    assume(not any(_outside(text) for text in near))
    try:
        _compare({"s": {f"x|re{flags}": expression}, "condition": "s"}, _each(near))
    except Refused:
        assume(False)
