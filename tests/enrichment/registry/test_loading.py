"""Strict loading: each case is a registry with one thing wrong, and the line and code of its refusal."""

from __future__ import annotations

import json
import os
from pathlib import Path
from textwrap import dedent

import pytest

from remit_enrichment.errors import BadInput
from remit_enrichment.registry.loading import inspect_registry, load_registry
from remit_enrichment.registry.problems import RegistryRefused

ROLE = "aws:role:arn:aws:iam::111122223333:role/agent-dba"
DAY = "2026-01-10T00:00:00Z"
TASK_ALLOWS = 'allow: {actions: ["RDS:Modify*"], resources: ["arn:aws:rds:eu-west-1:111122223333:db:staging-1"]}'

GOOD = f"""\
owners:
  - id: jane@example.com
    aliases: [jroe, "004711"]
identities:
  - id: {ROLE}
    kind: ai_agent
    owner: jane@example.com
    aliases: [AROAEXAMPLEID]
    charter: agents/dba
    created: 2026-01-10
charters:
  - id: agents/dba
    allow:
      classes: [read, write]
      actions: ["rds:*", "secretsmanager:Get*"]
      resources: ["arn:aws:rds:*:111122223333:db:staging-*"]
      hours: {{days: [mon, tue], from: "07:00", to: "19:00", zone: Europe/Berlin}}
      networks: [10.0.0.0/8]
    review_due: 2027-01-10
tasks:
  - id: TASK-1
    identity: {ROLE}
    registered_at: 2026-04-12T08:00:00Z
    window: {{start: 2026-04-12T09:00:00Z, end: "2026-04-12T13:00:00+02:00"}}
    {TASK_ALLOWS}
coverage:
  - {{platform: aws, accounts: ["111122223333"], identities: 2026-01-01T00:00:00Z}}
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(dedent(text), "utf-8")
    return folder


def refusals(folder: Path) -> list[tuple[str, int, str]]:
    return [(Path(p.file).name, p.line, p.code) for p in inspect_registry(folder).problems]


def test_a_good_registry_loads(tmp_path: Path) -> None:
    registry = load_registry(write(tmp_path, a__yml=GOOD))

    identity = registry.identity("aws", "AROAEXAMPLEID", 0)
    assert identity is not None
    assert identity.created == 1768003200000
    task = registry.task("TASK-1", 0)
    assert task is not None
    assert (task.start, task.end, task.registered_at) == (1775984400000, 1775991600000, 1775980800000)
    charter = registry.charter("agents/dba", 0)
    assert charter is not None
    assert charter.allow.networks == ("10.0.0.0/8",)
    assert charter.allow.regions is None
    assert charter.deny.classes == ()
    assert registry.warnings == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("kind: ai_agent", "kimd: ai_agent", 6, "unknown_key"),
        ("kind: ai_agent", "kind: ai-agent", 6, "wrong_value"),
        ("kind: ai_agent", "kind: ai_agent\n    kind: role", 7, "duplicate_key"),
        ("kind: ai_agent", "kind: [ai_agent]", 6, "wrong_value"),
        ("kind: ai_agent", "kind: !!str ai_agent", 6, "tag"),
        ("kind: ai_agent", "privileged: yes", 6, "wrong_type"),
        ("kind: ai_agent", 'privileged: "true"', 6, "wrong_type"),
        ("kind: ai_agent", "name: 4711", 6, "wrong_type"),
        ("kind: ai_agent", "name: 1e3", 6, None),
        ("kind: ai_agent", "name: 0x1F", 6, "wrong_type"),
        ("kind: ai_agent", "name: 0123", 6, "wrong_type"),
        ("kind: ai_agent", "name: 1_000", 6, "wrong_type"),
        ("kind: ai_agent", "name: 12:30", 6, "wrong_type"),
        ("kind: ai_agent", "name: off", 6, "wrong_type"),
        ("kind: ai_agent", "name: 2026-01-10", 6, None),
        ("kind: ai_agent", "name: ''", 6, "wrong_value"),
        ("kind: ai_agent", "environment: \"a\\nb\"", 6, "wrong_value"),
        ("kind: ai_agent", "name: null", 6, None),
        ("kind: ai_agent", "agent: {parent: dba}", 6, "wrong_value"),
        ("kind: ai_agent", f"agent: {{parent: {ROLE}x}}", 6, "dangling"),
        ("kind: ai_agent", "agent: true", 6, "wrong_type"),
        ("kind: ai_agent", "credentials: [{type: secret}]", 6, "missing_key"),
        ("kind: ai_agent", "credentials: [{id: k, max_age_days: -1}]", 6, "wrong_type"),
        ("kind: ai_agent", "credentials: [{id: k, max_age_days: 1.5}]", 6, "wrong_type"),
        ("kind: ai_agent", "credentials: [{id: k, max_age_days: true}]", 6, "wrong_type"),
        ("kind: ai_agent", "granted: sha256:00", 6, None),
        ("kind: ai_agent", "granted: 5", 6, "wrong_type"),
        ("    kind: ai_agent\n", "    valid_from: 2026-01-10\n", 6, "wrong_time"),
        ("    kind: ai_agent\n", "    valid_from: 2026-01-10T00:00:00\n", 6, "wrong_time"),
        ("    kind: ai_agent\n", "    valid_from: 1767225600\n", 6, "wrong_type"),
        ("    kind: ai_agent\n", f"    valid_from: {DAY}\n    valid_to: {DAY}\n", 7, "empty_version"),
        ("owner: jane@example.com", "owner: joe@example.com", 7, "dangling"),
        ("owner: jane@example.com", "sponsor: jroe", 7, "dangling"),
        ("charter: agents/dba", "charter: agents/dbx", 9, "dangling"),
        (f"- id: {ROLE}", "- id: agent-dba", 5, "wrong_value"),
        (f"- id: {ROLE}\n    kind: ai_agent", "- kind: ai_agent", 5, "missing_key"),
        ("aliases: [AROAEXAMPLEID]", "aliases: AROAEXAMPLEID", 8, "wrong_type"),
        ("aliases: [AROAEXAMPLEID]", "aliases: [[AROAEXAMPLEID]]", 8, "wrong_type"),
        ("aliases: [AROAEXAMPLEID]", "aliases: &a [AROAEXAMPLEID]", 8, "alias"),
        ("aliases: [AROAEXAMPLEID]", "<<: {}", 8, "unknown_key"),
        ("actions: [\"rds:*\", \"secretsmanager:Get*\"]", "actions:", 15, "wrong_type"),
        ("actions: [\"rds:*\", \"secretsmanager:Get*\"]", "actions: [rds, '']", 15, "wrong_glob"),
        ("[\"arn:aws:rds:*:111122223333:db:staging-*\"]", '["arn:aws:rds"]', 16, "wrong_glob"),
        ("classes: [read, write]", "classes: [reed]", 14, "wrong_value"),
        ('to: "19:00"', "to: 19:00", 17, "wrong_value"),
        ('to: "19:00"', 'to: "24:00"', 17, "wrong_value"),
        ('to: "19:00"', 'to: "07:00"', 17, "empty_window"),
        ("zone: Europe/Berlin", "zone: Europe/Bern", 17, "wrong_value"),
        ("zone: Europe/Berlin", "zone: ../../etc/passwd", 17, "wrong_value"),
        ("networks: [10.0.0.0/8]", "networks: [10.0.0.1/8]", 18, "wrong_value"),
        ("networks: [10.0.0.0/8]", "networks: [anywhere]", 18, "wrong_value"),
        ("review_due: 2027-01-10", "review_due: 2027-13-10", 19, "wrong_time"),
        (f"identity: {ROLE}", f"identity: {ROLE}x", 22, "dangling"),
        ("registered_at: 2026-04-12T08:00:00Z", "purpose: none", 21, "missing_key"),
        ("registered_at: 2026-04-12T08:00:00Z", "registered_at: null", 21, "missing_key"),
        ("start: 2026-04-12T09:00:00Z", "start: 2026-04-12T11:00:00Z", 24, "empty_window"),
        ("start: 2026-04-12T09:00:00Z, ", "", 24, "missing_key"),
        ("registered_at: 2026-04-12T08:00:00Z", "received_at: 2026-04-12T08:00:00Z", 21, "missing_key"),
        ("allow: {actions: [\"RDS:Modify*\"]", "require_level: L5\n    allow: {actions: []", 25, "wrong_value"),
        ("[\"RDS:Modify*\"]", '["s3:GetObject"]', 25, "wider"),
        ("[\"RDS:Modify*\"]", '["rds:*", "*"]', 25, "wider"),
        ("db:staging-1\"", 'db:*"', 25, "wider"),
        ("allow: {actions: [\"RDS:Modify*\"]", "allow: {classes: [delete], actions: []", 25, "wider"),
        ("allow: {actions: [\"RDS:Modify*\"]", "allow: {networks: [10.0.0.0/8]", 25, "unknown_key"),
        ('accounts: ["111122223333"]', "accounts: [111122223333]", 27, "wrong_type"),
        ("coverage:", "covrage:", 26, "unknown_key"),
        ("coverage:", "registrars: []\ncoverage:", 26, "wrong_value"),
        ("coverage:", "channels: []\ncoverage:", 26, "wrong_value"),
        ("coverage:", "tasks: []\ncoverage:", 26, "duplicate_key"),
        ("coverage:", "tools: {name: x}\ncoverage:", 26, "wrong_type"),
        ("coverage:", "tools: [x]\ncoverage:", 26, "wrong_type"),
        ("coverage:", "issuers: [{platform: aws, provider: p, carries: [session_tags]}]\ncoverage:", 26, "missing_key"),
        ("coverage:", "bindings: []\ncoverage:", 26, "unknown_key"),
        ("coverage:", "---\ncoverage:", 26, "second_document"),
        ("coverage:", "  coverage:", 26, "not_yaml"),
        ("coverage:", "? [a]\n: b\ncoverage:", 26, "wrong_type"),
    ],
)  # fmt: skip
def test_one_fault_is_refused_at_its_line(tmp_path: Path, old: str, new: str, line: int, code: str | None) -> None:
    assert GOOD.count(old) >= 1
    write(tmp_path, a__yml=GOOD.replace(old, new, 1))

    found = refusals(tmp_path)

    if code is None:
        assert found == []
    else:
        assert ("a.yml", line, code) in found


def test_every_fault_of_a_run_is_told_at_once_in_order(tmp_path: Path) -> None:
    write(
        tmp_path, b__yml="owners: [{id: a}, {id: a}]\n", a__yml="owners:\n  - id: b\n    kimd: person\n", c__yml="x: ["
    )
    (tmp_path / "d.jsonl").write_text(
        '{"type": "owner"}\n\n{"type": "owner", "id": "c", "id": "d"}\n[]\n{"id": "e"}\nno\n'
    )

    assert refusals(tmp_path) == [
        ("a.yml", 3, "unknown_key"),
        ("b.yml", 1, "overlap"),
        ("c.yml", 1, "not_yaml"),
        ("d.jsonl", 1, "missing_key"),
        ("d.jsonl", 3, "duplicate_key"),
        ("d.jsonl", 4, "wrong_type"),
        ("d.jsonl", 5, "wrong_type"),
        ("d.jsonl", 6, "not_json"),
    ]


def test_a_refusal_says_where_what_and_what_to_do(tmp_path: Path) -> None:
    write(tmp_path, a__yml=GOOD.replace("kind: ai_agent", "ower: jane@example.com"))

    with pytest.raises(RegistryRefused) as refusal:
        load_registry(tmp_path)

    assert str(refusal.value) == (
        "the registry is refused, 1 problem:\n"
        f"{tmp_path}/a.yml:6: identity '{ROLE}': unknown key 'ower'; did you mean owner?"
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"type": "binding", "task": "T", "session": "s", "bound_at": "2026-01-01T00:00:00Z"}', "wrong_type"),
        ('{"type": "owner", "id": "a", "name": "\\ud800"}', "not_json"),
        ('{"type": "owner", "id": "a", "departed_at": NaN}', "not_json"),
        ('{"type": "owner", "id": "a", "departed_at": 17}', "wrong_type"),
        ('{"type": "owner", "id": "a", "aliases": {"x": 1, "x": 2}}', "duplicate_key"),
        ('{"type": "owner", "id": "a", "departed_at": ' + "9" * 5000 + "}", "not_json"),
        ('{"type": "owner", "id": ' + "[" * 100_000 + "]" * 100_000 + "}", "not_json"),
        ('{"type": ["owner"], "id": "a"}', "wrong_type"),
    ],
)
def test_a_bad_line_of_json_is_refused(tmp_path: Path, line: str, code: str) -> None:
    (tmp_path / "a.jsonl").write_text('{"type": "owner", "id": "z"}\n' + line + "\n")

    assert refusals(tmp_path) == [("a.jsonl", 2, code)]


def test_bytes_that_are_no_text_are_refused_at_their_line(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_bytes(b"owners:\n  - id: \xff\n")
    (tmp_path / "b.jsonl").write_bytes(b'{"type": "owner", "id": "z"}\n{"type": "owner", "id": "\xff"}\n')
    (tmp_path / "c.yml").write_bytes(b"owners:\n  - id: a\x07b\n")

    assert refusals(tmp_path) == [("a.yml", 2, "not_yaml"), ("b.jsonl", 2, "not_json"), ("c.yml", 2, "not_yaml")]


def test_a_billion_laughs_are_refused(tmp_path: Path) -> None:
    laughs = "a: &a [x, x]\nb: &b [*a, *a]\nowners: [*b]\n"
    write(tmp_path, a__yml=laughs, b__yml="owners: " + "[" * 5000)

    assert {code for _, _, code in refusals(tmp_path)} >= {"alias", "not_yaml"}


def test_an_object_with_a_fault_does_not_make_references_to_it_dangle(tmp_path: Path) -> None:
    identity = "{id: 'aws:role:r', owner: a, charter: c}"
    write(tmp_path, a__yml=f"owners: [{{id: a, x: 1}}]\ncharters: [{{id: c, y: 1}}]\nidentities: [{identity}]\n")

    assert [code for _, _, code in refusals(tmp_path)] == ["unknown_key", "unknown_key"]


VERSION = "  - {{id: '{id}', valid_from: {begin}, valid_to: {end}, aliases: [{alias}]}}\n"


def versions(*rows: tuple[str, int | None, int | None, str]) -> str:
    def day(number: int | None) -> str:
        return "null" if number is None else f"2026-01-{number:02}T00:00:00Z"

    return "identities:\n" + "".join(
        VERSION.format(id=id, begin=day(begin), end=day(end), alias=alias) for id, begin, end, alias in rows
    )


BOTH = [(3, "overlap"), (4, "overlap")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("aws:role:a", None, 5, "x"), ("aws:role:a", 5, None, "x")], []),
        ([("aws:role:a", 5, None, "x"), ("aws:role:a", None, 5, "x")], []),
        ([("aws:role:a", None, 6, "x"), ("aws:role:a", 5, None, "x")], [(3, "overlap")]),
        ([("aws:role:a", None, None, "x"), ("aws:role:a", 5, 6, "x"), ("aws:role:a", 8, 9, "x")], BOTH),
        ([("aws:role:a", 1, 9, "x"), ("aws:role:a", 2, 3, "x"), ("aws:role:a", 4, 5, "x")], BOTH),
        ([("aws:role:a", None, 5, "x"), ("aws:role:b", 5, None, "x")], []),
        ([("aws:role:a", None, 6, "x"), ("aws:role:b", 5, None, "x")], [(3, "alias")]),
        ([("aws:role:a", None, None, "x"), ("okta:app:b", None, None, "x")], []),
        ([("aws:role:a", None, None, "aws:role:b"), ("aws:role:b", None, None, "x")], [(2, "alias")]),
    ],
)  # fmt: skip
def test_ids_and_aliases_lead_to_one_object_at_a_time(
    tmp_path: Path, rows: list[tuple[str, int | None, int | None, str]], expected: list[tuple[int, str]]
) -> None:
    write(tmp_path, a__yml=versions(*rows))

    assert [(line, code) for _, line, code in refusals(tmp_path)] == expected


def test_a_task_is_held_against_every_version_of_the_charter_that_its_window_meets(tmp_path: Path) -> None:
    text = """\
    identities: [{{id: "aws:role:a", charter: c}}]
    charters:
      - {{id: c, allow: {{actions: ["s3:*"]}}, valid_to: {until}}}
      - {{id: c, allow: {{actions: ["s3:Get*"]}}, valid_from: {until}}}
    tasks:
      - id: t
        identity: aws:role:a
        registered_at: 2026-01-01T00:00:00Z
        window: {{start: 2026-01-02T00:00:00Z, end: 2026-01-03T00:00:00Z}}
        allow: {{actions: ["s3:*"]}}
    """
    write(tmp_path, a__yml=text.format(until="2026-01-03T00:00:01Z"))
    assert refusals(tmp_path) == []

    write(tmp_path, a__yml=text.format(until="2026-01-03T00:00:00Z"))
    assert refusals(tmp_path) == [("a.yml", 10, "wider")]


def test_an_entry_that_two_of_the_charter_cover_only_together_is_wider(tmp_path: Path) -> None:
    write(tmp_path, a__yml=GOOD.replace('"rds:*"', '"rds:M*", "rds:R*"').replace('"RDS:Modify*"', '"rds:?*"'))

    assert [code for _, _, code in refusals(tmp_path)] == ["wider"]


@pytest.mark.parametrize(
    ("allow", "expected"),
    [("{}", []), ("{actions: []}", []), ('{actions: ["x:*"], classes: [read]}', [])],
)
def test_where_the_charter_restricts_nothing_no_task_is_wider(
    tmp_path: Path, allow: str, expected: list[tuple[str, int, str]]
) -> None:
    text = GOOD.replace(TASK_ALLOWS, f"allow: {allow}")
    begin, end = text.index("    allow:\n      classes"), text.index("    review_due")
    write(tmp_path, a__yml=text[:begin] + text[end:])

    assert refusals(tmp_path) == expected


def test_the_same_registry_has_the_same_version_however_it_is_written(tmp_path: Path) -> None:
    one, other, third = (tmp_path / name for name in ("one", "other", "third"))
    for folder in (one, other, third):
        folder.mkdir()
    write(
        one, a__yml="# a comment\nowners: [{id: b}, {id: a, departed_at: 2026-01-01T00:00:00Z}]\ntools: [{name: x}]\n"
    )
    (other / "sub").mkdir()
    (other / "sub" / "z.jsonl").write_text(
        "\n".join(
            json.dumps(line)
            for line in (
                {"type": "tool", "name": "x"},
                {"id": "a", "departed_at": "2026-01-01T01:00:00+01:00", "type": "owner", "kind": "person"},
            )
        )
    )
    write(other, b__yml="owners: [{id: b}]\n")
    write(third, a__yml="owners: [{id: b}, {id: a, departed_at: 2026-01-01T00:00:01Z}]\ntools: [{name: x}]\n")

    assert load_registry(one).version == load_registry(other).version
    assert load_registry(one).version != load_registry(third).version


def test_the_order_of_environments_decides_and_so_it_is_part_of_the_version(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    write(one, a__yml="environments: [{resource: a*, environment: x}, {resource: '*', environment: y}]\n")
    write(other, a__yml="environments: [{resource: '*', environment: y}, {resource: a*, environment: x}]\n")

    assert [e.environment for e in load_registry(one).environments] == ["x", "y"]
    assert load_registry(one).version != load_registry(other).version


def test_only_visible_yml_and_jsonl_files_are_read_and_yaml_is_told_its_name(tmp_path: Path) -> None:
    write(tmp_path, a__yml="owners: [{id: a}]\n", README__md="x: y", b__yaml="owners: [{id: b}]\n")
    (tmp_path / ".github").mkdir()
    write(tmp_path / ".github", ci__yml="on: push\n")

    assert refusals(tmp_path) == [("b.yaml", 0, "file_name")]


def test_without_coverage_there_is_a_warning(tmp_path: Path) -> None:
    assert [w.code for w in load_registry(write(tmp_path, a__yml="owners: [{id: a}]\n")).warnings] == ["no_coverage"]


@pytest.mark.parametrize("name", ["missing", "empty", "file.txt"])
def test_a_path_without_a_registry_is_bad_input(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("x")

    with pytest.raises(BadInput):
        load_registry(tmp_path / name)


def test_without_a_path_nothing_is_registered() -> None:
    registry = load_registry(None)

    assert registry.identity("aws", ROLE, 0) is None
    assert registry.coverage == ()


TRUST = "registrars:\n  - id: broker@example.com\n"


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a__yml=GOOD)
    (tmp_path / "trust.yml").symlink_to("/nowhere/trust.yml")

    assert refusals(tmp_path) == [("trust.yml", 0, "not_read")]


@pytest.mark.parametrize("name", ["trust.YML", "trust.Yaml", "trust.yaml", "trust.JSONL", ".trust.yml", ".x/trust.yml"])
def test_what_looks_like_a_part_of_the_registry_and_is_not_read_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, a__yml=GOOD)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(TRUST)

    assert refusals(tmp_path) == [(Path(name).name, 0, "file_name")]


def test_a_hidden_line_of_a_registry_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a__yml=GOOD)
    (tmp_path / ".trust.jsonl").write_text('{"type": "registrar", "id": "broker@example.com"}\n')

    assert refusals(tmp_path) == [(".trust.jsonl", 0, "file_name")]


def test_hidden_files_of_other_tools_do_not_matter(tmp_path: Path) -> None:
    write(tmp_path, a__yml=GOOD)
    (tmp_path / ".gitlab-ci.yml").write_text("check:\n  script: [remit registry check .]\n")
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "ci.yml").write_text("on: push\njobs: {}\n")
    (tmp_path / ".#a.yml").symlink_to("someone@host.1")

    assert load_registry(tmp_path).owner("jane@example.com", 1768003200000) is not None


def test_a_linked_folder_is_read_once_and_a_loop_ends(tmp_path: Path) -> None:
    inside, outside = tmp_path / "registry", tmp_path / "elsewhere"
    inside.mkdir()
    outside.mkdir()
    write(inside, a__yml=GOOD)
    write(outside, trust__yml=TRUST)
    (inside / "sub").symlink_to(outside)
    (outside / "back").symlink_to(inside)

    assert [registrar.id for registrar in load_registry(inside).registrars] == ["broker@example.com"]


def test_a_pipe_is_no_registry_file(tmp_path: Path) -> None:
    write(tmp_path, a__yml=GOOD)
    os.mkfifo(tmp_path / "trust.yml")

    assert refusals(tmp_path) == [("trust.yml", 0, "not_read")]
