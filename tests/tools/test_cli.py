"""Exit codes are a contract: 0 good, 1 findings or refused, 2 usage or bad input, 3 our bug, 130 interrupted."""

from __future__ import annotations

import click
import pytest

from remit.cli import cli, main
from remit_enrichment.errors import BadInput


@pytest.fixture(autouse=True)
def _verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(error: BaseException) -> click.Command:
        def run() -> None:
            raise error

        return click.Command("x", callback=run)

    verbs = {
        "fine": click.Command("fine", callback=lambda: None),
        "found": click.Command("found", callback=lambda: 1),
        "bad": raising(BadInput("the registry has no owners", where="registry/a.yml:3", todo="add one")),
        "bug": raising(KeyError("AKIASECRETOFALOG")),
        "stopped": raising(KeyboardInterrupt()),
    }
    monkeypatch.setattr(cli, "get_command", lambda ctx, name: verbs.get(name))


@pytest.mark.parametrize(
    ("verb", "code"), [("fine", 0), ("found", 1), ("bad", 2), ("nosuch", 2), ("bug", 3), ("stopped", 130)]
)
def test_each_outcome_has_its_exit_code(verb: str, code: int) -> None:
    with pytest.raises(SystemExit) as ended:
        main([verb])

    assert (ended.value.code or 0) == code


def test_bad_input_says_what_where_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bad"])

    assert "registry/a.yml:3: the registry has no owners; add one" in capsys.readouterr().err


def test_a_crash_report_can_be_pasted_and_quotes_no_log_value(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["bug"])

    report = capsys.readouterr().err
    assert "builtins.KeyError" in report
    assert "test_cli.py" in report
    assert "AKIASECRETOFALOG" not in report
