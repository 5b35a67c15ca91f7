from __future__ import annotations

import itertools
import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit_enrichment import globs

ROLE = "arn:aws:iam::111122223333:role/agent-dba"


@pytest.mark.parametrize(
    ("glob", "text", "expected"),
    [
        ("*", "", True),
        ("*", "any\nthing", True),
        ("?", "", False),
        ("?", "ab", False),
        ("a?c", "a\nc", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "xs3:GetObject", False),
        ("s3:Get*", "s3:getObject", False),
        ("*.tmp", "a.tmp.tmp", True),
        ("a*b*c", "abbcbc", True),
        ("a*b*c", "abcb", False),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("recipient=US*", "recipient=US133", True),
        # an ARN glob: a wildcard in the first five fields stays in its field
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x:y/z", True),
        ("arn:*:s3:::b", "arn:aws-cn:s3:::b", True),
        ("arn:aws:iam:*:role/x", "arn:aws:iam::111122223333:role/x", False),
        ("arn:aws:iam::*:role/*", ROLE, True),
        ("arn:aws:iam::?11122223333:role/*", ROLE, True),
        ("arn:aws:iam::*:*", "arn:aws:iam::1:2:role/x", True),
        ("arn:a*s:rds:*:*:db:staging-*", "arn:aws:rds:eu-west-1:1:db:staging-a", True),
        ("arn:a*:db:staging-*", "arn:aws:rds:eu-west-1:1:db:staging-a", False),
        # and so does one in the fields of an ARN that stands in the id of an identity
        ("aws:role:arn:aws:iam::*:role/agent-*", f"aws:role:{ROLE}", True),
        ("aws:*:arn:aws:iam::111122223333:role/*", f"aws:role:{ROLE}", True),
        ("aws:role:arn:*:role/agent-dba", f"aws:role:{ROLE}", False),
        ("aws:role:*", f"aws:role:{ROLE}", True),
    ],
)
def test_a_glob_matches_the_whole_text_and_an_arn_field_by_field(glob: str, text: str, expected: bool) -> None:
    assert globs.matches(glob, text) is expected


@pytest.mark.parametrize(
    ("platform", "glob", "action", "expected"),
    [
        ("aws", "S3:getobject", "s3:GetObject", True),
        ("aws", "iam:Create*", "IAM:createuser", True),
        ("github", "github:Repo.*", "github:repo.create", False),
        ("github", "github:repo.*", "github:repo.create", True),
    ],
)
def test_action_names_of_aws_are_one_in_either_case(platform: str, glob: str, action: str, expected: bool) -> None:
    assert globs.matches_action((glob,), action, platform) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tasks/a.jsonl", True),
        ("/srv/feeds/tasks/a.jsonl", True),
        ("tasks/2026/a.jsonl", True),
        ("mytasks/a.jsonl", False),
        ("tasks/a.json", False),
        ("a.jsonl", False),
    ],
)
def test_a_path_glob_matches_any_tail_that_begins_at_a_folder(path: str, expected: bool) -> None:
    assert globs.matches_path("tasks/*.jsonl", path) is expected


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("*", "s3:*", True),
        ("s3:*", "*", False),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "s3:G*", False),
        ("?*", "*?", True),
        ("?*", "*a", True),
        ("*a*", "?a?", True),
        ("a?", "a*", False),
        ("arn:aws:s3:*:*:b/*", "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:*:*:b/*", False),
        ("arn:aws:s3:::*", "arn:*:s3:::b", False),
        # the plain glob's wildcard runs over colons, the ARN's does not
        ("*", "arn:*:*:*:*:*", True),
        ("arn:*:*:*:*:*", "arn*", False),
        ("arn:*:*:*:*:*", "*", False),
    ],
)
def test_containment(outer: str, inner: str, expected: bool) -> None:
    assert globs.covers(outer, inner) is expected


def test_containment_of_aws_actions_does_not_mind_the_case() -> None:
    assert globs.covers("S3:get*", "s3:GetObject", fold=True)
    assert not globs.covers("S3:get*", "s3:GetObject")


ALPHABET = "ab:"
TEXTS = ["".join(letters) for length in range(6) for letters in itertools.product(ALPHABET, repeat=length)]
plain_globs = st.text(ALPHABET + "*?", max_size=6)
PREFIX = "arn:a:b:"
"""Leaves two of the five fields to the generated part, so that texts stay short enough to try all of them."""


def reference(glob: str, text: str) -> bool:
    """The definition, spelled out: a wildcard before the fifth colon of an ARN glob takes no colon."""
    fields = 5 if glob.startswith("arn:") else 0

    @cache
    def fits(at: int, place: int) -> bool:
        if at == len(glob):
            return place == len(text)
        inside = glob.count(":", 0, at) < fields
        if glob[at] == "*":
            takes = place < len(text) and not (inside and text[place] == ":")
            return fits(at + 1, place) or (takes and fits(at, place + 1))
        if place == len(text):
            return False
        takes = text[place] == glob[at] or (glob[at] == "?" and not (inside and text[place] == ":"))
        return takes and fits(at + 1, place + 1)

    return fits(0, 0)


@given(plain_globs, st.text(ALPHABET, max_size=8), st.booleans())
@settings(max_examples=400)
def test_matching_is_what_the_definition_says(glob: str, text: str, arn: bool) -> None:
    glob, text = (PREFIX + glob, PREFIX + text) if arn else (glob, text)
    assert globs.matches(glob, text) is reference(glob, text)


@given(plain_globs, st.text(ALPHABET + "*?", max_size=5), st.booleans(), st.booleans())
@settings(max_examples=300, deadline=None)
def test_what_is_said_to_be_contained_is_contained(outer: str, inner: str, arn_outer: bool, arn_inner: bool) -> None:
    outer = PREFIX + outer if arn_outer else outer
    inner = PREFIX + inner if arn_inner else inner
    texts = [PREFIX + text for text in TEXTS] if arn_outer or arn_inner else TEXTS
    counterexample = any(reference(inner, text) and not reference(outer, text) for text in texts)

    if globs.covers(outer, inner):
        assert not counterexample


short_globs = st.text(ALPHABET + "*?", max_size=4)


@given(short_globs, short_globs)
@settings(max_examples=300, deadline=None)
def test_what_is_not_said_to_be_contained_has_a_text_that_tells(outer: str, inner: str) -> None:
    # One letter that neither names is enough to tell them apart, and no text need be longer than this.
    if not globs.covers(outer, inner):
        letters = "abx:"
        texts = ("".join(t) for length in range(9) for t in itertools.product(letters, repeat=length))

        assert any(globs.matches(inner, text) and not globs.matches(outer, text) for text in texts)


def test_a_hostile_text_does_not_make_matching_explode() -> None:
    glob = "*a" * 30 + "*b"
    begin = time.perf_counter()

    assert not globs.matches(glob, "a" * 50_000)
    assert time.perf_counter() - begin < 2


def test_a_containment_that_takes_too_long_is_denied() -> None:
    outer = "*" + "a" + "?" * 18 + "*"

    assert not globs.covers(outer + "b", "*a*" + "?" * 18 + "c*")


@pytest.mark.parametrize("glob", ["", "arn:aws:s3", "arn:*", "aws:role:arn:aws:iam", "a\nb"])
def test_a_bad_glob_has_a_problem(glob: str) -> None:
    assert globs.problem(glob)


@pytest.mark.parametrize("glob", ["*", "s3:*", "arn:aws:s3:::*", "aws:role:*", "aws:role:arn:aws:iam::1:role/*"])
def test_a_good_glob_has_none(glob: str) -> None:
    assert globs.problem(glob) is None
