"""decide - one set of rules, loaded once, and what becomes of one session after the other under it, in direct mode."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from harness.clock import HandClock
from harness.corpus.sample import Sample
from harness.fate import verdict_from
from harness.gateway.client_name import identify
from harness.gateway.content.examine import Engine
from harness.gateway.direct import DirectGateway, DirectSession, now
from harness.gateway.maillog import MailLog
from harness.gateway.observer import Kept, Notified, Observer
from harness.gateway.resolver import ZoneResolver
from harness.gateway.session import Asked, Client, Session
from harness.gateway.settings import Settings
from harness.gateway.smtp_client import Manners, Sent
from harness.impact.fate import Fate, cause_of
from harness.impact.world import World
from harness.observation import AskedRule, Exchange, Phase
from harness.replay.direct import client_of, replay_direct
from harness.replay.identity import Identity
from harness.smtp.reply import Reply, reply
from harness.target import TRUSTED

_TAKEN = (reply(250, "2.0.0", "Ok"), "end of DATA")
_QUEUED = re.compile(r"\bqueued as [0-9A-F]+")
_ID = re.compile(rb"\b(?:id |RAV|<)?[0-9A-F]{10}\b")
# Words that a line of the protocol would carry as they are (300 bytes are within the least line_length_limit).
_PLAIN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@-]{0,300}")
_HOST = re.compile(r"[A-Za-z0-9._\[\]-]{1,300}")
_REMEMBERED = 65_536  # clients whose names are known
_ANGLES = re.compile(rb"<([^>]*)>")


class Decider:
    """A gateway in direct mode that answers for one session at a time.  Raises ConfigError for a broken directory."""

    def __init__(self, directory: Path, world: World) -> None:
        settings = Settings.load(directory, TRUSTED)
        self.world, self.directory = world, directory
        self._notes = _Notes()
        log = MailLog(HandClock(world.clock_at), settings.text("myhostname"))
        self._resolver = world.resolver()
        self._special = any(fault.session is not None for fault in world.faults)
        self._changing = self._resolver.faults.changing
        self._clients: dict[tuple[str, str | None, str | None], tuple[Client, str]] = {}
        self.engine = Engine.load(directory / "rav")
        self.gateway = DirectGateway(settings, self.engine, self._resolver, log, self._notes, self._notes)
        self._notes.stamp = self.gateway.queue.new_id()[:5].encode()  # the clock stands still
        self.trace: list[Asked] = []  # of the session decided last

    def decide(self, sample: Sample) -> Fate:
        """What becomes of it.  What goes wrong with this one session is a Fate of verdict `failed`."""
        self._notes.clear()
        self.gateway.forget_clients()
        try:
            exchanges: Sequence[Heard] = self._play(sample) if sample.script is not None else self._mail(sample)
        except Exception as error:  # one session that cannot be decided must not end a run over a million
            return Fate("failed", failure=f"{type(error).__name__}: {error}")
        notes = self._notes
        verdict = verdict_from(exchanges, notes.accounts)
        return fate_of(verdict, exchanges, self.trace, notes)

    def _play(self, sample: Sample) -> list[Heard]:
        """A dialogue as it is written."""
        assert sample.script is not None
        dns = self.world.resolver(sample.id) if self.world.faults_of(sample.id) else None
        identity = sample.identity or Identity(sample.client)
        replayed = replay_direct(sample.script, self.gateway, identity, 1, dns)
        assert self._notes.session is not None
        self.trace = self._notes.session.trace
        return [heard(one) for one in replayed.exchanges]

    def _mail(self, sample: Sample) -> list[Heard]:
        """A mail as a decent client sends it: it stops at the first refusal that ends it."""
        dns = self.world.resolver(sample.id) if self._special and self.world.faults_of(sample.id) else None
        client, lasting = self._client(sample, dns)
        session = self.gateway.open(client, port=1, dns=dns, lasting=lasting)
        if sample.login is not None:
            session.session.sasl_username, session.session.sasl_method = sample.login, "XCLIENT"
        self.trace = session.session.trace
        talk = _Talk(session)
        if talk.heard("connect", "", session.greeting()):
            talk.mail(sample, sample.helo or helo_of(client))
        session.close()
        return talk.exchanges

    def _client(self, sample: Sample, dns: ZoneResolver | None) -> tuple[Client, str]:
        """Who calls, under the name the sample gives, else the one that DNS gives; and the same as one text.

        "" where DNS is this session's alone, or answers otherwise the next time: nothing of it can be remembered.
        """
        address, name = sample.client, sample.name
        if dns is not None and name is None:
            return now(identify(address, "1", dns, lambda warning: None)), ""
        key = (address, name, sample.reverse_name)
        known = self._clients.get(key)
        if known is None:
            if name is None:
                client = now(identify(address, "1", self._resolver, lambda warning: None))
            else:
                client = client_of(Identity(address, None, name, sample.reverse_name or name), 1)
            if len(self._clients) >= _REMEMBERED:
                self._clients.clear()
            known = self._clients[key] = client, repr(client)
        found, lasting = known
        return Client(
            address, "1", found.name, found.name_status, found.reverse_name, found.reverse_name_status
        ), "" if self._changing or dns is not None else lasting  # a copy: a session may change its client


class Heard(NamedTuple):
    """What was asked, and what was answered."""

    phase: Phase
    address: str  # of RCPT
    reply: Reply | None


def heard(exchange: Exchange) -> Heard:
    """The same of a dialogue in bytes."""
    return Heard(exchange.phase, _address(exchange.sent) if exchange.phase == "rcpt" else "", exchange.reply)


class Reached:
    """What came of a mail after its session: who got it, who was written to, what was kept."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin another session."""
        self.recipients: list[str] = []
        self.notices: list[tuple[str, str]] = []
        self.set_aside: list[str] = []
        self.digest = 0


def fate_of(verdict: str, exchanges: Sequence[Heard], trace: Sequence[Asked | AskedRule], reached: Reached) -> Fate:
    """The fate that replies, trace and what came afterwards make; queue ids are left out of it."""
    last = _telling(exchanges)
    said = last.reply if last is not None else None
    text = str(said) if said is not None else ""
    return Fate(
        verdict,
        last.phase if last is not None else "",
        said.code if said is not None else 0,
        _QUEUED.sub("queued", text) if "queued as" in text else text,
        cause_of(trace),
        tuple([e.address for e in exchanges if e.phase == "rcpt" and (e.reply is None or e.reply.code >= 400)]),
        tuple(sorted(reached.recipients)),
        tuple(sorted(reached.notices)),
        tuple(sorted(reached.set_aside)),
        reached.digest,
    )


def digest_of(data: bytes, before: int, stamp: bytes = b"") -> int:
    """A number that tells one delivered content (LF line ends) from another, whatever its queue id.

    `stamp` is what every queue id begins with, where that is known: a body without it is not searched for ids.
    """
    head, _, body = data.partition(b"\n\n")
    digest = zlib.crc32(_ID.sub(b"", head), before)
    return zlib.crc32(body if stamp and stamp not in body else _ID.sub(b"", body), digest)


class _Talk:
    """The client's side of a plain mail.  What needs no quoting is said in words, the rest as the bytes it would be."""

    __slots__ = ("exchanges", "session")

    def __init__(self, session: DirectSession) -> None:
        self.session = session
        self.exchanges: list[Heard] = []

    def mail(self, sample: Sample, helo: str) -> None:
        """EHLO, or HELO, and the transaction.  No QUIT: nothing comes of it."""
        session = self.session
        if not (self._hello("EHLO", helo) or (not session.closing and self._hello("HELO", helo))):  # RFC 5321 3.2
            return
        sender, params = sample.sender, sample.params
        if _PLAIN.fullmatch(sender) and not params:
            answer = session.command("MAIL", "FROM:", f"<{sender}>")
        else:
            answer = self._line(f"MAIL FROM:<{sender}>{f' {params}' if params else ''}")
        if not self.heard("mail", "", answer):
            return
        accepted = False
        for address in sample.recipients:
            if _PLAIN.fullmatch(address):
                answer = session.command("RCPT", "TO:", f"<{address}>")
            else:
                answer = self._line(f"RCPT TO:<{address}>")
            accepted |= self.heard("rcpt", address, answer)
            if answer is None:  # nobody is there any more
                return
        if accepted and self.heard("data", "", session.command("DATA")):
            self.heard("end_of_data", "", session.content(sample.data))

    def _hello(self, verb: str, helo: str) -> bool:
        plain = _HOST.fullmatch(helo) is not None
        return self.heard("helo", "", self.session.command(verb, helo) if plain else self._line(f"{verb} {helo}"))

    def heard(self, phase: Phase, address: str, said: Reply | None) -> bool:
        """Note what came; was it positive?"""
        self.exchanges.append(Heard(phase, address, said))
        return said is not None and said.code < 400

    def _line(self, line: str) -> Reply | None:
        return self.session.line(line.encode("utf-8", "surrogateescape") + b"\r\n")


class _Notes(Observer, Reached):
    """What the gateway tells of the session under way, and the next hop it delivers to."""

    takes_all = True

    def __init__(self) -> None:
        self.session: Session | None = None
        self.stamp = b""
        super().__init__()

    def clear(self) -> None:
        super().clear()
        self.accounts: list[tuple[str, str]] = []
        self._own: list[bytes] = []  # contents that the gateway wrote itself

    def session_began(self, session: Session, peer: tuple[str, int]) -> None:
        self.session = session

    def settled(self, queue_id: str, fate: str) -> None:
        self.accounts.append((queue_id, fate))

    def kept(self, kept: Kept) -> None:
        self.set_aside.append(f"{kept.path}: {kept.reason}")

    def notified(self, notice: Notified) -> None:
        self.notices.append((notice.kind, notice.recipient))
        self._own.append(notice.data)

    def send(
        self, host: str, how: Manners, sender: str, recipients: list[str], data: bytes, *, utf8: bool = False
    ) -> Sent:
        """Take it, and remember who got what; queue ids differ from run to run and are left out."""
        if not any(data is own for own in self._own):  # a notice is told of already
            self.recipients.extend(recipients)
            self.digest = digest_of(data, self.digest, self.stamp)
        return Sent(dict.fromkeys(recipients, _TAKEN))


def _telling(exchanges: Sequence[Heard]) -> Heard | None:
    """The exchange that made the fate: the last refusal, else the reply to the content, else the last of all."""
    for exchange in reversed(exchanges):
        if (exchange.reply is None or exchange.reply.code >= 400) and exchange.phase != "quit":
            return exchange
    for exchange in reversed(exchanges):
        if exchange.phase == "end_of_data":
            return exchange
    return exchanges[-1] if exchanges else None


def _address(sent: bytes) -> str:
    """The address in a RCPT command, for people to read."""
    found = _ANGLES.search(sent)
    return (found[1] if found else sent.strip()).decode("utf-8", "backslashreplace")


def helo_of(client: Client) -> str:
    """What a decent client says: its name, or its address literal."""
    if client.name != "unknown":
        return client.name
    return f"[IPv6:{client.address}]" if ":" in client.address else f"[{client.address}]"
