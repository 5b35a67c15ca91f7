"""A rule file is read as it stands, or refused with every place that has to be mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from sigma.collection import SigmaCollection

from remit.content import (
    And,
    ContentError,
    Item,
    Not,
    Or,
    Place,
    Ref,
    Rule,
    content_root,
    display_name,
    load_rules,
    read_rules,
)

HEAD = "title: A rule\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\nlogsource: {product: aws}\n"
DETECTION = "detection:\n  s: {x: a}\n  condition: s\n"


def loaded(text: str) -> Rule:
    [rule], problems = read_rules(text.encode(), "rules/x.yml")
    assert problems == []
    return rule


def complaints(text: str | bytes) -> list[str]:
    raw = text if isinstance(text, bytes) else text.encode()
    return [str(problem) for problem in read_rules(raw, "rules/x.yml")[1]]


def test_the_logic_is_read_as_written() -> None:
    rule = loaded(
        HEAD + "detection:\n"
        "  notable:\n"
        "    eventName: [A, 'b*', 7, null]\n"
        "    x|re|ignorecase: '^a'\n"
        "  many:\n"
        "    - {a: 1}\n"
        "    - needle\n"
        "  condition: notable and not 1 of m*\n"
    )

    notable = And(
        (
            Item("eventName", (), ("A", "b*", 7, None), "eventName", Place("rules/x.yml", 7, 5)),
            Item("x", ("re", "i"), ("^a",), "x|re|ignorecase", Place("rules/x.yml", 8, 5)),
        )
    )
    many = Or(
        (
            Item("a", (), (1,), "a", Place("rules/x.yml", 10, 8)),
            Item(None, (), ("needle",), "", Place("rules/x.yml", 11, 7)),
        )
    )
    assert rule.condition == And((Ref("notable"), Not(Ref("many"))))
    assert rule.expression == And((notable, Not(many)))


def test_what_an_alert_needs_is_read() -> None:
    rule = loaded(
        HEAD + DETECTION + "falsepositives: [a nightly job]\nreferences: [https://example.com/]\ncustom:\n"
        "  alert: page\n"
        "  supersedes: [22222222-2222-4222-8222-222222222222]\n"
        "  requires: {enrichment: tasks, telemetry: data events}\n"
        "  risk_score: 70\n"
        "  triage: [look]\n"
        "  response: [act]\n"
        "  schedule: {interval: 5m, lookback: 1h}\n"
        "  frameworks: {attack: [T1485], owasp_nhi: [NHI5]}\n"
    )

    assert rule.alert == "page"
    assert rule.custom.requires.enrichment == "tasks"
    assert rule.custom.risk_score == 70
    assert rule.custom.schedule.lookback == "1h"
    assert rule.custom.frameworks.attack == ("T1485",)
    assert rule.custom_source["risk_score"] == 70
    assert rule.falsepositives == ("a nightly job",)


def test_without_a_level_or_id_they_are_the_same_in_every_run() -> None:
    text = "title: A rule\nlogsource: {product: aws}\n" + DETECTION

    assert (loaded(text).level, loaded(text).id) == ("medium", loaded(text).id)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + DETECTION + "titel: y\n", "rules/x.yml:8:1: unknown key `titel` in the rule; known are"),
        (HEAD + DETECTION + "title: y\n", "rules/x.yml:8:1: duplicate key `title` (first on line 1); keep one"),
        (HEAD.replace("high", "hgih") + DETECTION, "rules/x.yml:3:8: `hgih` is not one of them; write informational"),
        (HEAD.replace("11111111-1111", "1"), "is no UUID"),
        (HEAD, "rules/x.yml:1:1: the rule has no `detection`; add it"),
        (HEAD + DETECTION + "date: 2026-13-01\n", "`2026-13-01` is no date"),
        (HEAD + DETECTION + "tags: [t1485]\n", "rules/x.yml:8:8: tag `t1485` has no namespace"),
        (HEAD + DETECTION + "references: https://example.com/\n", "`references` is a single value, not a list"),
        (HEAD + DETECTION + "custom: {alert: shout}\n", "`alert` is `shout`; write one of page, queue"),
        (HEAD + DETECTION + "custom: {risk: 5}\n", "unknown key `risk` in `custom`"),
        (HEAD + DETECTION + "custom: {risk_score: 101}\n", "no whole number from 0 to 100"),
        (HEAD + DETECTION + "custom: {schedule: {interval: 5 min}}\n", "`5 min` is no duration"),
        (HEAD + DETECTION + "sigma-version: 2.2.0\n", "sigma-version 2.2.0 is newer than 2.1; update Remit"),
        (HEAD + DETECTION + "sigma-version: two\n", "`two` is no version"),
        (HEAD.replace("product: aws", "definition: x") + DETECTION, "names neither category, product nor service"),
        (HEAD + "detection: {s: {x: a}}\n", "`detection` has no `condition`"),
        (HEAD + "detection: {s: {}, condition: s}\n", "`s` is empty"),
        (HEAD + "detection: {s: [], condition: s}\n", "`s` is empty"),
        (HEAD + "detection: {s: {'': a}, condition: s}\n", "a field without a name"),
        (HEAD + "detection: {s: [null], condition: s}\n", "null as a keyword"),
        (HEAD + "detection: {and: {x: a}, condition: and}\n", "called `and`, which is an operator"),
        (HEAD + "detection: {s: {x: a}, timeframe: 5m, condition: s}\n", "`timeframe` is no longer part of Sigma"),
        (HEAD + "detection: {s: {x: a}, condition: (s}\n", "the condition ends early"),
        (HEAD + "detection: {s: {x: a}, condition: s s}\n", "`s` is not expected here"),
        (HEAD + "detection: {s: {x: a}, condition: }\n", "`condition` is empty"),
        (HEAD + "detection: {s: {x|re: 'a('}, condition: s}\n", "no regular expression"),
        (HEAD + "detection: {s: {x: {y: z}}, condition: s}\n", "is a mapping, not a single value"),
        (HEAD + "detection: {s: {x: 012345678901}, condition: s}\n", "quote it: '012345678901'"),
        (HEAD + "detection: {s: {x: [-089]}, condition: s}\n", "quote it: '-089'"),
        (HEAD + "detection: {s: {on: z}, condition: s}\n", "unquoted key `on` is no text to YAML"),
        (HEAD + "detection: {s: {x|base64|base64offset: z}, condition: s}\n", "two encodings of one kind"),
        (HEAD + "detection: {s: {x|contains|base64: z}, condition: s}\n", "an encoding after contains"),
        (HEAD + "detection: {s: {x|i|re: z}, condition: s}\n", "flags stand before `re`"),
        (HEAD + "detection: {s: {x|i: z}, condition: s}\n", "`i` is a flag of regular expressions"),
        ("a: [b\n", "rules/x.yml:2:1: not YAML"),
        ("- a\n", "the rule is a list, not a mapping"),
        ("", "no rule in this file"),
        (b"title: \xff\n", "not UTF-8"),
        (HEAD.replace("A rule", "!!python/object:os.system x") + DETECTION, "makes another value of it"),
        (HEAD + "detection: {s: {x: !!int '5'}, condition: s}\n", "the tag int makes another value of it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str | bytes, said: str) -> None:
    found = complaints(text)

    assert any(said in message for message in found), found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(HEAD + "detection: {s: {x: 0123}, condition: t}\nlevl: low\n")
    (tmp_path / "b.yml").write_text("title: b\n")

    with pytest.raises(ContentError) as refused:
        load_rules([tmp_path])

    assert [problem.place.line for problem in refused.value.problems] == [5, 5, 6, 1, 1]
    assert str(refused.value).count("\n") == 4


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text(HEAD + DETECTION)

    with pytest.raises(ContentError, match="is already taken at"):
        load_rules([tmp_path])


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(HEAD + DETECTION)

    assert len(load_rules([tmp_path, tmp_path / "a.yml"])) == 1


def test_our_own_files_are_called_by_their_place_in_the_content() -> None:
    rule = next(iter(load_rules()))

    assert rule.file.startswith("rules/")
    assert display_name(content_root() / rule.file) == rule.file


def test_pysigma_gets_names_that_it_cannot_misread() -> None:
    rule = loaded(
        HEAD + "detection:\n  notable: {x: '1'}\n  android: {y: 0.5}\n  unused: {z: '1'}\n"
        "  condition: not notable or (android and notable)\n"
    )

    sigma = rule.sigma()

    assert sigma.detection.condition == ["(not d0) or (d1 and d0)"]
    assert list(sigma.detection.detections) == ["d0", "d1"]
    assert str(sigma.id) == rule.id


def test_an_item_of_pysigma_knows_its_place() -> None:
    rule = loaded(HEAD + "detection:\n  s:\n    - {x: a}\n    - {y: b, z: c}\n  condition: s\n")

    [detection] = rule.sigma().detection.detections.values()
    places = [item.source for part in detection.detection_items for item in part.detection_items]  # type: ignore[union-attr]

    assert [(place.line, place.char) for place in places if place] == [(7, 8), (8, 8), (8, 14)]


def test_every_rule_of_ours_is_the_same_rule_to_pysigma() -> None:
    for rule in load_rules():
        sigma = rule.sigma()
        text = (content_root() / rule.file).read_text("utf-8")
        [plain] = SigmaCollection.from_yaml(text).rules

        assert sigma.title == plain.title
        assert [str(tag) for tag in sigma.tags] == [str(tag) for tag in plain.tags]
        assert sigma.custom_attributes["custom"] == plain.custom_attributes["custom"]


def test_a_deep_condition_is_refused_and_not_a_crash() -> None:
    assert any("nested deeper" in said for said in complaints(HEAD + DETECTION.replace(": s\n", f": {'(' * 5000}s\n")))


def test_an_alias_bomb_is_refused_at_once() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True))

    assert any("alias" in said for said in complaints(bomb))
