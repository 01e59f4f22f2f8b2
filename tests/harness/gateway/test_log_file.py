"""log_file: lines are written together, and wait where there is no room."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.gateway import log_file
from harness.gateway.log_file import LogFile


def logged(path: Path, use: Callable[[LogFile], Any]) -> bytes:
    async def run() -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        file = LogFile(handle)
        if (waits := use(file)) is not None:
            await waits
        file.flush()
        os.close(handle)

    asyncio.run(run())
    return path.read_bytes()


def test_lines_are_written_by_themselves_and_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[bytes] = []
    real = os.write

    def write(handle: int, data: bytes) -> int:
        writes.append(data)
        return real(handle, data)

    async def use(file: LogFile) -> None:
        file("one")
        file("two \udcff")
        async with asyncio.timeout(5):
            while not writes:  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    monkeypatch.setattr(os, "write", write)
    assert logged(tmp_path / "log", use) == b"one\ntwo \xff\n"
    assert len(writes) == 1


def test_a_full_disk_loses_no_line_and_no_half_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, room = os.write, [5, 0, 1000]

    def write(handle: int, data: bytes) -> int:
        if not (fits := room.pop(0)):
            raise OSError(28, "No space left on device")
        return real(handle, data[:fits])

    async def use(file: LogFile) -> None:
        file("the first")
        async with asyncio.timeout(5):
            while len(room) > 1:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        file("the second")
        async with asyncio.timeout(5):
            while room:  # noqa: ASYNC110  # it tries again by itself
                await asyncio.sleep(0.001)

    monkeypatch.setattr(log_file, "_AGAIN_S", 0.02)
    monkeypatch.setattr(os, "write", write)
    assert logged(tmp_path / "log", use) == b"the first\nthe second\n"


def test_what_is_too_much_to_keep_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def use(file: LogFile) -> None:
        for number in range(5):
            file(f"line {number}")
        file.flush()
        file("line 5")

    monkeypatch.setattr(log_file, "_MOST", 15)
    assert logged(tmp_path / "log", use) == b"line 0\nline 1\n... 3 lines could not be written\nline 5\n"
