"""Run the enrichment job from options to exit: open what is read and written, and keep the checkpoint."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import click
import msgspec

from remit.metrics import serve
from remit.overwriting import files_below, refuse_overwriting
from remit.progress import Progress
from remit.registry.opening import open_registry
from remit_enrichment.enricher import Enriched, Enricher
from remit_enrichment.job import Job
from remit_enrichment.logsources import sources
from remit_enrichment.quarantine import masked_line, quarantine_line
from remit_enrichment.readers import Record, expand
from remit_enrichment.readers.archive import Archive
from remit_enrichment.readers.follow import Follow
from remit_enrichment.readers.live import read_pipe
from remit_enrichment.readers.position import Position
from remit_enrichment.registry.collector import rare_collector
from remit_enrichment.sinks.jsonl import JsonLines, LinesFile, cannot_write
from remit_enrichment.state import SqliteStore, temporary_store
from remit_enrichment.summary import Summary

STD = "-"
"""Standard input among the files, standard output as the output."""
PENDING = 20_000
"""Changed entries of the ledger after which the pre-pass commits, so that they do not pile up in memory."""
COMMIT_EVERY = 1.0
"""Seconds between two commits of a live run."""


@dataclass(frozen=True)
class Options:
    """What the operator asked for."""

    files: tuple[str, ...]
    registry: Path | None = None
    tasks: Sequence[Path] = ()
    state: str | None = None
    output: str = STD
    quarantine: str | None = None
    source: str | None = None
    summary: str | None = None
    follow: bool = False
    metrics: int | None = None
    """Port on which a live run shows its metrics."""

    @property
    def is_live(self) -> bool:
        """Whether the input may never end."""
        return self.follow or STD in self.files


@dataclass
class Stop:
    """Whether a signal asked the run to end. A second one ends the process at once."""

    signal: int | None = None

    def __call__(self) -> bool:
        return self.signal is not None

    def ask(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        signal.signal(number, signal.SIG_DFL)


def enrich(options: Options) -> tuple[Summary, Stop]:
    """Run the job; `Stop` says by which signal it was ended, if it was.

    Raises:
        BadInput: an argument, the registry, the state or an output is wrong.
    """
    outputs = _outputs(options)
    paths = list(options.files) if options.follow else expand(options.files, leave_out=outputs)
    partial = [] if options.summary is None else [_partial(options.summary)]
    refuse_overwriting([*outputs, *partial], [*_named(paths), *files_below([options.registry, *options.tasks])])
    registry = open_registry(options.registry, tuple(options.tasks))
    summary, stop = Summary(), Stop()
    with contextlib.ExitStack() as stack:
        if options.state is None:
            store = stack.enter_context(temporary_store())
        else:
            store = SqliteStore(options.state)
            stack.callback(store.close)
        run = _Run(options, store, Enricher(registry, store), summary, stop)
        stack.callback(run.close)
        stack.callback(run.progress.clear)
        stack.enter_context(_signals(stop))
        if options.metrics is not None:
            serve(options.metrics, summary, options.registry)
        stack.enter_context(rare_collector())
        run.all(paths)
    if options.summary is not None:
        write_summary(summary, options.summary)
    return summary, stop


@dataclass
class _Run:
    """One run: what it reads, what it writes and the checkpoint of both."""

    options: Options
    store: SqliteStore
    enricher: Enricher
    summary: Summary
    stop: Stop
    source: Archive | Follow | None = None
    written: list[LinesFile] = field(default_factory=list)
    committed: float = field(default_factory=time.monotonic)
    progress: Progress = field(default_factory=Progress)

    def all(self, paths: list[str]) -> None:
        """Read everything from the first file to the end of the last one."""
        positions = self.store.positions()
        sink = self._lines_file(self.options.output) if self.options.output != STD else None
        quarantine = self._lines_file(self.options.quarantine, 0o600) if self.options.quarantine else None
        job = Job(
            self._chain,
            sink or JsonLines(sys.stdout.buffer, "standard output"),
            quarantine or JsonLines(sys.stderr.buffer, "standard error"),
            self.summary,
            show=quarantine_line if quarantine else masked_line,
            commit=self._commit_in_time if self.options.is_live else self.commit_now,
        )
        job.run(self._records(paths, positions, job), self.stop)
        self.commit_now()

    def _records(self, paths: list[str], positions: dict[str, Position], job: Job) -> Iterator[Record]:
        if self.options.follow:
            ours = _outputs(self.options)
            self.source = Follow(paths, positions, idle=job.hand_on, stopped=self.stop, notice=_notice, leave_out=ours)
            self.commit_now()
            yield from self.source
            return
        self.source = archive = Archive([path for path in paths if path != STD], positions, _notice)
        self.commit_now()
        self._learn_issuance(archive)
        yield from archive
        if STD in paths and not self.stop():
            yield from read_pipe(0, STD, job.hand_on, self.stop)

    def _learn_issuance(self, archive: Archive) -> None:
        needles = [needle for source in sources() for needle in source.ISSUES]
        for record in archive.with_bytes(needles):
            self.enricher.learn_issuance(
                record.inner, raw=record.raw, source=self.options.source, channel=record.channel
            )
            if self.store.pending >= PENDING:
                self.store.commit()
            if self.stop():
                return
        self.store.commit()

    def _chain(self, record: Record) -> Enriched:
        return self.enricher.enrich(
            record.inner,
            raw=record.raw,
            source=self.options.source,
            channel=record.channel,
            line=record.line,
            record=record.record,
        )

    def _commit_in_time(self) -> None:
        if time.monotonic() - self.committed >= COMMIT_EVERY:
            self.commit_now()

    def commit_now(self) -> None:
        """Make everything written so far, and how far was read, hold."""
        if self.options.state is not None:
            for file in self.written:
                file.sync()
        self.enricher.save()
        moved = self.source.checkpoint() if self.source is not None else {}
        self.store.commit(moved, {os.path.abspath(file.path): file.length for file in self.written})
        self.committed = time.monotonic()
        if isinstance(self.source, Archive):
            self.progress.tell(self.source.done, self.source.size, self.summary.read)

    def _lines_file(self, path: str, mode: int = 0o666) -> LinesFile:
        length = self.store.lengths().get(os.path.abspath(path))
        if length and not os.path.exists(path):
            _notice(f"{path}: is gone, so a new one begins; {length} bytes had been written")
            length = 0
        if length is not None and STD in self.options.files:
            length = _whole_lines(path)  # what came by a pipe cannot be read again, so nothing whole is cut off
        file = LinesFile(path, length or 0, mode=mode)
        self.written.append(file)
        return file

    def close(self) -> None:
        """Close what was opened."""
        if isinstance(self.source, Follow):
            self.source.close()
        for file in self.written:
            file.close()


def _notice(text: str) -> None:
    click.echo(f"remit: {text}", err=True)


def _outputs(options: Options) -> list[str]:
    named = (options.output, options.quarantine, options.summary, options.state)
    return [path for path in named if path is not None and path != STD]


def _named(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if path != STD]


def _partial(summary: str) -> str:
    return f"{summary}.part"


def _whole_lines(path: str) -> int:
    """Return the length of a file up to its last line break."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - 65536)
            stream.seek(start)
            cut = stream.read(end - start).rfind(b"\n")
            if cut >= 0:
                return start + cut + 1
            end = start
    return 0


@contextlib.contextmanager
def _signals(stop: Stop) -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, stop.ask) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def write_summary(summary: Summary, path: str) -> None:
    """Write the summary whole or not at all."""
    text = msgspec.json.format(msgspec.json.encode(summary.as_json()), indent=2) + b"\n"
    try:
        partial = Path(_partial(path))
        partial.write_bytes(text)
        partial.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
