"""Compile a folder of other people's rules for every target: what became a query, and what was refused and why.

    python benchmarks/sigmahq.py path/to/sigma/rules/cloud [more folders] > docs/foreign-rules.md

The folder is not shipped: take SigmaHQ's repository (https://github.com/SigmaHQ/sigma), whose rules are under the
Detection Rule License. Exit code 1 where a rule crashed a target.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from stock_splunk import compare, table

from remit.content import Rule, files_of, read_documents
from remit.targets import Refused, Target, targets
from remit.targets.splunk.query import is_readable

PIPELINE = "raw"


@dataclass
class Tally:
    """What one target made of the rules."""

    compiled: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    plain: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    crashed: list[str] = field(default_factory=list)
    seconds: float = 0.0


def main(folders: list[str]) -> int:
    if not folders:
        print(__doc__, file=sys.stderr)
        return 2
    rules, unread = _load([Path(folder) for folder in folders])
    tallies = {name: _compile(target, rules) for name, target in targets().items()}
    stock = table(compare(rules))
    print("\n".join([*_page(rules, unread, tallies, _revision(Path(folders[0]))), *stock]))
    for name, tally in tallies.items():
        if rules:
            print(f"{name}: {tally.seconds / len(rules) * 1000:.2f} ms a rule", file=sys.stderr)
    return 1 if any(tally.crashed for tally in tallies.values()) else 0


def _load(folders: list[Path]) -> tuple[list[Rule], Counter[str]]:
    rules: list[Rule] = []
    unread: Counter[str] = Counter()
    for path, name in files_of(folders):
        documents, problems = read_documents(path.read_bytes(), name)
        if problems:
            unread[problems[0].what] += 1
            continue
        rules += [document for document in documents if isinstance(document, Rule)]
    return rules, unread


def _compile(target: Target, rules: list[Rule]) -> Tally:
    tally = Tally()
    start = time.perf_counter()
    for rule in rules:
        try:
            query = target.compile(rule, pipeline=PIPELINE, index=None, language=None)
        except Refused as refused:
            tally.refused[refused.construct] += 1
        except Exception as error:  # noqa: BLE001 - a crash is what this program looks for
            tally.crashed.append(f"{rule.file}: {type(error).__name__}: {error}")
        else:
            tally.compiled += 1
            tally.languages[query.language] += 1
            tally.plain += query.language == "spl" and is_readable(query.query)
    tally.seconds = time.perf_counter() - start
    return tally


def _page(rules: list[Rule], unread: Counter[str], tallies: dict[str, Tally], revision: str) -> list[str]:
    lines = [
        "# Other people's rules",
        "",
        f"Written by `benchmarks/sigmahq.py`; {len(rules)} single-event rules{revision}, compiled with"
        " `--pipeline raw`. They are not part of Remit.",
        "",
        "| target | compiled | by language | refused | crashed |",
        "|---|---|---|---|---|",
    ]
    for name, tally in tallies.items():
        languages = ", ".join(f"{language} {count}" for language, count in sorted(tally.languages.items()))
        languages += f" (one plain search: {tally.plain})" if tally.plain else ""
        refused = sum(tally.refused.values())
        lines.append(f"| {name} | {tally.compiled} | {languages} | {refused} | {len(tally.crashed)} |")
    if unread:
        lines += ["", "Not loaded, because a file could mean something else than it says:", ""]
        lines += [f"- {count} × {what}" for what, count in unread.most_common()]
    for name, tally in tallies.items():
        lines += ["", f"Refused by {name}:", "", *(f"- {n} × `{why}`" for why, n in tally.refused.most_common())]
        lines += [f"- crashed: {crash}" for crash in tally.crashed]
    return lines


def _revision(folder: Path) -> str:
    """The commit of the folder, where it is a checkout."""
    command = ["git", "-C", str(folder), "log", "-1", "--format=%h of %cs"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return f" at commit {found.stdout.strip()}" if found.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
