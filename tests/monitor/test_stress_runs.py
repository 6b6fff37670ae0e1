"""Who runs the blocks of `covenant stress` changes no digit: one process, several, a cluster, workers killed, ctrl+c in the middle."""

from __future__ import annotations

import json
import multiprocessing
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from monitor import cli, progress
from monitor.stress import joint

QUICK = ("--paths", "30000", "--seed", "3", "--horizon", "9m", "--dial", "0..1:2", "--format", "json")


@pytest.fixture
def ask(ask: Any) -> Callable[..., dict[str, Any]]:
    def run(*words: str) -> dict[str, Any]:
        code, out, err = ask("stress", *words)
        assert code == 0, err
        return json.loads(out)["joint"]  # type: ignore[no-any-return]

    return run


class Kills:
    """In the place of the bar of progress: kills a process once some blocks are done, and tells how many were left then."""

    def __init__(self, victim: Callable[[], int], after: int = 3) -> None:
        self.victim, self.after, self.left = victim, after, 0

    def __call__(self, done: int, whole: int) -> None:
        if done == self.after:
            self.left = whole - done
            os.kill(self.victim(), signal.SIGKILL)

    def end(self) -> None:
        pass


def test_the_digits_are_the_same_on_one_process_and_on_two(ask: Callable[..., dict[str, Any]]) -> None:
    one, two = ask(*QUICK), ask(*QUICK, "--workers", "2")
    assert one == two and one["complete"] and one["paths"] == 30_000 and [dial["paths"] for dial in one["dials"]] == [30_000] * 2


def test_a_process_killed_in_the_middle_changes_no_digit(ask: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    alone = ask(*QUICK)
    before = {one.pid for one in multiprocessing.active_children()}
    kills = Kills(lambda: next(one.pid for one in multiprocessing.active_children() if one.pid not in before and one.pid))
    monkeypatch.setattr(joint, "Bar", lambda: kills)
    assert ask(*QUICK, "--workers", "2") == alone and kills.left == 13


def test_processes_that_die_again_and_again_are_given_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from monitor.stress import pool

    monkeypatch.setattr(pool, "hold", os.abort)  # as each starts
    monkeypatch.setattr(pool, "RETRIES", 1)
    assert cli.main(["stress", *QUICK, "--workers", "2"]) == 74
    assert "lost again and again" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("forgiven", [3, 0], ids=["the scheduler gives it out again", "we give it out again"])
def test_a_dask_worker_killed_in_the_middle_changes_no_digit(
    ask: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch, forgiven: int
) -> None:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    import dask

    alone = ask(*QUICK)
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": forgiven}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as cluster,
    ):
        kills = Kills(lambda: next(iter(cluster.workers.values())).pid)
        monkeypatch.setattr(joint, "Bar", lambda: kills)
        assert ask(*QUICK, "--dask", cluster.scheduler_address) == alone and kills.left == 13


@pytest.mark.slow
def test_a_dask_worker_killed_in_the_middle_changes_no_digit_of_a_spread(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its blocks are of another kind: losses and tranches, with chains and fire sales on each path."""
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")

    def told(*more: str) -> tuple[int, str]:
        words = ("--paths", "20000", "--horizon", "6m", "--tranche", "0-100", "--format", "json")
        return cli.main(["spread", *words, *more]), capsys.readouterr().out

    code, alone = told()
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as cluster:
        kills = Kills(lambda: next(iter(cluster.workers.values())).pid)
        monkeypatch.setattr(progress, "Bar", lambda: kills)
        assert told("--dask", cluster.scheduler_address) == (code, alone) and kills.left == 2
    assert code == 0 and json.loads(alone)["complete"] and json.loads(alone)["paths"] == 20_000


@pytest.mark.slow
def test_a_block_that_a_worker_cannot_run_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    from monitor.stress import cluster as ours

    monkeypatch.setattr(ours, "work_on", _cannot)
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=50) as cluster:
        assert cli.main(["stress", *QUICK, "--dask", cluster.scheduler_address]) == 74
    assert "a worker cannot run a block: ValueError: no such desk" in capsys.readouterr().err


def _cannot(raw: bytes, digest: str, job: object) -> None:
    raise ValueError("no such desk")


def test_a_cluster_that_is_not_there_is_an_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("distributed", reason="dask.distributed is not installed")
    from monitor.stress import cluster

    monkeypatch.setattr(cluster, "WAIT", 0.5)
    assert cli.main(["stress", *QUICK, "--dask", "tcp://127.0.0.1:1"]) == 74
    assert "127.0.0.1:1" in capsys.readouterr().err


@pytest.fixture(params=[1, 2])
def interrupted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, str, str]]:
    """(exit code, stdout, what the terminal was shown) of a real run on so many processes, sent ctrl+c once its bar moves."""
    ours, theirs = pty.openpty()
    words = ["stress", "--paths", "40000000", "--horizon", "3y", "--workers", str(request.param)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COVENANT_")}
    environment |= {"XDG_CACHE_HOME": str(tmp_path), "TERM": "xterm", "COLUMNS": "80"}
    running = subprocess.Popen(
        [sys.executable, "-m", "monitor", *words], stdout=subprocess.PIPE, stderr=theirs, start_new_session=True, env=environment
    )
    os.close(theirs)
    try:
        shown, told = "", False
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if select.select([ours], [], [], 1.0)[0]:
                try:
                    shown += os.read(ours, 4096).decode()
                except OSError:  # its side is closed: it ended
                    break
            if not told and re.search(r"[3-9]/\d+ blocks, \d+ s left", shown):
                told = True
                os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to all of them
        out, _ = running.communicate(timeout=60)
        yield running.returncode, out.decode(), shown
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        os.close(ours)


def test_ctrl_c_gives_what_is_done_so_far(interrupted: tuple[int, str, str]) -> None:
    code, out, shown = interrupted
    paths = re.search(r"([\d,]+) paths to ", out)
    assert code == 130 and "INTERRUPTED: what follows is of the paths done so far" in out and "chance of failing" in out
    assert paths is not None and 3 * 4096 <= int(paths[1].replace(",", "")) < 40_000_000
    assert "starting" in shown and "Traceback" not in shown
