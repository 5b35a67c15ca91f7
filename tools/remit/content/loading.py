"""Read content strictly: whatever could mean something else than it says is refused, all of it at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from msgspec import Struct

from remit.content.correlation import CORRELATION_KEYS, read_correlation
from remit.content.detection import read_detection
from remit.content.filters import FILTER_KEYS, read_filter
from remit.content.header import HEADER_KEYS, LEVELS, NEWEST_SIGMA, newer_sigma, read_header, read_logsource
from remit.content.places import ContentError, Place, Problem
from remit.content.references import linked
from remit.content.root import content_root, files_of
from remit.content.rule import Correlation, Document, Filter, Rule
from remit.content.tree import Tree

__all__ = ["LEVELS", "Content", "load_content", "load_rules", "read_documents", "read_rules"]

_RULE_KEYS = HEADER_KEYS | {"logsource", "detection"}


class Content(Struct, frozen=True):
    """What a run works with: references resolved, filters applied."""

    rules: tuple[Rule, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    """Those that others refer to stand before them."""
    filters: tuple[Filter, ...] = ()


def load_content(paths: Iterable[Path] = (), *, elsewhere: Iterable[Path] = ()) -> Content:
    """Load rules, correlations and filters from files and folders; without a path, what comes with Remit.

    Filters may name rules that are not loaded when they stand in `elsewhere`.

    Raises:
        ContentError: every problem of every file, each with file:line:column.
    """
    documents, problems = _read_all(paths or (content_root() / "rules",))
    others = _read_all(elsewhere)[0] if any(isinstance(document, Filter) for document in documents) else []
    rules, correlations, filters, unlinked = linked(documents, others)
    if found := [*problems, *_doubles(documents), *unlinked]:
        raise ContentError(found)
    return Content(tuple(rules), tuple(correlations), tuple(filters))


def load_rules(paths: Iterable[Path] = ()) -> list[Rule]:
    """Load the plain rules of files and folders, ordered by file, without filters; see `load_content`."""
    documents, problems = _read_all(paths or (content_root() / "rules",))
    if found := [*problems, *_doubles(documents)]:
        raise ContentError(found)
    return [document for document in documents if isinstance(document, Rule)]


def _read_all(paths: Iterable[Path]) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    problems: list[Problem] = []
    for path, file in files_of(paths):
        loaded, wrong = read_documents(path.read_bytes(), file)
        documents += loaded
        problems += wrong
    return documents, problems


def read_rules(raw: bytes, file: str) -> tuple[list[Rule], list[Problem]]:
    """Read the plain rules of one file's bytes; they are of use only when there is no problem."""
    documents, problems = read_documents(raw, file)
    return [document for document in documents if isinstance(document, Rule)], problems


def read_documents(raw: bytes, file: str) -> tuple[list[Document], list[Problem]]:
    """Read one file's bytes; the documents are of use only when there is no problem."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [Problem(Place(file, raw.count(b"\n", 0, error.start) + 1, 1), "not UTF-8", "save it as UTF-8")]
    tree = Tree(file)
    found = [document for root in tree.documents(text) if (document := _document(tree, root))]
    if not found and not tree.problems:
        tree.wrong(Place(file, 1, 1), "no rule in this file", "write one, or remove the file")
    return found, tree.problems


def _doubles(documents: Iterable[Document]) -> Iterator[Problem]:
    first: dict[str, Document] = {}
    for document in documents:
        if (known := first.setdefault(document.id, document)) is not document:
            yield Problem(document.place, f"id {document.id} is already taken at {known.place}", "give each its own id")


def _document(tree: Tree, root: yaml.Node) -> Document | None:
    if not isinstance(root, yaml.MappingNode):
        tree.mapping(root, "the rule")
        return None
    before = len(tree.problems)
    if version := newer_sigma(tree, root):
        newest = ".".join(map(str, NEWEST_SIGMA))
        tree.wrong(version, f"sigma-version {version.value} is newer than {newest}", "update Remit, or write for that")
        return None
    keys = {key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode)}
    needed: tuple[str, ...]
    if "correlation" in keys:
        known, what, needed = CORRELATION_KEYS, "the correlation", ("title", "correlation")
    elif "filter" in keys:
        known, what, needed = FILTER_KEYS, "the filter", ("title", "logsource", "filter")
    else:
        known, what, needed = _RULE_KEYS, "the rule", ("title", "logsource", "detection")
    nodes = tree.mapping(root, what, HEADER_KEYS | known)
    for key in needed:
        if key not in nodes:
            tree.wrong(root, f"{what} has no `{key}`", "add it")
    header = read_header(tree, root, nodes)
    if any(key not in nodes for key in needed):
        return None
    if "correlation" in nodes:
        document: Document | None = read_correlation(tree, nodes["correlation"], header)
    elif "filter" in nodes:
        document = read_filter(tree, nodes["filter"], read_logsource(tree, nodes["logsource"]), header)
    else:
        document = _rule(tree, nodes, header)
    return document if len(tree.problems) == before else None


def _rule(tree: Tree, nodes: dict[str, yaml.Node], header: dict[str, object]) -> Rule | None:
    logsource = read_logsource(tree, nodes["logsource"])
    logic = read_detection(tree, nodes["detection"])
    if logic is None:
        return None
    detections, condition, place = logic
    return Rule(**header, logsource=logsource, detections=detections, condition=condition, condition_place=place)  # type: ignore[arg-type]
