"""How fast is `remit hunt` on events that carry their tags, and what do ten times the rules cost?

    python benchmarks/hunt.py RULES ENRICHED.jsonl

RULES is a folder of Sigma rules (SigmaHQ's cloud folders), asked about every record whatever its log source;
ENRICHED.jsonl is what `remit enrich` wrote. Time is that of the process on one core, reading and alerts included.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from remit.content import Rule, load_rules
from remit.hunt.matching import Matching
from remit.hunt.reading import tagged
from remit.hunt.run import Ruleset, Tally, Window, hunt
from remit.hunt.surface import Surface

RUNS = 3


def measure(rules: Sequence[Rule], log: str) -> tuple[float, int]:
    """Return events a second, the best of several runs, and the number of alerts."""
    best, alerts = 0.0, 0
    for _ in range(RUNS):
        matching, tally = Matching(rules, any_source=True), Tally()
        surface = Surface(matching.rules, {})
        started = time.process_time()
        alerts = len(hunt(tagged([log], tally, surface), Ruleset(tuple(rules)), matching, Window(), tally))
        best = max(best, tally.read / (time.process_time() - started))
    return best, alerts


def main(folder: str, log: str) -> None:
    started = time.process_time()
    rules = load_rules([Path(folder)])
    print(f"loaded {len(rules)} rules in {time.process_time() - started:.2f} s")
    few = rules[::10]
    rates = {}
    for chosen in (few, rules):
        rates[len(chosen)], alerts = measure(chosen, log)
        print(f"{len(chosen):5} rules  {rates[len(chosen)]:10,.0f} events a second  {alerts:8,} alerts")
    slow, fast = rates[len(rules)], rates[len(few)]
    print(f"{len(rules) / len(few):.1f} times the rules cost {fast / slow:.2f} times as much")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
