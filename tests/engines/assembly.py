"""Put a real Elasticsearch with ES|QL together from what Maven Central has, once, in the user's cache folder.

The published test distribution lacks ES|QL; the plugins are published one by one. Nothing of it is committed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
VERSION = "8.19.21"

MODULES = {
    "x-pack-esql-core": ("x-pack-esql-core", "x-pack-mapper-version", "antlr4-runtime"),
    "x-pack-esql": (
        "x-pack-esql",
        "x-pack-esql-compute",
        "x-pack-esql-compute-ann",
        "x-pack-kql",
        "elasticsearch-h3",
        "elasticsearch-dissect",
        "lucene-spatial3d",
    ),
}
"""Folder below `modules/` -> the artifacts that it holds, the one with the plugin's descriptor first."""


class EngineMissing(Exception):
    """The engine cannot be had on this machine; the message is one line that says what to install."""


def needed(*commands: str) -> None:
    """Raise `EngineMissing` naming the first of `commands` that is not installed."""
    packages = {"java": "a JDK 17 or later", "javac": "a JDK 17 or later", "mvn": "Maven", "setpriv": "util-linux"}
    for command in commands:
        if shutil.which(command) is None:
            raise EngineMissing(f"{command} is not installed (needed: {packages.get(command, command)})")


def cache_folder() -> Path:
    """Return the folder of assembled engines. Elasticsearch never runs as root, and nobody else may look into root's
    home, hence another place for root."""
    if os.geteuid() == 0:
        folder = Path(f"/var/tmp/remit-engines-{os.geteuid()}")
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "remit" / "engines"
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    if folder.stat().st_uid != os.geteuid():
        raise EngineMissing(f"{folder} belongs to another user; remove it")
    return folder


def elasticsearch_home() -> Path:
    """Return the folder of a runnable Elasticsearch, assembled on the first call on a machine (about 20 s)."""
    cache = cache_folder()
    home = cache / f"elasticsearch-{VERSION}-{_recipe_hash()}"
    if home.is_dir():
        return home
    with _locked(cache / "assembly.lock"):
        if not home.is_dir():
            with tempfile.TemporaryDirectory(dir=cache, prefix="assembling-") as folder:
                Path(folder).chmod(0o755)
                _assemble(Path(folder)).rename(home)
    return home


def _recipe_hash() -> str:
    digest = hashlib.sha256()
    for file in sorted([HERE / "pom.xml", Path(__file__), *(HERE / "arrow").rglob("*.java")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _assemble(work: Path) -> Path:
    needed("java", "javac", "mvn", "unzip")
    jars = work / "jars"
    _run("mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={jars}")
    # Python's zipfile would lose the executable bits.
    _run("unzip", "-q", str(jars / f"elasticsearch-{VERSION}.zip"), "-d", str(work))
    home = work / f"elasticsearch-{VERSION}"
    for name, artifacts in MODULES.items():
        _add_module(home / "modules" / name, jars, artifacts)
    descriptor = home / "modules" / "x-pack-esql" / "plugin-descriptor.properties"
    # Painless and machine learning, which it would extend, are not published; ES|QL runs without them.
    lines = descriptor.read_text().splitlines()
    kept = ["extended.plugins=x-pack-esql-core" if line.startswith("extended.plugins=") else line for line in lines]
    descriptor.write_text("\n".join(kept) + "\n")
    _add_arrow(home, work / "classes")
    return home


def _add_module(folder: Path, jars: Path, artifacts: tuple[str, ...]) -> None:
    folder.mkdir()
    for artifact in artifacts:
        (jar,) = (j for j in jars.glob(f"{artifact}-*.jar") if j.name[len(artifact) + 1].isdigit())
        shutil.copy(jar, folder)
        if artifact == artifacts[0]:
            with zipfile.ZipFile(jar) as archive:
                name = f"META-INF/es-plugins/{artifact}/plugin-descriptor.properties"
                (folder / "plugin-descriptor.properties").write_bytes(archive.read(name))


def _add_arrow(home: Path, classes: Path) -> None:
    sources = [str(source) for source in sorted((HERE / "arrow").rglob("*.java"))]
    _run("javac", "--release", "17", "-cp", f"{home}/lib/*", "-d", str(classes), *sources)
    with zipfile.ZipFile(home / "modules" / "x-pack-esql" / "arrow-names.jar", "w") as jar:
        for file in sorted(classes.rglob("*.class")):
            jar.write(file, file.relative_to(classes).as_posix())


def _run(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        lines = [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
        raise EngineMissing(f"{command[0]} failed: {lines[0] if lines else 'no message'}")
