"""around - a world for load: DNS and a next hop that keep up, the target in processes of its own, watched. (IO)"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import fakedns
from harness.bench.sink import Counts, SinkProtocol
from harness.cell import known_target
from harness.clock import SystemClock
from harness.errors import ConfigError, TargetError
from harness.observation import Delivery
from harness.plan import Plan
from harness.run import configuration
from harness.target import OwnProcess, Via, World

Address = tuple[str, int]

_START_S = 20.0
_ANSWER_S = 5.0
_LAST_WORDS = 20
_TRUSTED = "smtpd_authorized_xclient_hosts=127.0.0.0/8"


class Ends:
    """DNS and next hop, for a target that lives in another network too."""

    def __init__(self, plan: Plan) -> None:
        self.queries = fakedns.QueryLog(keep=0, told=self._asked)
        self.asked = 0
        self.counts = Counts()
        self.dns = fakedns.FakeDns(fakedns.Responder(plan.zone, plan.faults, self.queries, strict=False))
        self._servers: list[asyncio.Server] = []

    async def start(self) -> tuple[Address, Address]:
        """Both, on loopback: (DNS, next hop)."""
        dns = await self.dns.start()
        return dns, await self._serve(socket.create_server(("127.0.0.1", 0), backlog=512))

    async def serve_dns(self, udp: socket.socket, tcp: socket.socket) -> None:
        """Answer on these sockets, too."""
        await self.dns.serve(udp, tcp)

    async def serve_next_hop(self, listening: socket.socket) -> None:
        """Take mail on this socket, too."""
        await self._serve(listening)

    def deliveries(self) -> Sequence[Delivery]:
        """None: they are counted, not kept."""
        return ()

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        await self.dns.stop()

    def _asked(self, asked: fakedns.Asked) -> None:
        self.asked += 1

    async def _serve(self, listening: socket.socket) -> Address:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(partial(SinkProtocol, self.counts), sock=listening)
        self._servers.append(server)
        address: Address = listening.getsockname()[:2]
        return address


class Around:
    """A started world: where the target listens, what is behind it, and the processes the target is made of."""

    def __init__(self, smtp: Address, ends: Ends, roots: Sequence[int], via: Via | None = None) -> None:
        self.smtp, self.ends, self.roots, self.via = smtp, ends, roots, via
        self.last_words: list[str] = []  # of the target, on standard error

    async def ended(self) -> str:
        """Why the target answers no more; "" while it greets somebody, or turns him away in words."""
        why = "it greets nobody"
        try:
            async with asyncio.timeout(_ANSWER_S):
                reader, writer = await asyncio.open_connection(*self.smtp)
                waits = self.via in ("proxy", "proxy-v2")  # for a header first; it is enough that it is there
                if waits or await reader.read(1):
                    why = ""
                writer.transport.abort()
        except TimeoutError:
            pass
        except OSError as error:
            why = error.strerror or str(error)
        said = f": {self.last_words[-1]}" if self.last_words else ""
        return why and f"the target died under load: {why}{said}"


@contextlib.asynccontextmanager
async def around(plan: Plan, target: str, workdir: Path, program: str = "") -> AsyncIterator[Around]:
    """The world of a plan around a target, ready to greet; it ends with the block.

    The reference gateway gets a process of its own: load and target must not share an interpreter.  `program` is
    where else its modules are looked for, first.  Raises ConfigError, TargetError, and UsageError for a target that
    cannot run here.
    """
    ends = Ends(plan)
    async with contextlib.AsyncExitStack() as undo:
        dns, next_hop = await ends.start()
        undo.push_async_callback(ends.stop)
        if target == "reference":
            made = await _own_process(plan, dns, next_hop, workdir, undo, ends, program)
        else:
            kind = known_target(target)
            world = World(
                configuration(plan, workdir), plan.set, plan.rav, dns, next_hop, workdir, SystemClock(),
                {"load": "yes"}, ends,
            )  # fmt: skip
            running = await kind.start(world)
            undo.push_async_callback(running.stop)
            roots = [running.pid] if isinstance(running, OwnProcess) else []
            made = Around(running.smtp, ends, roots, running.via)
        yield made


async def _own_process(
    plan: Plan,
    dns: Address,
    next_hop: Address,
    workdir: Path,
    undo: contextlib.AsyncExitStack,
    ends: Ends,
    program: str,
) -> Around:
    settings = [_TRUSTED, *(f"{name}={value}" for name, value in plan.set.items())]
    command = [
        sys.executable, "-m", "harness.gateway", str(configuration(plan, workdir)), "--listen", "127.0.0.1:0",
        "--dns", f"{dns[0]}:{dns[1]}", "--next-hop", f"{next_hop[0]}:{next_hop[1]}",
        "--queue", str(workdir / "queue"), "--log", str(workdir / "maillog"),
        *(word for setting in settings for word in ("--set", setting)),
        *(word for name, value in plan.rav.items() for word in ("--rav", f"{name}={value}")),
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL,
        env=_environment(program), start_new_session=True,  # Ctrl-C is for us; it is ended when its load is
    )  # fmt: skip
    undo.push_async_callback(_end, process)
    assert process.stdout is not None and process.stderr is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_S)
    except TimeoutError:
        raise TargetError(f"the gateway is not ready after {_START_S:g} s") from None
    if not line:
        said = (await process.stderr.read()).decode("utf-8", "replace").strip() or "the gateway ended without a word"
        raise (ConfigError if await process.wait() == 3 else TargetError)(said.removeprefix("gateway: fatal: "))
    host, port = json.loads(line)["smtp"]
    made = Around((host, port), ends, [process.pid])
    listening = asyncio.get_running_loop().create_task(_listen(process.stderr, made.last_words))
    undo.push_async_callback(_cancel, listening)
    return made


def _environment(program: str) -> dict[str, str]:
    if not program:
        return dict(os.environ)
    before = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([program, before] if before else [program])}


async def _listen(errors: asyncio.StreamReader, last_words: list[str]) -> None:
    """Read what a gateway complains of, so that it never waits for a reader; the last lines are kept."""
    while line := await errors.readline():
        last_words.append(line.decode("utf-8", "replace").rstrip())
        del last_words[:-_LAST_WORDS]


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        os.kill(process.pid, signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
    await process.wait()
