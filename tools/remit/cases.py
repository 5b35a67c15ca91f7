"""The cases of the rules: raw vendor events with the answer that a person gave, proven through the real enrichment.

A case file stands under `tests/rules/` on the path that its rule has under `rules/`. It is a list of cases:

    - name: the release agent creates an IAM user during its task
      kind: fires            # fires | near_miss | benign
      why: its task is about one service
      also: [aws/another_rule]         # every other rule that fires on these events
      events: [{...}, ...]             # as the vendor writes them; tags come from the enrichment, never from here

In a `fires` case every event fires, or those that `match` counts out (from 0); in the others none does. A correlation
fires on the event that its window closes with, in a `fires` case on the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, Literal, cast

import msgspec
import yaml
from msgspec import Struct

from remit.content import Content, ContentError, Correlation, Place, Problem, content_root
from remit.content.rule import Header
from remit.content.tree import Tree
from remit_enrichment.enricher import Enricher
from remit_enrichment.readers.record import Chunk, read_record
from remit_enrichment.registry.loading import load_registry
from remit_enrichment.registry.lookup import Registry
from remit_enrichment.store import MemoryStore

Kind = Literal["fires", "near_miss", "benign"]
KINDS: tuple[Kind, ...] = ("fires", "near_miss", "benign")
_KEYS = frozenset({"name", "kind", "why", "also", "events", "match"})


class Case(Struct, frozen=True, kw_only=True):
    """One named case of one rule."""

    rule: str
    """The rule's path under `rules/`, without its ending: `aws/aws_cloudtrail_access_key_created`."""
    name: str
    kind: Kind
    place: Place
    events: tuple[dict[str, Any], ...]
    also: tuple[str, ...] = ()
    match: frozenset[int]
    """The events, from 0, on which the rule fires."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What one engine said of one case."""

    case: Case
    engine: str
    complaints: tuple[str, ...]
    """What differs from the case's answers; empty where all is as it should be."""

    @property
    def passed(self) -> bool:
        return not self.complaints


def rule_name(file: str) -> str:
    """Return what cases call a rule: its path under `rules/`, without the ending."""
    return _split(file)[1]


def case_path(rule: Header) -> Path:
    """Return where the cases of a rule stand: in the `tests/rules/` beside the `rules/` that it lies in."""
    root, name = _split(rule.file)
    return root / "tests" / "rules" / f"{name}.yml"


def _split(file: str) -> tuple[Path, str]:
    path = PurePath(file).with_suffix("")
    if path.parts[0] == "rules":  # ours: named from the content's root
        return content_root(), "/".join(path.parts[1:])
    for at in range(len(path.parts) - 1, 0, -1):
        if path.parts[at] == "rules":
            return Path(*path.parts[:at]), "/".join(path.parts[at + 1 :])
    return Path(path.parent), path.name


def load_cases(rules: Iterable[Header]) -> list[Case]:
    """Load the cases of these rules.

    Raises:
        ContentError: every problem, among them a rule without a case file or without a case of each kind.
    """
    cases: list[Case] = []
    problems: list[Problem] = []
    for rule in rules:
        path = case_path(rule)
        if not path.is_file():
            problems.append(Problem(rule.place, "the rule has no cases", f"write {_shown(path)}"))
            continue
        sequence = isinstance(rule, Correlation)
        found, wrong = read_cases(path.read_text("utf-8"), _shown(path), rule_name(rule.file), sequence=sequence)
        cases += found
        problems += wrong
    if problems:
        raise ContentError(problems)
    return cases


def _shown(path: Path) -> str:
    return path.relative_to(content_root()).as_posix() if path.is_relative_to(content_root()) else path.as_posix()


def read_cases(text: str, file: str, rule: str, *, sequence: bool = False) -> tuple[list[Case], list[Problem]]:
    """Read one case file, of a correlation where `sequence`; the cases are of use only when there is no problem."""
    tree = Tree(file)
    roots = tree.documents(text)
    if len(roots) != 1 and not tree.problems:
        tree.wrong(Place(file, 1, 1), "not one list of cases", "write one list")
    cases = [_case(tree, node, rule, sequence) for root in roots for node in tree.sequence(root, "the file")]
    kinds = {case.kind for case in cases}
    if roots and (missing := [kind for kind in KINDS if kind not in kinds]):
        tree.wrong(Place(file, 1, 1), f"no case of kind {', '.join(missing)}", "write at least one of each kind")
    return cases, tree.problems


def _case(tree: Tree, node: yaml.Node, rule: str, sequence: bool) -> Case:
    nodes = tree.mapping(node, "a case", _KEYS)
    for key in ("name", "kind", "events"):
        if key not in nodes:
            tree.wrong(node, f"the case has no `{key}`", "add it")
    name = tree.text(nodes["name"], "`name`") if "name" in nodes else ""
    kind = tree.text(nodes["kind"], "`kind`") if "kind" in nodes else "fires"
    if kind not in KINDS:
        tree.wrong(nodes["kind"], f"`{kind}` is no kind of case", f"write {', '.join(KINDS)}")
    also = tree.texts(nodes["also"], "`also`") if "also" in nodes else ()
    if "why" in nodes:
        tree.text(nodes["why"], "`why`")
    children = tree.sequence(nodes["events"], "`events`") if "events" in nodes else []
    if "events" in nodes and not children:
        tree.wrong(nodes["events"], "a case without events proves nothing", "write at least one")
    events = tuple(tree.plain(child, "an event") for child in children)
    for child, event in zip(children, events, strict=True):
        if not isinstance(event, dict) or "nhi" in event:
            tree.wrong(child, "an event is no mapping, or holds `nhi`", "write the event as the vendor does")
    return Case(
        rule=rule,
        name=name,
        kind=cast(Kind, kind),
        place=tree.place(node),
        events=events,
        also=also,
        match=_match(tree, nodes.get("match"), kind, len(events), sequence),
    )


def _match(tree: Tree, node: yaml.Node | None, kind: str, events: int, sequence: bool) -> frozenset[int]:
    if node is None:
        return frozenset(range(events - 1 if sequence else 0, events)) if kind == "fires" else frozenset()
    found = {tree.scalar(child, "`match`") for child in tree.sequence(node, "`match`")}
    numbers = frozenset(value for value in found if type(value) is int and 0 <= value < events)
    if kind != "fires" or not numbers or len(numbers) < len(found):
        tree.wrong(node, "`match` counts out events of a `fires` case, from 0", "mend or remove it")
    return numbers


# --- proving ----------------------------------------------------------------------------------------------------------


class Subject(Struct, frozen=True):
    """One enriched event of a case, as rules see it."""

    document: dict[str, Any]
    """The event with `nhi`."""
    source: str | None
    """Its log source."""
    time: int | None
    """Its event time, in milliseconds."""


def acme() -> Registry:
    """Return the registry of the fixture company, with its task broker's feed."""
    root = content_root() / "tests" / "acme"
    return load_registry(root / "registry", sorted((root / "tasks").glob("*.jsonl")))


def enriched(case: Case, registry: Registry) -> list[Subject]:
    """Return the case's events through the real chain: encoded, read, judged and tagged in their order."""
    enricher = Enricher(registry, MemoryStore())
    return [_subject(enricher, event, number) for number, event in enumerate(case.events)]


def _subject(enricher: Enricher, event: Mapping[str, Any], number: int) -> Subject:
    raw = msgspec.json.encode(event)
    record = read_record(raw, "case", Chunk(raw, number + 1, 0, len(raw), number + 2))
    assert record.problem is None, record.problem  # noqa: S101 - it was encoded a line above
    tagged = enricher.enrich(record.inner, raw=record.raw, channel=record.channel, line=record.line)
    return Subject(record.inner | {"nhi": tagged.tags}, tagged.source, tagged.time)


Engine = Callable[[Content, Sequence[Subject]], Mapping[str, frozenset[int]]]
"""Say which events, from 0, each rule and correlation (by its id) fires on. What it cannot answer is left out."""


def prove(
    cases: Iterable[Case], content: Content, registry: Registry, engines: Mapping[str, Engine]
) -> Iterator[Outcome]:
    """Yield the outcome of every case on every engine; `content`: everything that could fire."""
    names = {each.id: rule_name(each.file) for each in (*content.rules, *content.correlations)}
    for case in cases:
        subjects = enriched(case, registry)
        for engine, ask in engines.items():
            answers = {names[rule]: fired for rule, fired in ask(content, subjects).items()}
            yield Outcome(case=case, engine=engine, complaints=tuple(_complaints(case, answers, subjects)))


def _complaints(case: Case, answers: Mapping[str, frozenset[int]], subjects: Sequence[Subject]) -> Iterator[str]:
    if case.rule not in answers:
        yield "the engine refuses the rule"
        return
    for number in sorted(case.match - answers[case.rule]):
        yield f"does not fire on event {number} ({_verdict(subjects[number])})"
    for number in sorted(answers[case.rule] - case.match):
        yield f"fires on event {number} ({_verdict(subjects[number])})"
    others = {name for name, fired in answers.items() if fired and name != case.rule}
    for name in sorted(others - set(case.also)):
        yield f"{name} fires too, and `also` does not say so"
    for name in sorted(set(case.also) - others):
        yield f"{name} does not fire, though `also` says so"


def _verdict(subject: Subject) -> str:
    tags = subject.document["nhi"]
    verdict, action = tags.get("verdict", {}), tags.get("action", {})
    words = [action.get("class", "no class"), verdict.get("intent", "no verdict"), *verdict.get("reasons", ())]
    return " ".join(map(str, words))
