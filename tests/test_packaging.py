"""The wheel is what users get: it is built, installed into an empty environment and run from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the `remit` command of an environment that holds the built wheel and its dependencies only."""
    folder = tmp_path_factory.mktemp("wheel")
    python = folder / "env" / "bin" / "python"
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    _run(sys.executable, "-m", "venv", str(folder / "env"))
    (wheel,) = folder.glob("*.whl")
    _run(str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", str(wheel))
    return python.with_name("remit")


def test_the_demo_runs_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "cwd"
    for name in ("tools", "enrichment", "rules"):
        (hostile / name).mkdir(parents=True)
        (hostile / name / "__init__.py").write_text("raise RuntimeError('the working directory was imported')\n")

    done = _run(str(installed), "demo", "-o", str(tmp_path / "out"), cwd=hostile)

    report = Path(done.stdout.splitlines()[-1])
    assert report.is_file()
    assert report.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")


def test_the_wheel_needs_no_development_tool_for_its_help(installed: Path, tmp_path: Path) -> None:
    done = _run(str(installed), "--help", cwd=tmp_path)

    assert "enrich" in done.stdout


def _run(*command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done
