"""Python's collector of cycles, kept out of work that makes a great many objects and no cycles."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Keep the collector from walking a growing registry again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


OBJECTS = 200_000
"""New objects after which the collector looks for cycles, instead of Python's 700."""


@contextlib.contextmanager
def rare_collector() -> Iterator[None]:
    """Let the collector come seldom, and leave out what is there already: a run holds many objects for long, and what
    it drops is nearly all freed without it."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
