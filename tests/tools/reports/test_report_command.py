"""`remit report`: a page or a ticket of an alerts file, and a clear word where the file is none."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from tests.tools.reports.build import QUEUE, alert

from remit.cli import main


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["report", *words])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.fixture
def alerts(tmp_path: Path) -> Path:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(a) + b"\n" for a in (alert(1), alert(2, rule=QUEUE, incident="b"))))
    return path


def test_it_writes_a_page_to_the_file_that_is_named(alerts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = alerts.with_name("report.html")

    code, out, _ = _run(capsys, str(alerts), "-o", str(page))

    assert (code, out) == (0, "")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert page.read_text("utf-8").count("<article") == 2


def test_without_a_file_the_page_goes_to_standard_output(alerts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, str(alerts))

    assert code == 0
    assert out.count("<article") == 2


def test_it_writes_a_ticket_where_markdown_is_asked_for(alerts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, str(alerts), "--format", "markdown")

    assert code == 0
    assert out.startswith("## CRITICAL `meeting-notes`")


def test_it_reads_standard_input(
    alerts: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(alerts.read_bytes())))

    code, out, _ = _run(capsys, "-")

    assert code == 0
    assert out.count("<article") == 2


@pytest.mark.parametrize("line", [b"{}", b"no json", b'{"id": 7}', b"[]", b'"\xff"'])
def test_a_line_that_is_no_alert_is_refused_with_its_place(
    alerts: Path, capsys: pytest.CaptureFixture[str], line: bytes
) -> None:
    with alerts.open("ab") as stream:
        stream.write(line + b"\n")

    code, out, err = _run(capsys, str(alerts))

    assert (code, out) == (2, "")
    assert f"{alerts}:3: no alert line" in err
    assert "remit hunt -o" in err


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, str(tmp_path / "none.jsonl"))

    assert code == 2
    assert "none.jsonl" in err


def test_a_place_that_cannot_be_written_is_refused(alerts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, str(alerts), "-o", str(alerts.parent / "no" / "such" / "folder.html"))

    assert code == 2
    assert "folder.html" in err
