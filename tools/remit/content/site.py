"""A team's own content: a folder of rules, filters and `site.yml`, kept apart from what comes with Remit.

disabled: [<rule id>, ...]            # rules that are not run
levels: {<rule id>: low}              # another level than the rule says
thresholds: {<correlation id>: 20}    # another number than the correlation says
expand: {agents: [agent-1, agent-2]}  # what `%agents%` stands for
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml
from msgspec import Struct

from remit.content.header import LEVELS
from remit.content.loading import Content, load_content
from remit.content.places import ContentError, Place, Problem
from remit.content.root import content_root, display_name
from remit.content.rule import Correlation, Rule, Threshold
from remit.content.tree import Scalar, Tree
from remit_enrichment.errors import BadInput

SITE = "site.yml"
_KEYS = frozenset({"disabled", "levels", "thresholds", "expand"})
_Known = TypeVar("_Known", Rule, Correlation)


class Site(Struct, frozen=True, kw_only=True):
    """What a team decides about rules that it does not own."""

    disabled: dict[str, Place] = {}
    levels: dict[str, str] = {}
    thresholds: dict[str, float] = {}
    expand: dict[str, tuple[Scalar, ...]] = {}
    places: dict[str, Place] = {}
    """Where each rule id stands."""


def load_site(folders: Iterable[Path], rules: Iterable[Path] = ()) -> tuple[Content, Site]:
    """Load rules (those that come with Remit, or `rules` instead) together with the content of teams' folders.

    Raises:
        ContentError: every problem of every file, each with file:line:column.
        BadInput: a folder holds neither rules nor filters nor site.yml.
    """
    folders, paths = list(folders), list(rules)
    site = Site()
    more: list[Path] = []
    for folder in folders:
        parts = [part for part in (folder / "rules", folder / "filters") if part.is_dir()]
        if not parts and not (folder / SITE).is_file():
            raise BadInput("no content in this folder", where=str(folder), todo=f"it needs rules/, filters/ or {SITE}")
        more += parts
        if (folder / SITE).is_file():
            site = _together(site, read_site(folder / SITE))
    ours = content_root() / "rules"
    content = load_content([*(paths or [ours]), *more], elsewhere=[ours] if paths else ())
    known = {document.id for document in (*content.rules, *content.correlations)}
    if paths and site.places:
        packaged = load_content([ours])
        known |= {document.id for document in (*packaged.rules, *packaged.correlations)}
    unknown = [
        Problem(at, f"no rule has the id {id}", "mend the id") for id, at in site.places.items() if id not in known
    ]
    if unknown:
        raise ContentError(unknown)
    return applied(content, site), site


def applied(content: Content, site: Site) -> Content:
    """Return the content as the site wants it."""
    return msgspec.structs.replace(
        content,
        rules=tuple(_level(rule, site) for rule in content.rules if rule.id not in site.disabled),
        correlations=tuple(
            _threshold(_level(each, site), site) for each in content.correlations if each.id not in site.disabled
        ),
    )


def _level(document: _Known, site: Site) -> _Known:
    level = site.levels.get(document.id)
    return document if level is None else msgspec.structs.replace(document, level=level)


def _threshold(correlation: Correlation, site: Site) -> Correlation:
    number = site.thresholds.get(correlation.id)
    if number is None:
        return correlation
    condition = correlation.condition
    if not isinstance(condition, Threshold) or len(condition.bounds) != 1:
        raise ContentError(
            [Problem(site.places[correlation.id], "the correlation has no single number", "remove the threshold")]
        )
    bounds = ((condition.bounds[0][0], number),)
    return msgspec.structs.replace(correlation, condition=msgspec.structs.replace(condition, bounds=bounds))


def _together(one: Site, other: Site) -> Site:
    return Site(
        disabled=one.disabled | other.disabled,
        levels=one.levels | other.levels,
        thresholds=one.thresholds | other.thresholds,
        expand=one.expand | other.expand,
        places=one.places | other.places,
    )


def read_site(path: Path) -> Site:
    """Read a site's file.

    Raises:
        ContentError: everything that is wrong in it.
    """
    tree = Tree(display_name(path))
    try:
        roots = tree.documents(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ContentError([Problem(Place(tree.file, 1, 1), "not UTF-8", "save it as UTF-8")]) from None
    nodes = tree.mapping(roots[0], "the site", _KEYS) if roots else {}
    places: dict[str, Place] = {}
    disabled: dict[str, Place] = {}
    for node in tree.sequence(nodes["disabled"], "`disabled`") if "disabled" in nodes else []:
        disabled[tree.text(node, "a rule id")] = tree.place(node)
    levels = {}
    for entry in tree.entries(nodes["levels"], "`levels`") if "levels" in nodes else []:
        levels[entry.key] = tree.text(entry.node, "a level")
        places[entry.key] = entry.place
        if levels[entry.key] not in LEVELS:
            tree.wrong(entry.node, f"`{levels[entry.key]}` is no level", f"write {', '.join(LEVELS)}")
    thresholds = {}
    for entry in tree.entries(nodes["thresholds"], "`thresholds`") if "thresholds" in nodes else []:
        thresholds[entry.key] = _number(tree, entry.node)
        places[entry.key] = entry.place
    expand = {
        entry.key: tuple(tree.scalar(node, f"`{entry.key}`") for node in tree.sequence(entry.node, f"`{entry.key}`"))
        for entry in (tree.entries(nodes["expand"], "`expand`") if "expand" in nodes else [])
    }
    if tree.problems:
        raise ContentError(tree.problems)
    return Site(disabled=disabled, levels=levels, thresholds=thresholds, expand=expand, places=places | disabled)


def _number(tree: Tree, node: yaml.Node) -> float:
    value = tree.scalar(node, "a threshold")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    tree.wrong(node, "a threshold is no number", "write a number")
    return 0
