"""Blocks on a Dask cluster: the jobs travel once to each worker, and what a lost worker held is given out again."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any

from monitor.stress.holding import Place, hold
from rules.paths import Job, packed

WAIT = 10.0
"""Seconds a scheduler has to answer."""
RETRIES = 5
"""Times in a row that all blocks left are lost, after which a cluster is given up."""


def work_on(raw: bytes, digest: str, place: Place) -> Any:
    """On a worker: one block; the jobs are unpacked where the worker does not hold them yet."""
    return hold(raw, digest)[place[0]].run(place[1])


def on_cluster(jobs: Sequence[Job[Any]], address: str, places: Sequence[Place]) -> Generator[tuple[Place, Any], None, None]:
    """Each block as it is done. Raises OSError where the cluster cannot be reached, keeps losing workers, or cannot run a block."""
    try:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise OSError(0, "dask.distributed is not installed: pip install covenant-monitor[dask]", address) from None
    from concurrent.futures import CancelledError

    raw, digest = packed(tuple(jobs))
    with Client(address, timeout=WAIT) as client:
        left, idle = dict.fromkeys(places), 0
        while left:
            before, shared = len(left), client.scatter(raw, broadcast=True, hash=False)
            futures = {client.submit(work_on, shared, digest, place, pure=False): place for place in left}
            for future in as_completed(list(futures)):
                place = futures.pop(future)
                try:
                    made = future.result()
                except (CancelledError, KilledWorker):  # the worker went, and the jobs or the block with it
                    continue
                except Exception as error:
                    raise OSError(0, f"a worker cannot run a block: {type(error).__name__}: {error}", address) from error
                del left[place]
                yield place, made
            idle = 0 if len(left) < before else idle + 1
            if idle > RETRIES:
                raise OSError(0, "workers are lost again and again, before they finish a block", address)
            time.sleep(0.2 if left else 0)
