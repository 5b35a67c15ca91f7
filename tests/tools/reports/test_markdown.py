"""The ticket: what the card says, in Markdown that no value of a log can break out of."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.tools.reports.build import QUEUE, SILENT, alert, nhi

from remit.alerts import AlertRule, EventPlace, Guidance
from remit.reports.facts import lines
from remit.reports.incidents import incidents
from remit.reports.inert import inert
from remit.reports.markdown import code, tickets

HOSTILE = [
    "![x](http://evil.example/track.png)",
    "[click](javascript:alert(1))",
    "<img src=http://evil.example/x>",
    "http://evil.example/auto",
    "@everyone @acme/security",
    "`` ` ``` end ```` ` ",
    "`",
    "\\`",
    "| a | b |\n|---|---|",
    "\n\n# heading\n\n- list",
    "**bold** _it_ ~~x~~ #123",
    "&lt;b&gt; &#64;all",
    "\u202egnp.exe",
]
OURS = {"h2", "h3", "p", "ul", "ol", "li", "strong", "code"}


def _tags(markdown: str) -> set[str]:
    html = MarkdownIt("commonmark", {"html": True, "linkify": False}).render(markdown)
    return set(re.findall(r"</?([a-z0-9]+)", html))


def _spans(markdown: str) -> list[str]:
    """Return the texts of all code spans as a renderer sees them."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [child.content for token in tokens for child in token.children or () if child.type == "code_inline"]


def _outside(markdown: str) -> str:
    """Return all text that is in no code span."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return "\n".join(c.content for token in tokens for c in token.children or () if c.type == "text")


def test_it_says_what_the_card_says() -> None:
    alerts = [alert(number) for number in range(3)]
    (incident,) = incidents(alerts)
    spans = _spans(tickets(alerts))

    assert all(text in spans for _, text in lines(incident))
    assert "meeting-notes" in spans
    assert "3 × s3:DeleteObject on acme-prod-invoices/2026/q1/…" in spans
    assert "Ask the owner whether the deletion was wanted" in spans
    assert "CLASS_NOT_IN_TASK" in spans


def test_there_is_a_section_an_incident_and_none_for_what_makes_none() -> None:
    text = tickets([alert(1), alert(2, rule=QUEUE, incident="another"), alert(3, rule=SILENT)])

    assert re.findall(r"^## (\w+)", text, re.MULTILINE) == ["CRITICAL", "HIGH"]
    assert tickets([alert(3, rule=SILENT)]) == "No alert made an incident.\n"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_value_stays_in_its_code_span(text: str) -> None:
    tags = nhi(1, identity={"id": text, "name": text, "kind": text}, action={"name": text, "class": text},
               resource={"id": [text]}, task={**nhi()["task"], "id": text, "name": text},
               owner={"id": text, "name": text, "team": text, "contact": text}, session={"id": text})  # fmt: skip
    rule = AlertRule(id=text, title=text, level=text, file=text, alert="page")
    words = Guidance(triage=(text, "{nhi.session.id}"), response=(text,), falsepositives=(text,))
    place = EventPlace(file=text, line=1, record=1, id=text)

    markdown = tickets(
        [alert(1, tags=tags, rule=rule, guidance=words, reasons=(text,), events=(place,), incident=text)]
    )

    assert _tags(markdown) <= OURS
    assert not re.search(r"evil|@everyone|@acme|javascript|#123", _outside(markdown))
    assert "\u202e" not in markdown


@given(st.text())
def test_a_code_span_holds_any_text_whole(text: str) -> None:
    shown = inert(text, 600)
    (token,) = [t for t in MarkdownIt("commonmark").parse(f"- x: {code(text)} y") if t.type == "inline"]

    children = token.children or []
    assert [child.type for child in children] == ["text", "code_inline", "text"]
    assert children[1].content.strip(" ") == shown.strip(" ")
