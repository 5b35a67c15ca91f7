from __future__ import annotations

import configparser
import re
from pathlib import Path

from remit.targets.splunk import TARGET
from remit.targets.splunk.probes import PROBES
from remit.targets.splunk.query import CONDITIONS


def _stanzas() -> configparser.RawConfigParser:
    found = configparser.RawConfigParser(strict=True)
    found.read_string(TARGET.companions([])["savedsearches.conf"])
    return found


def test_each_probe_is_one_saved_search_that_never_runs_by_itself() -> None:
    stanzas = _stanzas()

    assert len(stanzas.sections()) == len(PROBES) > 15
    for name in stanzas.sections():
        assert stanzas[name]["disabled"] == "1"
        assert stanzas[name]["enableSched"] == "0"


def test_each_probe_makes_its_own_data_and_answers_ok() -> None:
    for name in _stanzas().sections():
        search = _stanzas()[name]["search"]
        assert search.startswith("| makeresults")
        assert "ok=" in search
        assert "index" not in search
        assert not search.endswith("\\")


def test_what_a_server_can_be_asked_about_a_condition_is_asked() -> None:
    asked = {name for name in CONDITIONS for probe in PROBES if probe.asks.startswith(f"{name}:")}

    # The rest are settings of a site, or facts about its data.
    assert CONDITIONS.keys() - asked == {"extraction_cutoff", "lookback", "memory_limits", "whole_numbers"}


def test_the_page_explains_every_condition_and_names_probes_that_there_are() -> None:
    page = (Path(__file__).parents[4] / "docs" / "splunk.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .* \| ([\w ]*?) *\|$", page, re.MULTILINE)

    assert {name for name, _ in rows} == CONDITIONS.keys()
    assert all(any(probe.name.startswith(name) for probe in PROBES) for _, name in rows)
