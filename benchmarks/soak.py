"""What takes too long for every commit: a million hostile lines, a hundred kills, an hour of rotation in two minutes.

`make soak`, or `python -m benchmarks.soak [hostile|large|kills|follow]...`; each prints what it saw and fails loudly.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.cloudtrail import events, write_registry

ENRICH = [sys.executable, "-m", "remit", "enrich"]
MIB = 1024 * 1024


def run(*arguments: str | Path, cwd: Path) -> tuple[int, float, float, str]:
    """Run `remit enrich`; return exit code, peak memory in MiB, seconds and what it said."""
    started = time.monotonic()
    with (cwd / "stderr").open("w+b") as said:
        process = subprocess.Popen([*ENRICH, *map(str, arguments)], cwd=cwd, stderr=said, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    return process.returncode, usage.ru_maxrss / 1024, time.monotonic() - started, text


def lines_in(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(MIB), b""))


def hostile_lines(count: int, rng: random.Random) -> Iterator[bytes]:
    """Lines of every kind that somebody might write to break a reader or to hide an event, good ones among them."""
    good = iter(events(count, 1000))
    for number in range(count):
        kind = rng.randrange(16)
        line = next(good) if kind < 6 else b""
        if kind == 6:
            line = b'{"n":%d,"s":"%b"}' % (number, rb"\ud800" * rng.randrange(20))
        elif kind == 7:
            line = b'{"a":' * rng.choice([99, 100, 101, 5000]) + b"1"
            line += b"}" * line.count(b"{")
        elif kind == 8:
            line = b"?" + rng.randbytes(rng.randrange(300)).replace(b"\n", b"?")  # a blank line is no record
        elif kind == 9:
            line = b'{"n":%d%b}' % (number, b"0" * rng.choice([400, 4400]))
        elif kind == 10:
            line = b'{"nhi":{"verdict":{"intent":"aligned"}},"n":%d,"n\\u0068i.x":1}' % number
        elif kind == 11:
            line = next(good)[: rng.randrange(1, 600)]
        elif kind == 12:
            line = b'{"n":NaN,"m":%d}' % number
        elif kind == 13:
            line = b'{"":{"":[%b]}}' % b",".join([b"{}"] * rng.randrange(300))
        elif kind == 14:
            line = json.dumps(
                {"userIdentity": [1], "eventName": {}, "eventTime": number, "eventSource": None, "eventVersion": "1"}
            ).encode()
        elif kind == 15:
            line = b'\xef\xbb\xbf {"k\x00":"\r"}\r' if number % 2 else b"\xed\xa0\x80" * 5
        yield line or b"x"


def hostile(folder: Path) -> None:
    """A million hostile lines: none lost, memory below 300 MB, and ten times the input at most 1.1 times the memory."""
    peaks = {}
    for count in (100_000, 1_000_000):
        rng = random.Random(1)
        with (folder / "hostile").open("wb") as log:
            for line in hostile_lines(count, rng):
                log.write(line + b"\n")
        code, peaks[count], seconds, said = run("hostile", "-o", "out", "--state", f"state{count}", cwd=folder)
        out, aside = lines_in(folder / "out"), lines_in(folder / "out.quarantine.jsonl")
        print(
            f"hostile: {count:,} lines, {out:,} written + {aside:,} set aside, {peaks[count]:.0f} MB, {seconds:.0f} s"
        )
        assert code == 0, said
        assert out + aside == count, "a line was lost"
        for name in ("out", "out.quarantine.jsonl", "hostile"):
            (folder / name).unlink()
    assert peaks[1_000_000] < 300
    print(f"hostile: ten times the input takes {peaks[1_000_000] / peaks[100_000]:.2f} times the memory")
    assert peaks[1_000_000] <= 1.1 * peaks[100_000]


def large(folder: Path) -> None:
    """A record of 4 MiB and documents of 256 MiB: read, or refused, within the memory that the docs state."""
    event = next(events(1, 10))
    record = event[:-1] + b',"pad":"' + b"x" * (4 * MIB - len(event) - 10) + b'"}'
    (folder / "record").write_bytes(record + b"\n")
    code, peak, _, said = run("record", "-o", "out", cwd=folder)
    print(f"large: a record of {len(record):,} bytes: {lines_in(folder / 'out')} line, {peak:.0f} MB")
    assert code == 0, said
    assert lines_in(folder / "out") == 1
    some = list(events(5_000, 10))
    for name, opening, between, closing in (
        ("one line", b'{"Records":[', b",", b"]}"),
        ("pretty-printed", b'{\n  "Records": [\n', b",\n", b"\n]}\n"),
    ):
        count, size = 0, 0
        with (folder / "document").open("wb") as log:
            log.write(opening)
            while size < 255 * MIB:
                part = (between if count else b"") + some[count % len(some)]
                size += log.write(part)
                count += 1
            log.write(closing)
        code, peak, seconds, said = run("document", "-o", "out", cwd=folder)
        found = lines_in(folder / "out")
        print(f"large: {name}, {size / MIB:.0f} MiB: {found:,} of {count:,} records, {peak:.0f} MB, {seconds:.0f} s")
        assert code == 0, said
        assert found == count
        assert peak < 256 * 4
    with (folder / "document").open("ab") as log:
        log.write(b"\n" + b"z" * 300 * MIB + b'\n{"a":1}\n')
    code, peak, _, said = run("document", "-o", "out", cwd=folder)
    print(f"large: with a line of 300 MiB behind it: {lines_in(folder / 'out'):,} lines, {peak:.0f} MB")
    assert code == 0, said


def kills(folder: Path) -> None:
    """A hundred kills at any moment, then a run to the end: the bytes of the undisturbed run."""
    rng = random.Random(2)
    (folder / "logs").mkdir()
    write_registry(folder / "registry", 400)
    with (folder / "logs" / "1.jsonl").open("wb") as log:
        for line in hostile_lines(20_000, rng):
            log.write(line + b"\n")
    body = b",".join(events(20_000, 400, seed=3))
    (folder / "logs" / "2.json.gz").write_bytes(gzip.compress(b'{"Records":[' + body + b"]}"))
    options = ["logs", "--registry", "registry", "--state"]
    code, _, whole, said = run(*options, "state0", "-o", "out0", cwd=folder)
    assert code == 0, said
    killed = 0
    while True:
        command = [*ENRICH, *options, "state1", "-o", "out1"]
        process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
        try:
            process.wait(rng.uniform(0.05, 1.2) if killed < 100 else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
            continue
        if process.returncode == 0:
            break
    print(f"kills: {killed} kills in a run of {whole:.0f} s")
    for name in ("out", "out{}.quarantine.jsonl"):
        one, two = ((folder / (name.format(n) if "{" in name else f"{name}{n}")).read_bytes() for n in (0, 1))
        assert one == two, f"{name} differs"
    print("kills: output and quarantine are the bytes of the undisturbed run")
    assert killed >= 20, "the run ended too early to be killed"


def follow(folder: Path) -> None:
    """An hour's worth of `--follow`: 360 rotations of three kinds in two minutes, with kills, every line once."""
    rng = random.Random(4)
    log = folder / "app.log"
    log.touch()
    command = [*ENRICH, "app.log", "--follow", "--state", "state", "-o", "out"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    while not (folder / "out.quarantine.jsonl").exists():
        time.sleep(0.1)
    time.sleep(1)
    written = killed = rotated = 0
    lines = events(1_000_000, 100, seed=5)
    end = time.monotonic() + float(os.environ.get("SOAK_SECONDS", "120"))
    while time.monotonic() < end:
        with log.open("ab") as stream:
            for _ in range(rng.randrange(1, 20)):
                line = next(lines) + b"\n"
                cut = rng.randrange(len(line))
                stream.write(line[:cut])
                stream.flush()
                stream.write(line[cut:])
                written += 1
        if rng.random() < 0.6:
            rotate(log, rng)
            rotated += 1
        if rng.random() < 0.03:
            process.kill()
            process.wait()
            killed += 1
            process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, 0.4))
    before = -1
    while ((now := lines_in(folder / "out")) < written and now != before) or before < 0:
        before = now
        time.sleep(8)
    process.terminate()
    code = process.wait(30)
    ids = [json.loads(line)["eventID"] for line in (folder / "out").open("rb")]
    aside = lines_in(folder / "out.quarantine.jsonl")
    print(
        f"follow: {written:,} lines, {rotated} rotations, {killed} kills: {len(ids):,} written, "
        f"{len(ids) - len(set(ids))} twice, {written - len(set(ids))} lost, {aside} set aside, exit {code}"
    )
    assert len(ids) == len(set(ids)) == written
    assert aside == 0
    assert code == 0


def rotate(log: Path, rng: random.Random) -> None:
    """Rename all, keep five: as logrotate does, twice at once now and then."""
    for _ in range(rng.choice([1, 1, 1, 2])):
        for age in range(40, 0, -1):
            old = log.with_name(f"app.log.{age}")
            if old.exists():
                if age == 40:
                    old.unlink()
                else:
                    old.rename(log.with_name(f"app.log.{age + 1}"))
        log.rename(log.with_name("app.log.1"))
        log.touch()


PARTS: dict[str, Callable[[Path], None]] = {"hostile": hostile, "large": large, "kills": kills, "follow": follow}


def main(names: list[str]) -> None:
    for name in names or list(PARTS):
        with tempfile.TemporaryDirectory(prefix=f"remit-soak-{name}-") as folder:
            PARTS[name](Path(folder))
    print("soak: passed")


if __name__ == "__main__":
    main(sys.argv[1:])
