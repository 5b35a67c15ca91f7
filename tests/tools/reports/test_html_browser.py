"""The report in a real browser: hostile values are inert, it works from disk, by keyboard, in the dark and on paper."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.tools.reports.build import QUEUE, alert, nhi

from remit.alerts import Alert, AlertRule, EventPlace, Guidance
from remit.reports.html import report

pytestmark = pytest.mark.browser

HOSTILE = [
    "<script>window.pwned=1</script>",
    "</title></style></svg><script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=1>',
    "'><svg onload=window.pwned=1>",
    "' onmouseover='window.pwned=1' x='",
    "javascript:window.pwned=1",
    "<a href=javascript:window.pwned=1 autofocus onfocus=window.pwned=1>x</a>",
    "{{ 7*7 }}{% raw %}${7*7}<%= 7*7 %>",
    "<!--<style>*{display:none}</style>-->",
    "&lt;script&gt;&#60;script>",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "\x00\x1b[31m\r\n\x07\x9b",
    "W" * 20_000,
    "z" + "\u0301" * 2_000,
]

ATTRIBUTES = """() => [...document.querySelectorAll('*')].flatMap(e => [...e.attributes].map(a => a.name))
    .filter(name => /^on|^style$|^src|xlink/.test(name))"""
"""Names of attributes that could run or load something."""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, color_scheme="light")
    page = context.new_page()
    yield page
    context.close()


def _open(page: Page, folder: Path, alerts: list[Alert]) -> list[str]:
    """Open the report from disk and return what went wrong: requests, errors, dialogs."""
    wrong: list[str] = []
    path = folder / "report.html"
    path.write_text(report(alerts), "utf-8")
    page.on("request", lambda r: None if r.url == path.as_uri() else wrong.append(f"request {r.url}"))
    page.on("console", lambda message: wrong.append(f"console {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    page.goto(path.as_uri())
    return wrong


def _poisoned(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {key: _poisoned(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [text, text]
    return text if isinstance(value, str) else value


def _hostile(number: int, text: str) -> Alert:
    """Return an alert in which every text is hostile, that of the rule too."""
    groups = {name: _poisoned(members, text) for name, members in nhi(number).items() if name != "event"}
    shown = nhi(number, **groups)
    rule = AlertRule(id=text, title=text, level=text if number % 2 else "critical", file=text, alert="page")
    place = EventPlace(file=text, line=1, record=number, id=text)
    words = Guidance(description=text, falsepositives=(text,), triage=(text,), response=(text,), references=(text,))
    return alert(number, rule=rule, tags=shown, reasons=(text,), verdict=text, events=(place,), guidance=words,
                 incident=f"{number}{text}", time=None if number % 3 == 0 else shown["event"]["time"])  # fmt: skip


def test_hostile_values_are_text_and_nothing_else(page: Page, tmp_path: Path) -> None:
    wrong = _open(page, tmp_path, [_hostile(number, text) for number, text in enumerate(HOSTILE)])
    page.mouse.move(400, 400)
    page.wait_for_timeout(200)

    assert wrong == []
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.locator("script, img, iframe, object, embed, link, form, base").count() == 0
    assert page.locator("style").count() == 1
    assert page.evaluate(ATTRIBUTES) == []
    links = page.evaluate("[...document.links].map(a => a.getAttribute('href'))")
    assert all(link.startswith("#incident-") or link == "#index" for link in links)
    assert page.locator("article").count() == len(HOSTILE)
    assert "<script>window.pwned=1</script>" in page.locator("main").inner_text()
    assert "{{ 7*7 }}" in page.locator("main").inner_text()


def test_hostile_values_neither_hide_nor_turn_around_nor_flood_nor_choose_a_style(page: Page, tmp_path: Path) -> None:
    _open(page, tmp_path, [_hostile(number, text) for number, text in enumerate(HOSTILE)])

    text = page.evaluate("document.documentElement.textContent")
    assert not {char for char in text if unicodedata.category(char) in ("Cf", "Co", "Cn") or char in "\0\x07\x1b\x9b"}
    assert "⟨U+202E⟩gnp.exe" in text
    assert "W" * 2_001 not in text
    assert "z" + "\u0301" * 4 not in text
    classes = page.evaluate("[...document.querySelectorAll('article')].map(e => e.className)")
    assert set(classes) == {"panel incident critical", "panel incident informational"}


def test_hostile_values_neither_widen_nor_cover_the_page(page: Page, tmp_path: Path) -> None:
    for width in (1200, 420):
        page.set_viewport_size({"width": width, "height": 900})
        _open(page, tmp_path, [_hostile(number, text) for number, text in enumerate(HOSTILE)])

        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_style_sheet_passes_its_own_policy(page: Page, tmp_path: Path) -> None:
    assert _open(page, tmp_path, [alert(1)]) == []

    assert (
        page.evaluate("getComputedStyle(document.querySelector('.chip.critical')).backgroundColor")
        == "rgb(189, 21, 38)"
    )


def test_the_policy_stops_a_script_even_if_one_got_in(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report([alert(1)]).replace("</main>", "<script>window.pwned=1</script></main>"), "utf-8")

    page.goto(path.as_uri())

    assert page.evaluate("typeof window.pwned") == "undefined"


def test_every_incident_can_be_reached_by_keyboard_and_its_events_opened(page: Page, tmp_path: Path) -> None:
    _open(page, tmp_path, [alert(1), alert(2, rule=QUEUE, incident="another")])

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#incident-2")
    page.locator("#incident-2 summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#incident-2 details table").is_visible()


def test_it_is_light_by_day_and_dark_by_night(page: Page, tmp_path: Path) -> None:
    color = "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color"
    _open(page, tmp_path, [alert(1)])
    light = page.evaluate(color)

    page.emulate_media(color_scheme="dark")

    assert page.evaluate(color) != light


def test_on_paper_the_events_are_there_without_a_click(page: Page, tmp_path: Path) -> None:
    _open(page, tmp_path, [alert(1)])
    assert not page.locator("details table").is_visible()

    page.emulate_media(media="print")

    box = page.locator("details table").bounding_box()
    assert box is not None
    assert box["height"] > 20
    assert len(page.pdf()) > 10_000


def test_the_picture_tells_screen_readers_what_it_shows(page: Page, tmp_path: Path) -> None:
    _open(page, tmp_path, [alert(number) for number in range(24)])

    assert page.get_by_role("img", name="When it happened, one lane an action").count() == 1
    assert page.locator("#incident-1 circle.dot").count() == 1
    assert page.locator("#incident-1 svg text.count").inner_html() == "24"
