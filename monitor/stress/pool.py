"""Where blocks are run: in this process, in several, or on a Dask cluster; always joined in their order, whoever ran them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple

from rules.paths import Job, Made, blocks, packed

RETRIES = 5
"""Times a block that a lost worker took along is given out again."""

_held: dict[str, Job[Any]] = {}
"""In a worker: the plans it was given, by their sha256."""


class Done(NamedTuple, Generic[Made]):
    """The blocks that were run, joined in order; `complete` is False where they are not all."""

    tally: Made | None
    complete: bool


def hold(raw: bytes, digest: str) -> None:
    """In a worker: keep a plan under its sha256. Raises ValueError where the bytes are not those."""
    import hashlib
    import pickle

    if digest in _held:
        return
    if hashlib.sha256(raw).hexdigest() != digest:
        raise ValueError("the plan came damaged")
    _held.clear()
    _held[digest] = pickle.loads(raw)


def work(digest: str, block: int) -> Any:
    """In a worker: one block of the plan it holds."""
    return _held[digest].run(block)


def work_on(raw: bytes, digest: str, block: int) -> Any:
    """On a cluster: one block; the plan is unpacked where the worker does not hold it yet."""
    hold(raw, digest)
    return work(digest, block)


def simulate(plan: Job[Made], workers: int = 1, dask: str | None = None, tell: Callable[[int, int], None] | None = None) -> Done[Made]:
    """All blocks of a plan; what is done by then where it is interrupted. Raises OSError where a cluster cannot be reached."""
    wanted = range(blocks(plan.paths))
    found: dict[int, Made] = {}
    runner = _on_dask(plan, dask, wanted) if dask else _on_processes(plan, workers, wanted) if workers > 1 else _here(plan, wanted)
    try:
        for block, made in runner:
            found[block] = made
            if tell:
                tell(len(found), len(wanted))
    except KeyboardInterrupt:
        return Done(plan.joined([found[block] for block in sorted(found)]) if found else None, False)
    finally:
        runner.close()
    return Done(plan.joined([found[block] for block in wanted]) if found else None, True)


def _here(plan: Job[Any], wanted: Sequence[int]):  # type: ignore[no-untyped-def]
    for block in wanted:
        yield block, plan.run(block)


def _on_processes(plan: Job[Any], workers: int, wanted: Sequence[int]):  # type: ignore[no-untyped-def]
    """Blocks from a pool of processes; a pool that lost one is made anew for the blocks still missing."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    raw, digest = packed(plan)
    left = list(wanted)
    for attempt in range(RETRIES + 1):
        pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin, (raw, digest))
        try:
            futures = {pool.submit(work, digest, block): block for block in left}
            for future in as_completed(futures):
                made = future.result()
                left.remove(futures[future])
                yield futures[future], made
            return
        except BrokenProcessPool:
            if attempt == RETRIES:
                raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(raw: bytes, digest: str) -> None:
    """In a new process: hold the plan; an interrupt is for the one that asked."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hold(raw, digest)


def _on_dask(plan: Job[Any], address: str, wanted: Sequence[int]):  # type: ignore[no-untyped-def]
    """Blocks from a cluster; the plan travels once to each worker, and what a lost worker held is given out again."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise OSError(0, "dask.distributed is not installed: pip install covenant-monitor[dask]", address) from None
    raw, digest = packed(plan)
    with Client(address, timeout="10s") as client:
        left, tries = list(wanted), dict.fromkeys(wanted, 0)
        while left:
            shared = client.scatter(raw, broadcast=True, hash=False)
            futures = {client.submit(work_on, shared, digest, block, pure=False, retries=RETRIES): block for block in left}
            for future in as_completed(futures):
                block = futures[future]
                try:
                    made = future.result()
                except Exception:
                    tries[block] += 1
                    if tries[block] > RETRIES or (future.status == "error" and "lost" not in str(future.exception()) and tries[block] > 1):
                        raise
                    time.sleep(0.2)
                    continue
                left.remove(block)
                yield block, made


class Bar:
    """A line of progress on stderr with the time left; silent where stderr is no terminal."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def __call__(self, done: int, whole: int) -> None:
        """So many blocks of all are done."""
        if self.shown:
            passed = time.monotonic() - self.start
            left = passed / done * (whole - done)
            filled = 30 * done // whole
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (30 - filled)}] {done}/{whole} blocks, {left:.0f} s left ")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self.shown:
            sys.stderr.write("\r" + " " * 70 + "\r")
