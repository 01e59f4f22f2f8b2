"""clamd: a daemon's verdicts, and everything that is none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.gateway.clamd import Clamd, ClamdError


async def _asked(
    reply: bytes | None, data: bytes, path: Path | None, timeout_s: float
) -> tuple[tuple[str, ...], bytes]:
    """What the client makes of a daemon that answers this (None: never), and what the daemon was sent."""
    heard = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.readexactly(10))
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            heard.extend(await reader.readexactly(size))
        if reply is None:
            await reader.read()
        writer.write(reply or b"")
        writer.close()

    server = await (asyncio.start_unix_server(serve, path) if path else asyncio.start_server(serve, "127.0.0.1", 0))
    async with server:
        address = str(path) if path else server.sockets[0].getsockname()[:2]
        return await Clamd(address, timeout_s).names_in(data), bytes(heard)


def ask(
    reply: bytes | None, data: bytes = b"x", path: Path | None = None, timeout_s: float = 5
) -> tuple[tuple[str, ...], bytes]:
    return asyncio.run(_asked(reply, data, path, timeout_s))


@pytest.mark.parametrize(
    ("reply", "names"),
    [
        (b"stream: OK\0", ()),
        (b"stream: Eicar-Signature FOUND\0", ("Eicar-Signature",)),
        (b"stream: A B FOUND\n", ("A B",)),
    ],
)
def test_verdicts(reply: bytes, names: tuple[str, ...]) -> None:
    assert ask(reply)[0] == names


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [(b"", "without an answer"), (b"INSTREAM size limit exceeded. ERROR\0", "size limit"), (b"stream: x ERROR\0", "ERROR"),
     (b"\xff\xfe", "said"), (b"stream:  FOUND\0", "said"), (b"OK\0", "said")],
)  # fmt: skip
def test_what_is_no_verdict_is_an_error(reply: bytes, complaint: str) -> None:
    with pytest.raises(ClamdError, match=complaint):
        ask(reply)


def test_a_daemon_that_never_answers(tmp_path: Path) -> None:
    with pytest.raises(ClamdError, match=r"took longer than 0\.05 s"):
        ask(None, timeout_s=0.05)


def test_a_daemon_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ClamdError, match="No such file"):
        asyncio.run(Clamd(str(tmp_path / "none"), 1).names_in(b"x"))


def test_large_objects_go_in_pieces_over_a_unix_socket(tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000
    assert ask(b"stream: OK\0", data, tmp_path / "clamd.sock") == ((), b"zINSTREAM\0" + data)
