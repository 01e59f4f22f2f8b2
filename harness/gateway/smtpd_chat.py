"""smtpd_chat - what every answer goes through: soft_bounce, footer, the pause after errors, last words; and the log.

As smtpd_chat.c of Postfix 3.7.11 does it, and the top of the command loop in smtpd_proto().
"""

from __future__ import annotations

from harness.gateway.maillog import MailLog
from harness.gateway.policy.known import Known
from harness.gateway.policy.pause import pause
from harness.gateway.policy.refusal import log_context
from harness.gateway.session import Session
from harness.gateway.smtpd_footer import footed
from harness.gateway.smtpd_settings import SmtpdSettings
from harness.smtp.reply import Reply, reply


class Chat:
    """The end of a conversation that answers."""

    def __init__(self, settings: SmtpdSettings, known: Known, session: Session, log: MailLog) -> None:
        self.settings, self.known, self.s, self.log = settings, known, session, log
        self.closing = False  # the connection is to end
        self.errors = 0  # the client's
        self.excused = False  # the refusal that is being given is none of them
        self.said: Reply | None = None  # the last reply, as it went out

    def say(self, answer: Reply) -> bytes:
        """The answer as it goes out."""
        if answer.code < 400:
            self.said = answer
            return answer.to_bytes()
        if answer.code >= 500 and self.settings.soft_bounce:
            status = f"4{answer.status[1:]}" if answer.status else ""
            answer = Reply(answer.code - 100, status, answer.lines)
        if answer.code in (421, 521):
            self.closing = True
        if self.settings.footer:
            answer = footed(answer, self.settings.footer, self.known, self.s)
        self.said = answer
        return answer.to_bytes()

    def refuse(self, answer: Reply) -> bytes:
        """A refusal, which counts against the client."""
        if self.excused:
            self.excused = False
        else:
            self.errors += 1
        return self.say(answer)

    async def slowly(self, answer: Reply) -> bytes:
        """A client that makes many errors waits for each further answer."""
        if self.errors >= self.settings.soft_error_limit and self.settings.error_sleep_s:
            await pause(self.settings.error_sleep_s)
        return self.say(answer) if answer.code < 400 else self.refuse(answer)

    def with_last_words(self, said: bytes) -> bytes:
        """What was said, and the end of it all for a client that has made smtpd_hard_error_limit errors.

        Errors are counted before the next command is read, so a transaction that is over by then is not known any more.
        """
        if self.errors < self.settings.hard_error_limit or self.closing:
            return said
        self.closing = True
        self.line(f"too many errors after {self.s.where} from {self.s.client.namaddr}")
        return said + self.say(reply(421, "4.7.0", f"{self.settings.myhostname} Error: too many errors"))

    # -- the log -----------------------------------------------------------------------------------------------------

    def line(self, text: str) -> None:
        """A line of this session."""
        self.log.line("smtpd", self.s.number, text)

    def warn(self, text: str) -> None:
        """A warning of smtpd's."""
        self.line(f"warning: {text}")

    def illegal(self, verb: str, text: str) -> None:
        """An address that is none, in words for the log."""
        self.warn(f"Illegal address syntax from {self.s.client.namaddr} in {verb} command: {text}")

    def improper(self, where: str, waiting: bytes) -> None:
        """The client sent on without waiting where it must not (SMTPD_FLAG_ILL_PIPELINING)."""
        if not self.s.ill_pipelining:
            shown = waiting.decode("utf-8", "backslashreplace").replace("\r", "\\r").replace("\n", "\\n")
            self.line(f"improper command pipelining after {where} from {self.s.client.namaddr}: {shown}")
        self.s.ill_pipelining = True

    def bare_newline(self, where: str) -> Reply:
        """The refusal of content or a command with a bare LF, logged (smtpd_forbid_bare_newline = reject)."""
        s, code = self.s, self.settings.bare_newline_code
        s.recipient = s.recipients[0] if s.recipients else None  # smtpd remembers the first one
        context, s.recipient = log_context(s), None
        self.line(f"{s.queue_id or 'NOQUEUE'}: reject: {where} from {s.client.namaddr}: bare <LF> received;{context}")
        status = "5.5.2" if code >= 500 else "4.5.2"
        return reply(code, status, f"{self.settings.myhostname} Error: bare <LF> received")
