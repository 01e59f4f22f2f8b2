"""control - a local socket on which a running server is told what to change, and asked what was asked of it. (IO)

One order a line, words as in a shell; the answer is lines that begin with a blank, then `ok`, or `error: why`.  The
socket is of the user who started the server, and of nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shlex
import socket
from pathlib import Path

from fakedns.orders import OrderError, obey
from fakedns.responder import Responder


class Control:
    """The socket, served."""

    def __init__(self, path: str, server: asyncio.Server, clients: set[asyncio.StreamWriter]) -> None:
        self.path, self._server, self._clients = path, server, clients

    async def stop(self) -> None:
        """Close it and take its name away; whoever is connected is hung up on."""
        for _ in range(4):  # turns of the loop: a connection that was just accepted needs the server to become one
            await asyncio.sleep(0)
        self._server.close()
        for client in tuple(self._clients):
            client.transport.abort()
        with contextlib.suppress(OSError):
            Path(self.path).unlink()  # noqa: ASYNC240
        await self._server.wait_closed()
        await asyncio.sleep(0)  # what was aborted is closed in the next turn


async def serve_control(responder: Responder, path: str) -> Control:
    """Listen at a path that nobody else serves; a socket that a dead server left there is replaced.  Raises OSError."""
    _make_room(path)

    clients: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                writer.write(
                    _answered(responder, line.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
                )
                await writer.drain()
        clients.discard(writer)
        writer.close()

    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(serve, path)
    finally:
        os.umask(before)
    return Control(path, server, clients)


def ask(path: str, words: list[str]) -> list[str]:
    """Give one order to the server at this path; gives the lines of its answer.  Raises OrderError, OSError."""
    order = shlex.join(words)
    if "\n" in order:
        raise OrderError("an order is one line")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        connection.sendall(order.encode("utf-8", "surrogateescape") + b"\n")
        lines: list[str] = []
        for raw in connection.makefile("rb"):
            line = raw.decode("utf-8", "surrogateescape").rstrip("\n")
            if line == "ok":
                return lines
            if line.startswith("error: "):
                raise OrderError(line.removeprefix("error: "))
            lines.append(line[1:])
    raise OSError("the server hung up")


def _answered(responder: Responder, line: str) -> str:
    try:
        shown = obey(responder, shlex.split(line))
    except (OrderError, ValueError) as error:  # ValueError: a quote without its partner
        return f"error: {error}\n"
    return "".join(f" {one}\n" for one in shown) + "ok\n"


def _make_room(path: str) -> None:
    """Take away a socket on which nobody listens any more.  Raises OSError where somebody does, or it is no socket."""
    if not Path(path).exists():
        return
    if not Path(path).is_socket():
        raise FileExistsError(errno.EEXIST, "there is a file that is no socket", path)
    with socket.socket(socket.AF_UNIX) as knock:
        try:
            knock.connect(path)
        except ConnectionRefusedError:
            Path(path).unlink()
            return
    raise FileExistsError(errno.EADDRINUSE, "another server listens there", path)
