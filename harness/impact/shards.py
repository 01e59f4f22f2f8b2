"""shards - the shards of a corpus judged side by side: in one process, in several, or on a cluster. (IO)"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from harness.errors import TargetError, UsageError
from harness.impact.causes import Tally, from_plain, to_plain
from harness.impact.judge_shard import Job, Row, judge_shard
from harness.impact.source import Shard

Done = tuple[Tally, list[Row]]
_PR_SET_PDEATHSIG = 1  # prctl(2)
SMALL = 8  # shards: for fewer than these, starting other processes costs more than it gives


def judge_all(
    job: Job,
    shards: list[Shard],
    *,
    jobs: int = 0,
    scheduler: str = "",
    state: Path | None = None,
    write: Callable[[list[Row]], None] | None = None,
    say: Callable[[str], None] = print,
) -> Tally:
    """The tally of all shards; their rows go to `write` in the order of the corpus.

    `state` keeps what is done: a run that was stopped and is started again with the same rules and corpus goes on
    where it was; what cannot be kept is only told, by `say`.  Raises ConfigError when a rule set does not load,
    UsageError for a state of another run.
    """
    kept = _State(state, job, shards) if state is not None else None
    waiting = [(at, shard) for at, shard in enumerate(shards) if kept is None or not kept.has(at)]
    total, ready, at = Tally(), dict[int, Done](), 0

    def settle() -> None:
        nonlocal at
        while at < len(shards) and (at in ready or (kept is not None and kept.has(at))):
            done = ready.pop(at, None)
            tally, rows = done if done is not None else kept.read(at)  # type: ignore[union-attr]
            total.merge(tally)
            if write is not None:
                write(rows)
            at += 1

    settle()
    if waiting:
        for number, done in _judged(job, waiting, jobs, scheduler):
            if kept is not None and not kept.lost:
                kept.write(number, done)
                if kept.lost:
                    say(f"gauntlet: {kept.lost}; nothing more of this run is kept")
            ready[number] = done
            settle()
    assert at == len(shards), "a shard got lost"
    total.check()
    return total


def _judged(job: Job, waiting: list[tuple[int, Shard]], jobs: int, scheduler: str) -> Iterator[tuple[int, Done]]:
    """(number, what came of it) for each shard, as they get ready."""
    if scheduler:
        from harness.impact.cluster import judged

        yield from judged(job, waiting, scheduler)
        return
    jobs = jobs or (os.cpu_count() or 1)
    if jobs == 1 or len(waiting) < SMALL:
        for number, shard in waiting:
            yield number, judge_shard(job, shard)
        return
    with processes(min(jobs, len(waiting))) as pool:
        left = iter(waiting)
        under_way: dict[Any, int] = {}
        try:
            for number, shard in left:
                under_way[pool.submit(judge_shard, job, shard)] = number
                if len(under_way) < jobs * 3:  # enough to be never idle, and no more: rows wait in memory
                    continue
                yield from _ended(under_way)
            while under_way:
                yield from _ended(under_way)
        except BrokenProcessPool:
            raise TargetError("a process of this run died; with --state, what is done so far is kept") from None
        except BaseException:
            for future in under_way:
                future.cancel()
            raise


def processes(number: int) -> ProcessPoolExecutor:
    """Processes that end with this one, however it ends."""
    return ProcessPoolExecutor(number, get_context("spawn"), initializer=_follow, initargs=(os.getpid(),))


def _follow(parent: int) -> None:
    """A worker waits for work at a pipe that it holds open itself: nobody would tell it that its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C goes to all of them, and one has to clear up
    with contextlib.suppress(AttributeError, OSError):  # not Linux
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _ended(under_way: dict[Any, int]) -> Iterable[tuple[int, Done]]:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    return [(under_way.pop(future), future.result()) for future in done]


class _State:
    """What is done already: one file for each shard, written whole or not at all."""

    def __init__(self, directory: Path, job: Job, shards: list[Shard]) -> None:
        self.directory = directory
        self.lost = ""  # why nothing more is kept
        try:
            directory.mkdir(parents=True, exist_ok=True)
            about = directory / "about"
            wanted = fingerprint(job, shards)
            if about.exists() and about.read_text() != wanted:
                raise UsageError(f"{directory}: the state of another run: rules, corpus or options have changed")
            about.write_text(wanted)
        except OSError as error:
            raise UsageError(f"{directory}: {error.strerror}") from None

    def has(self, number: int) -> bool:
        return self._file(number).exists()

    def read(self, number: int) -> Done:
        try:
            plain = json.loads(self._file(number).read_text("utf-8"))
            return from_plain(plain["tally"]), plain["rows"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{self._file(number)}: not what this run wrote: {error}") from None

    def write(self, number: int, done: Done) -> None:
        part = self._file(number).with_suffix(".part")
        try:
            part.write_text(json.dumps({"tally": to_plain(done[0]), "rows": done[1]}), "utf-8")
            part.replace(self._file(number))
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            self.lost = f"{part}: {error.strerror}"

    def _file(self, number: int) -> Path:
        return self.directory / f"{number:06d}.json"


def fingerprint(job: Job, shards: list[Shard]) -> str:
    """What a run is about: both rule sets byte by byte, the options, and every shard."""
    digest = sha256()
    for side in (job.old, job.new):
        for path in sorted(Path(side).rglob("*")):
            if path.is_file():
                digest.update(f"{path.relative_to(side)}\0".encode())
                digest.update(sha256(path.read_bytes()).digest())
        digest.update(b"\1")
    digest.update(repr((job.again, job.agreements, job.rows, job.target)).encode())
    for shard in shards:
        digest.update(shard.name.encode())
    for path in sorted({Path(shard.path) for shard in shards}):
        digest.update(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
    return digest.hexdigest() + "\n"
