"""One Elasticsearch process: start, watch, stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.engines.assembly import EngineMissing, cache_folder, elasticsearch_home, needed

NOBODY = 65534
START_SECONDS = 120


class Node:
    """A running node on a free port of the loopback interface. Its data is gone when it stops."""

    def __init__(self) -> None:
        needed("java", *(["setpriv"] if os.geteuid() == 0 else []))
        self._home = elasticsearch_home()
        self._folder = Path(tempfile.mkdtemp(prefix="run-", dir=cache_folder()))
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Start the process and wait until it answers; raise `EngineMissing` with the end of its log if it does not."""
        folder = self._folder / "node"
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("data", "logs", "tmp"):
            (folder / name).mkdir(parents=True)
        shutil.copytree(self._home / "config", folder / "config")
        as_nobody: list[str] = []
        if os.geteuid() == 0:
            as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            self._folder.chmod(0o755)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        settings = {
            "discovery.type": "single-node",
            "xpack.security.enabled": "false",
            # A full disk of the developer's machine is not what these tests are about.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            "http.port": "0",
            "transport.port": "0",
            "node.portsfile": "true",
            "path.data": str(folder / "data"),
            "path.logs": str(folder / "logs"),
        }
        options = [word for name, value in settings.items() for word in ("-E", f"{name}={value}")]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "tmp"),
            "ES_PATH_CONF": str(folder / "config"),
            "ES_TMPDIR": str(folder / "tmp"),
            "ES_JAVA_HOME": _java_home(),
            # Tests are short: the second compiler costs more at the start than it wins back (16 s CPU, not 9).
            "ES_JAVA_OPTS": "-Xms1g -Xmx1g -XX:TieredStopAtLevel=1",
        }
        with (folder / "output.log").open("wb") as output:
            self._process = subprocess.Popen(
                [*as_nobody, str(self._home / "bin" / "elasticsearch"), *options],
                env=environment, cwd=folder / "tmp", stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        self._wait(folder)

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the process that `start` began and remove its files."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                # The process that was started is a launcher; the server is its child, in the same group.
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self, folder: Path) -> None:
        assert self._process is not None
        ports = folder / "logs" / "http.ports"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if ports.exists() and _answers(url := f"http://{ports.read_text().splitlines()[0]}"):
                self.url = url
                return
            time.sleep(0.1)
        log = (folder / "output.log").read_text(errors="replace").splitlines()
        self.stop()
        raise EngineMissing(f"Elasticsearch did not start: {log[-1] if log else 'no output'}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _java_home() -> str:
    """The folder of the `java` of PATH, which is often a link to a link."""
    java = shutil.which("java")
    assert java is not None
    return os.environ.get("JAVA_HOME") or str(Path(java).resolve().parent.parent)
