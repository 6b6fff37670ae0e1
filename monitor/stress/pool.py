"""Where blocks are run: in this process, in several, or on a cluster; always joined in their order, whoever ran them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from typing import Any, Generic, NamedTuple

from monitor.stress.holding import Place, hold, work
from monitor.stress.stopping import stoppable, uninterrupted
from rules.paths import Job, Made, blocks, packed

RETRIES = 5
"""Pools lost in a row, with no block done between them, after which there is no further one."""
_TOGETHER = 64
"""Blocks after which those that are next in order are added up."""

Ran = Generator[tuple[Place, Any], None, None]
Tell = Callable[[int, int], None]


class Done(NamedTuple, Generic[Made]):
    """The blocks that were run, joined in their order, None where none was; `complete` says whether all were."""

    tally: Made | None
    complete: bool


def simulate(job: Job[Made], workers: int = 1, dask: str | None = None, tell: Tell | None = None) -> Done[Made]:
    """All blocks of one job, as `simulate_all`."""
    return simulate_all([job], workers, dask, tell)[0]


def simulate_all(jobs: Sequence[Job[Made]], workers: int = 1, dask: str | None = None, tell: Tell | None = None) -> list[Done[Made]]:
    """All blocks of some jobs, by workers that start once and are given all of them once; what is done by then where interrupted.

    `tell` hears how many blocks of how many are done. Raises OSError where workers or a cluster fail.
    """
    places = [(number, block) for number, job in enumerate(jobs) for block in range(blocks(job.paths))]
    sums, done = [_InOrder(job) for job in jobs], 0
    with stoppable() as stop, suppress(KeyboardInterrupt), closing(_ran(jobs, workers, dask, places)) as runner:
        if tell:
            tell(0, len(places))
        for (number, block), made in runner:
            sums[number].add(block, made)
            done += 1
            if tell:
                tell(done, len(places))
            if stop.asked:
                break
    return [Done(one.whole(), one.next == blocks(job.paths)) for one, job in zip(sums, jobs, strict=True)]


class _InOrder(Generic[Made]):
    """What blocks of a job came to, added up in the order of the blocks, in whatever order they come."""

    def __init__(self, job: Job[Made]) -> None:
        self.job, self.next = job, 0
        self.waiting: dict[int, Made] = {}
        self.parts: list[Made] = []

    def add(self, block: int, made: Made) -> None:
        """One block; those that are next are added up so many at a time, whoever came first, so that sums are the same to the digit."""
        self.waiting[block] = made
        while self.next in self.waiting:
            self.parts.append(self.waiting.pop(self.next))
            self.next += 1
            if len(self.parts) > _TOGETHER:
                self.parts = [self.job.joined(self.parts)]

    def whole(self) -> Made | None:
        """All that came; None where nothing did."""
        parts = self.parts + [self.waiting[block] for block in sorted(self.waiting)]
        return self.job.joined(parts) if parts else None


def _ran(jobs: Sequence[Job[Any]], workers: int, dask: str | None, places: Sequence[Place]) -> Ran:
    if dask:
        from monitor.stress.cluster import on_cluster

        return on_cluster(jobs, dask, places)
    return _on_processes(jobs, workers, places) if workers > 1 else _here(jobs, places)


def _here(jobs: Sequence[Job[Any]], places: Sequence[Place]) -> Ran:
    for place in places:
        yield place, jobs[place[0]].run(place[1])


def _on_processes(jobs: Sequence[Job[Any]], workers: int, places: Sequence[Place]) -> Ran:
    """Blocks from a pool of processes that are given the jobs as they start; one that lost a process is made anew for what is left."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    raw, digest = packed(tuple(jobs))
    left, lost = dict.fromkeys(places), 0
    while left:
        others = set(multiprocessing.active_children())
        pool = ProcessPoolExecutor(min(workers, len(left)), multiprocessing.get_context("spawn"), hold, (raw, digest))
        try:
            with uninterrupted():
                futures = {pool.submit(work, digest, place): place for place in left}
            for future in as_completed(list(futures)):
                place, made = futures.pop(future), future.result()
                del left[place]
                lost = 0
                yield place, made
        except BrokenProcessPool:
            lost += 1
            if lost > RETRIES:
                raise OSError(0, "worker processes are lost again and again, before they finish a block", f"{workers} workers") from None
        except (GeneratorExit, KeyboardInterrupt):
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()  # what it works on is not waited for
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)  # its thread must be gone before the interpreter takes its pipes away
