"""Write docs/conformance.md: every feature and what each target makes of it (`python -m tests.conformance.table`).

What the cells of Elasticsearch say is run on a real server by the tests beside this module, those of Splunk on an
evaluator of the documented forms by spl/; a query that answers otherwise fails there.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from tests.conformance.features import FOLDER, Feature, Sequence, features, sequences

from remit.content import Correlation, Rule
from remit.targets import Query, Refused, targets

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"
COLUMNS = ("hunt", "Elasticsearch, Lucene", "Elasticsearch, ES\\|QL", "Splunk")
Row = tuple[str, ...]

_HEAD = """# Conformance: features and targets

<!-- Written by `python -m tests.conformance.table`; change the features or the targets. -->

Each feature is a small rule with events and answers that were decided before an engine was asked (`docs/meaning.md`).
`equal`: the query gives exactly these answers; on Elasticsearch that is run on a real server. `documented`: the SPL is
of documented forms, and an independent evaluator of those forms gives these answers. `conditional`: the same, where the
settings hold that the report names. Everything else is the name of a refusal, which `remit compile` prints with the
place and a way out. Compiled for our own template (`--pipeline raw`). Features that are refused before any target sees
them are not listed.
"""


def page() -> str:
    """Return the page."""
    with tempfile.TemporaryDirectory() as folder:
        single = [_row(feature, Path(folder)) for feature in features() if feature.refused is None]
        several = [_sequence_row(sequence) for sequence in sequences() if sequence.refused is None]
    entries = yaml.safe_load((FOLDER / "core.yml").read_text("utf-8"))
    core = {f"`{name}`" for name in [*(entry["name"] for entry in entries), "long_in", "long_wild"]}
    first = [row for row in single if row[0] in core]
    rest = [row for row in single if row[0] not in core]
    parts = [_HEAD]
    parts += _section("The features that targets are measured by", first)
    parts += _section("Where meaning can slip", rest)
    parts += _section("Correlations", several)
    return "\n".join(parts)


def _section(title: str, rows: list[Row]) -> Iterator[str]:
    yield f"## {title}\n"
    for at, column in enumerate(COLUMNS, 1):
        count = Counter(_kind(row[at]) for row in rows)
        counts = ", ".join(f"{number} {kind}" for kind, number in sorted(count.items()))
        yield "- {}: {}".format(column.replace("\\", ""), counts)
    yield ""
    yield f"| Feature | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _kind(cell: str) -> str:
    return cell if cell in ("equal", "documented", "conditional") else "refused"


def _row(feature: Feature, folder: Path) -> Row:
    rule, pipeline = feature.rule(), _pipeline(feature, folder)
    return (
        f"`{feature.name}`",
        "equal",
        _cell(lambda: _compiled("elasticsearch", rule, pipeline, "lucene")),
        _cell(lambda: _compiled("elasticsearch", rule, pipeline, "esql")),
        _cell(lambda: _compiled("splunk", rule, pipeline, None)),
    )


def _sequence_row(sequence: Sequence) -> Row:
    correlation = sequence.correlation()
    return (
        f"`{sequence.name}`",
        "equal",
        _cell(lambda: _compiled("elasticsearch", correlation, "raw", "lucene")),
        _cell(lambda: _compiled("elasticsearch", correlation, "raw", "esql")),
        _cell(lambda: _compiled("splunk", correlation, "raw", None)),
    )


def _compiled(target: str, rule: Rule | Correlation, pipeline: str | Path, language: str | None) -> Query:
    return targets()[target].compile(rule, pipeline=pipeline, index=None, language=language)


def _cell(compile_it: Callable[[], Query]) -> str:
    try:
        proof = compile_it().proof
    except Refused as refused:
        return refused.construct.replace("|", "\\|")
    return "equal" if proof == "run" else proof


def _pipeline(feature: Feature, folder: Path) -> str | Path:
    """What a site writes that gives placeholders their values: a pipeline reads wildcards in them, we do not."""
    if not feature.placeholders:
        return "raw"
    values = {
        name: [re.sub(r"[\\*?]", r"\\\g<0>", str(value)) for value in own] for name, own in feature.placeholders.items()
    }
    file = folder / f"{feature.name}.yml"
    site = {"name": "site", "priority": 10, "vars": values, "transformations": [{"type": "value_placeholders"}]}
    file.write_text(yaml.safe_dump(site))
    return file


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
