"""postfix - a real, unmodified Postfix in namespaces of its own: the judge of the reference gateway. (IO)

Clients connect to a port of ours; each connection, as it is, is handed over to smtpd, as postscreen(8) does it.  One
after the other: so the next `connect from` in the log tells which process has it, and whose lines are whose.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import fakedns
from harness.errors import ConfigError, TargetError
from harness.gateway.message import parse_message
from harness.observation import Notification
from harness.private_postfix import configuration, laboratory, login
from harness.private_postfix.laboratory import DELIVERY_DNS, Laboratory
from harness.private_postfix.maillog import MailLog, Visit
from harness.target import TRUSTED, Address, Running, SessionRecord, TargetRecord, Via, World, targets

_LISTEN = [("udp", "127.0.0.1", 53), ("tcp", "127.0.0.1", 53), ("udp", DELIVERY_DNS, 53), ("tcp", DELIVERY_DNS, 53),
           ("tcp", "0.0.0.0", 25)]  # fmt: skip
_LISTEN += [("tcp", "::", 25)] * Path("/proc/net/if_inet6").exists()  # mail for an address literal goes there
_NEXT_HOP = "127.0.0.26"  # where everything is delivered: no interface has it, so that it is no loop
_PATIENCE_S = (2.0, 4.0, 10.0)  # a master that has started none of its services by then is started once more
_HAND_OVER_S = 20.0  # a machine that is busy with others starts a smtpd late
_POLL_S = 0.002


@targets.register("postfix")
class PostfixTarget:
    """Needs Debian's postfix, and root or namespaces for everybody (unshare, uidmap)."""

    name = "postfix"
    takes, ours = "", True

    def missing(self) -> str:
        """What is not there."""
        return laboratory.missing()

    async def start(self, world: World) -> Running:
        """Start it on a port of ours.  Raises ConfigError with what Postfix says, or TargetError."""
        assert world.ends is not None, "a Postfix in its own network is served by the ends themselves"
        lab = laboratory.acquire()
        try:
            cache = lab.root / "compiled"
            cache.mkdir(exist_ok=True)
            lab.furnish_etc()
            overrides = {**TRUSTED, **world.set, **login.parameters(lab.root / login.SOCKET)}
            configuration.write(world.config, overrides, lab.root, cache)
            for patience_s in _PATIENCE_S:
                running = _Running(lab, world, MailLog({*overrides, *configuration.own_parameters()}))
                try:
                    await running.begin(world, patience_s)
                except TargetError:
                    if running.log.lines or patience_s == _PATIENCE_S[-1]:
                        raise
                else:
                    break
        except BaseException:
            laboratory.release(lab)
            raise
        return running


class _Running:
    """A master, its smtpd ready."""

    # Not an address of its own: whoever connects from there stays a local client of Postfix's, whatever XCLIENT says
    # (permit_inet_interfaces, and with it local_header_rewrite_clients, look at the socket).
    source: str | None = "127.0.0.2"
    via: Via | None = None

    def __init__(self, lab: Laboratory, world: World, log: MailLog) -> None:
        self.lab, self.world, self.log = lab, world, log
        self.smtp: Address = ("", 0)
        self.pid = lab.pid
        self._visits: dict[Address, Visit] = {}
        self._parked: frozenset[str] = frozenset()
        self._warnings: tuple[str, ...] = ()
        self._undo = contextlib.AsyncExitStack()
        self._news = asyncio.Condition()
        self._ended = False
        self._smtpd = str(lab.root / "spool/public/smtpd")

    async def begin(self, world: World, patience_s: float) -> None:
        """Start master, and wait for smtpd, so long and no longer.  Raises ConfigError, TargetError."""
        assert world.ends is not None
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        tell = _teller(world.options.get("log"))
        try:
            sockets = self.lab.start(_LISTEN, writing)
        finally:
            os.close(writing)
        try:
            pipe = os.fdopen(reading, "rb", 0)
            transport, _ = await loop.connect_read_pipe(lambda: _Lines(self, tell), pipe)
            self._undo.callback(transport.close)
            await world.ends.serve_dns(sockets[0], sockets[1])
            everything = fakedns.Fault("*", "any", fakedns.Answer((("A", _NEXT_HOP),)))
            delivery_dns = fakedns.FakeDns(fakedns.Responder(fakedns.Zone(), [everything], strict=False))
            self._undo.push_async_callback(delivery_dns.stop)
            await delivery_dns.serve(sockets[2], sockets[3])
            for next_hop in sockets[4:]:
                await world.ends.serve_next_hop(next_hop)
            self._undo.callback((await login.serve(self.lab.root / login.SOCKET)).close)
            if world.serve_policy is not None:
                world.serve_policy(self.lab.root / "spool/private/policy")
            await self._ready(patience_s)
            await self._listen(world.options.get("listen", "127.0.0.1:0"))
        except BaseException:
            await self._undo.aclose()
            raise
        self._warnings = tuple(line.text for line in self.log.lines if "warning: " in line.text)

    async def settle(self, timeout_s: float) -> None:
        """Wait until smtpd has no client, and no mail is on its way; so long and no longer."""
        loop = asyncio.get_running_loop()
        until, quiet = loop.time() + timeout_s, 0
        while loop.time() < until and quiet < 2:  # twice: what is between two queues is in neither
            await asyncio.sleep(_POLL_S)
            if self.log.open_visits():
                continue
            files = self.lab.queues("maildrop", "incoming", "active", "deferred", "hold")
            self._parked = frozenset((*files["deferred"], *files["hold"]))
            moving = files["maildrop"] or files["incoming"] or files["active"]
            told = all(map(self.log.has_told, files["deferred"]))  # postlogd may be late
            quiet = 0 if moving or not told or self.log.under_way - self._parked else quiet + 1

    async def try_again(self) -> None:
        """Flush the queue, as `postqueue -f` does: its clock is the machine's, so everything counts as due.

        Done when the queue manager has taken up each mail that was deferred.
        """
        before = {queue_id: self.log.times_active(queue_id) for queue_id in self.log.of_mail}
        waiting = self.lab.flush()
        await self._told(
            lambda: all(self.log.times_active(queue_id) > before.get(queue_id, 0) for queue_id in waiting),
            _PATIENCE_S[-1],
        )

    def session(self, client: Address) -> SessionRecord:
        """The lines of the smtpd that had this client, and those of its mails."""
        visit = self._visits.get(client)
        if visit is None:
            return SessionRecord()
        return SessionRecord(self.log.accepted(visit, self._parked), None, self.log.told(visit), None)

    def record(self) -> TargetRecord:
        """The whole log, the notices, and what became of each mail."""
        accounts = [(i, fate) for i in self.log.of_mail for fate in self.log.fates(i, self._parked)]
        return TargetRecord(tuple(self.log.lines), tuple(self._notices()), None, tuple(accounts), self._warnings)

    async def stop(self) -> None:
        """Kill it; the namespaces stay for the next one."""
        await self._undo.aclose()
        laboratory.release(self.lab)

    def _notices(self) -> list[Notification]:
        assert self.world.ends is not None
        arrived = {delivery.queue_id: delivery for delivery in self.world.ends.deliveries()}
        found = []
        for kind, about, queue_id in self.log.notices:
            if (notice := arrived.get(queue_id)) is not None:
                subject = parse_message(notice.data).text("Subject")
                to = ", ".join(notice.recipients)
                found.append(Notification(kind, about, notice.sender, to, subject, notice.data))
            else:  # written, and on its way to nobody: what it says was not seen
                found.append(Notification(kind, about, "", ", ".join(self.log.recipients(queue_id)), "", b""))
        return found

    # -- being told ----------------------------------------------------------------------------------------------

    async def _told(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Wait for lines of the log until this holds."""

        async def wait() -> None:
            async with self._news:
                await self._news.wait_for(lambda: done() or self._ended)

        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wait(), timeout_s)
        return done()

    async def tell_all(self, ended: bool = False) -> None:
        """Wake whoever waits for the log."""
        self._ended = self._ended or ended
        async with self._news:
            self._news.notify_all()

    async def _ready(self, patience_s: float) -> None:
        """Hand over nothing at all: a smtpd that complains about it has read its configuration."""
        loop = asyncio.get_running_loop()
        until = loop.time() + patience_s
        while not self._ended and not self.log.fatal and loop.time() < until:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as knock:
                knock.connect(self._smtpd)
                break
            await asyncio.sleep(_POLL_S / 2)  # until master has made its sockets
        await self._told(lambda: self.log.ready or bool(self.log.fatal), until - loop.time())
        if self._ended and not self.log.fatal:
            for line in self.lab.why().splitlines():  # so early that there was no log yet
                self.log.add(line)
        if self.log.fatal:
            raise ConfigError(self.log.fatal, file=str(self.world.config / "main.cf"))
        if not self.log.ready:
            raise TargetError(
                f"Postfix did not become ready: {self.log.lines[-1].text if self.log.lines else 'no log'}"
            )

    # -- handing over --------------------------------------------------------------------------------------------

    async def _listen(self, where: str) -> None:
        host, _, port = where.rpartition(":")
        listening = socket.create_server((host.strip("[]"), int(port)), family=socket.AF_INET6 if ":" in host else
                                         socket.AF_INET, backlog=128)  # fmt: skip
        listening.setblocking(False)
        self.smtp = listening.getsockname()[:2]
        front = asyncio.get_running_loop().create_task(self._hand_over_all(listening))
        self._undo.callback(listening.close)
        self._undo.push_async_callback(_end, front)

    async def _hand_over_all(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, peer = await loop.sock_accept(listening)
            with client:
                client.setblocking(True)  # the flag goes with it, and smtpd waits for its client
                begun = self.log.visits
                try:
                    with socket.socket(socket.AF_UNIX) as smtpd:
                        smtpd.connect(self._smtpd)
                        socket.send_fds(smtpd, [b"\0"], [client.fileno()])  # LOCAL_SEND_FD
                        smtpd.send(b"\0")  # no attributes: who it is, smtpd finds by itself
                except OSError:
                    continue  # master is gone; the client sees the end of its connection
            if await self._told(partial(lambda known: self.log.visits > known, begun), _HAND_OVER_S):
                assert self.log.latest is not None
                self._visits[peer[:2]] = self.log.latest


class _Lines(asyncio.Protocol):
    """The log, line by line."""

    def __init__(self, running: _Running, tell: Callable[[str], None]) -> None:
        self.running, self.tell = running, tell
        self.rest = b""
        self.tasks: set[asyncio.Task[None]] = set()

    def data_received(self, data: bytes) -> None:
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            text = line.decode("utf-8", "surrogateescape")
            self.running.log.add(text)
            self.tell(text)
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._wake(ended=True)

    def _wake(self, ended: bool = False) -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(self.running.tell_all(ended))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


def _teller(where: str | None) -> Callable[[str], None]:
    """What `gauntlet serve --log` asks for."""
    if where is None:
        return lambda line: None
    stream = sys.stderr if where == "-" else Path(where).open("a", encoding="utf-8")  # noqa: SIM115
    return lambda line: print(line, file=stream, flush=True)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
