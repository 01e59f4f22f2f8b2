"""smtpd - one SMTP session: events in, bytes out; the command loop of smtpd(8), without a socket.

Which command may come when, what it says when it may not, what counts as an error and when it is one too many: all of
it as smtpd.c of Postfix 3.7.11.  Who may send what to whom is the policy's business, what becomes of it the pipeline's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from harness.gateway.anvil import Anvil, Counted
from harness.gateway.client_name import identify
from harness.gateway.maillog import MailLog
from harness.gateway.matchlist import MatchList
from harness.gateway.observer import Observer
from harness.gateway.pipeline import Pipeline
from harness.gateway.policy.decide import Decision, Policy
from harness.gateway.session import Session
from harness.gateway.smtpd_chat import Chat
from harness.gateway.smtpd_lines import command_counts, filtered
from harness.gateway.smtpd_settings import SmtpdSettings
from harness.gateway.table import TableError
from harness.smtp.command import Command, is_header, is_utf8, split_command
from harness.smtp.events import (
    BareNewline,
    ChunkReceived,
    Closed,
    CommandReceived,
    DataReceived,
    Event,
    LineTooLong,
    ProxyMalformed,
    ProxyReceived,
)
from harness.smtp.reply import Reply, reply
from harness.smtp.server import ServerConnection

OK = reply(250, "2.0.0", "Ok")
_UNKNOWN = reply(500, "5.5.2", "Error: command not recognized")
BAD_RECIPIENT = reply(501, "5.1.3", "Bad recipient address syntax")
HELO_BAD = re.compile(r'[\s<>()\\";@]|[^\x20-\x7e]')
_MAY_PIPELINE = frozenset({"MAIL", "RCPT", "RSET", "BDAT", "XFORWARD"})  # RFC 2920 3.1: others end a command group
_IN_WORDS = CommandReceived(b"")  # a command of a client that sends no bytes
_JUNK = frozenset({"HELO", "EHLO", "NOOP", "VRFY", "ETRN", "RSET"})  # SMTPD_CMD_FLAG_LIMIT

Handler = Callable[["Smtpd", Command], Awaitable[Reply | None]]


@dataclass(frozen=True)
class Services:
    """What every session of a gateway shares; a reload makes new ones for the sessions that come after it."""

    settings: SmtpdSettings
    policy: Policy
    pipeline: Pipeline
    log: MailLog
    observer: Observer
    new_id: Callable[[], str]
    commands: dict[str, Handler]
    chunk_received: Callable[[Smtpd, ChunkReceived], Reply | None]
    anvil: Anvil
    remembers: bool = False  # what tables say of clients and addresses, from session to session


class Smtpd(Chat):
    """One client.  Feed it events; it gives the bytes to answer, and `closing` when the connection is to end."""

    def __init__(self, services: Services, session: Session, connection: ServerConnection) -> None:
        super().__init__(services.settings, services.policy.known, session, services.log)
        self.services, self.connection = services, connection
        self.policy, self.commands = services.policy, services.commands
        self.junk = 0  # commands that do nothing for any mail, since the last one
        self.counts: dict[str, int] = {}  # commands by name, and those that went well
        self.good: dict[str, int] = {}
        self.refused: Reply | None = None  # the client was refused at connect
        self.counted = ""  # the address this connection is counted under
        self.pending = b""  # said by a command itself, instead of a reply
        self.chunking = False  # between the first BDAT and the last
        self.chunks_failed = False  # one of them was refused, so the message is
        self.reset_due = False  # the answer that is being given ends the transaction
        self.passed_by = False  # the chunk that comes was answered already

    # -- the ends of a session ---------------------------------------------------------------------------------------

    async def greet(self) -> bytes:
        """The first words: the banner, or the refusal of the client."""
        if not self.settings.upstream_proxy:
            return await self._greet()
        self.connection.expect_proxy()
        return b""

    async def _greet(self, named: bool = False) -> bytes:
        s = self.s
        if not named:
            s.client = await identify(
                s.client.address, s.client.port, s.dns, lambda text: self.line(f"warning: {text}")
            )
            self.line(f"connect from {s.client.namaddr}")
            s.connected = s.connected or s.client.copy()
        if self._too_many_connections():  # after XCLIENT, of the client it named
            host = self.settings.myhostname
            return self.say(reply(421, "4.7.0", f"{host} Error: too many connections from {s.client.address}"))
        self._police()
        if self.services.remembers:
            s.known_as = f"{s.client.identity} by way of {s.connected and s.connected.address}"
        s.phase = "connect"
        decision = await self.policy.connect(s)
        self.refused = decision.reply
        if decision.reply is not None or decision.hang_up:
            return self._decided(decision) if not decision.hang_up else b""
        return self.say(reply(220, "", self.settings.banner))

    def over(self) -> None:
        """The connection is gone: log what it was."""
        if self.counted:
            self.services.anvil.disconnect(self.counted)
        if not self.log.sinks:
            return
        self.line(f"disconnect from {self.s.client.namaddr} {command_counts(self.counts, self.good)}")

    def lost(self, why: str) -> None:
        """The connection ended in the middle: `lost connection` or `timeout`."""
        if not self.log.sinks:
            return
        size = f" ({self.connection.heard} bytes)" if self.s.where == "DATA" and self.connection.in_content else ""
        self.line(f"{why} after {self.s.where}{size} from {self.s.client.namaddr}")

    def fail(self, error: BaseException) -> None:
        """The session cannot go on because of a fault in here."""
        self.closing = True
        self.line(f"panic: {self.s.where} from {self.s.client.namaddr}: {error!r}")

    # -- events ------------------------------------------------------------------------------------------------------

    def handle(self, event: Event) -> Coroutine[Any, Any, bytes]:
        """What gives the answer to what the client did."""
        if type(event) is CommandReceived:  # nearly always, and a coroutine around a coroutine is not free
            return self._command(event)
        return self._content(event) if type(event) is DataReceived else self._seldom(event)

    async def _seldom(self, event: Event) -> bytes:
        match event:
            case ChunkReceived():
                answer = self.services.chunk_received(self, event)
                return b"" if answer is None else self.say(answer) if answer.code < 400 else self._refused(answer)
            case LineTooLong(start):  # what is behind the limit is never looked at
                return await self._command(CommandReceived(start))
            case BareNewline():
                self.closing = True
                return self.say(self.bare_newline(self.s.where))
            case ProxyReceived(source):
                if source is not None:
                    self.s.client.address, self.s.client.port = source[0], str(source[1])
                return await self._greet()
            case ProxyMalformed():
                self.closing = True
                return self.say(reply(421, "4.3.0", f"{self.settings.myhostname} Server local error"))
            case Closed():
                self.closing = True
                self.lost("lost connection")
        return b""

    async def _command(self, event: CommandReceived) -> bytes:
        if not event.line.isascii() and self.settings.smtputf8 and not is_utf8(event.line):
            return self._refused(reply(500, "5.5.2", "Error: bad UTF-8 syntax"))
        if self.settings.command_filter:
            try:
                event = self._filtered(event)
            except TableError as error:
                self.warn(f"{error}")
                return self.say(reply(421, "4.3.0", f"{self.settings.myhostname} Server local error"))
        return await self.perform(split_command(event.line), event)

    def _filtered(self, event: CommandReceived) -> CommandReceived:
        """The command as smtpd_command_filter has it.  Raises TableError."""
        if (found := filtered(event.line, self.settings.command_filter)) is None:
            return event
        self.line(f'{self.s.client.namaddr}: replacing client command "{found[0][:100]}" with "{found[1][:100]}"')
        return event._replace(line=found[1].encode("utf-8", "surrogateescape"))

    async def perform(self, command: Command, event: CommandReceived = _IN_WORDS) -> bytes:
        """The answer to one command, and to what came behind it already."""
        s, verb = self.s, command.verb
        if self.settings.noop_commands and self._listed(self.settings.noop_commands, verb):
            return self._junk(self.say(OK))
        handler = self.commands.get(verb)
        if handler is None:
            return await self._unknown(event, verb)
        name, counts = verb.lower(), self.counts
        counts[name] = counts.get(name, 0) + 1
        if self.refused is not None and verb != "QUIT":
            return self._refused(reply(503, "5.7.0", f"Error: access denied for {s.client.namaddr}"))
        if event.more and (refused := self._out_of_turn(event, verb)):
            return refused
        s.where = verb
        answer = await handler(self, command)
        if answer is None:
            return b""
        if answer.code < 400 and answer.code != 354:  # DATA has gone well when its content has
            self.good[name] = self.good.get(name, 0) + 1
        slow = answer.code >= 400 or self.errors >= self.settings.soft_error_limit
        said = await self.slowly(answer) if slow else self.say(answer)
        if self.reset_due:
            self.reset_due = False
            s.reset_transaction()
        return self._junk(said) if verb in _JUNK else self.with_last_words(said) if self.errors else said

    async def _unknown(self, event: CommandReceived, verb: str) -> bytes:
        """The answer to what is no command of ours."""
        if not verb:
            return self._refused(reply(500, "5.5.2", "Error: bad syntax"))
        self._count("unknown")
        self.s.where = "UNKNOWN"
        if is_header(verb.encode("utf-8", "surrogateescape")) or self._listed(
            self.settings.forbidden_commands, verb
        ):  # HTTP, mail, and the like
            self.closing = True
            self.warn(f"non-SMTP command from {self.s.client.namaddr}: {event.line.decode('utf-8', 'replace')[:100]}")
            return self.say(reply(221, "2.7.0", "Error: I can break rules, too. Goodbye."))
        if self.refused is not None:
            return self._refused(reply(503, "5.7.0", f"Error: access denied for {self.s.client.namaddr}"))
        if event.more and (refused := self._out_of_turn(event, verb)):
            return refused
        return self.with_last_words(await self.slowly(_UNKNOWN))

    def _out_of_turn(self, event: CommandReceived, verb: str) -> bytes:
        """What to say to a client that sent more behind a command which ends a group; b"" where that is let pass."""
        if self.s.protocol == "ESMTP" and verb in _MAY_PIPELINE:
            return b""
        self.s.where = verb
        self.improper(verb, event.waiting)
        if not self.settings.forbid_unauth_pipelining:
            return b""
        self.closing = True
        return self._refused(reply(554, "5.5.0", "Error: SMTP protocol synchronization"))

    def _listed(self, commands: MatchList, verb: str) -> bool:
        """Is it one of smtpd_forbidden_commands, smtpd_noop_commands?  A table that fails says no."""
        try:
            return commands.matches(verb)
        except TableError:
            return False

    def _junk(self, said: bytes) -> bytes:
        """Count a command that does nothing for any mail; those over smtpd_junk_command_limit are errors."""
        self.junk += 1
        if self.junk > self.settings.junk_command_limit + 1:  # counted after it was compared
            self.errors += 1
        return self.with_last_words(said)

    async def _content(self, event: DataReceived) -> bytes:
        """A whole message came: the end-of-data list, then the pipeline."""
        s = self.s
        name = "bdat" if self.chunking else "data"
        s.phase, s.where = "end_of_data", "END-OF-MESSAGE"
        s.message_size = s.size_bytes = event.size_bytes
        s.passed_on = len(s.wishes)
        if event.more and s.protocol != "ESMTP":
            self.improper("END-OF-MESSAGE", event.waiting)
        refused = event.bare_newline and self.connection.bare_newline == "reject"
        decision = None if event.too_big or refused else await self.policy.end_of_data(s)
        self.chunking = False
        if decision is not None and (decision.reply is not None or decision.hang_up):
            self.services.pipeline.look(s, event.data)
            return self._decided(decision)  # the transaction stays open, as in 3.7.11
        if refused:
            answer = self.bare_newline("END-OF-MESSAGE")
        else:
            answer = await self.services.pipeline.accept(s, event.data, event.too_big)
        if name == "bdat" and answer.code == 250:
            answer = Reply(250, answer.status, (answer.text.replace("Ok:", f"Ok: {event.size_bytes} bytes", 1),))
        if answer.code < 400:
            self.went_well(name)
            self.errors = self.junk = 0
        said = self.say(answer) if answer.code < 400 else self.refuse(answer)
        s.reset_transaction()  # after the footer that names the recipient
        return self.with_last_words(said)

    # -- answers -----------------------------------------------------------------------------------------------------

    def _decided(self, decision: Decision) -> bytes:
        """The reply of the policy, which has been through soft_bounce and the log already."""
        if decision.hang_up:
            self.closing = True
            return b""
        assert decision.reply is not None
        return self._refused(decision.reply)

    def _refused(self, answer: Reply) -> bytes:
        """A refusal behind which nothing else is to be done."""
        return self.with_last_words(self.refuse(answer))

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def went_well(self, name: str) -> None:
        self.good[name] = self.good.get(name, 0) + 1

    def _police(self) -> None:
        """smtpd_forbid_bare_newline, unless this client is excused from it."""
        policy = self.settings.bare_newline
        if policy != "no":
            try:
                if self.settings.bare_newline_exclusions.matches(self.s.client.name, self.s.client.address):
                    policy = "no"
            except TableError as error:
                self.line(f"warning: smtpd_forbid_bare_newline_exclusions: {error}")
        self.connection.bare_newline = policy

    def may_xclient(self) -> bool:
        """smtpd_authorized_xclient_hosts, about the client as it is known now: after XCLIENT, the one it named."""
        try:
            return self.settings.xclient_hosts.matches(self.s.client.name, self.s.client.address)
        except TableError:
            return False

    def too_much(self, event: Counted) -> bool:
        """Count one more of these events; has this client had enough of them?"""
        if not self.settings.limits.rates[event] or self.may_xclient():
            return False
        return self.settings.limits.too_much(event, self.services.anvil, self.s.client, self.warn)

    def _too_many_connections(self) -> bool:
        if self.may_xclient():
            return False
        client = self.s.client
        verdict = self.settings.limits.too_many_connections(self.services.anvil, client, self.warn)
        self.counted = "" if verdict is None else client.address
        return bool(verdict)

    # -- for the commands ---------------------------------------------------------------------------------------------

    async def greet_named(self) -> bytes:
        """The greeting after XCLIENT: the client has its name already."""
        return await self._greet(named=True)

    def forget_chunks(self) -> None:
        self.chunking = self.chunks_failed = False
        self.connection.forget_message()

    def refusal(self, decision: Decision) -> Reply | None:
        if decision.hang_up:
            self.closing = True
            return None
        return decision.reply
