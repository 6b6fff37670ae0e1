"""Reading and judging a desk with the collector of cycles at rest: it would look through all that was built, again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def set_apart() -> None:
    """Collect once, and look through what is left no more until the next call: a pass over a big desk holds up everything else."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@contextmanager
def uncollected() -> Iterator[None]:
    """Inside no cycle is looked for: reading a big desk takes a quarter of the time, judging it four fifths. Afterwards as before."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
