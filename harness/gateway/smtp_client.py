"""smtp_client - hand one mail to a next hop: EHLO, MAIL, RCPTs, DATA; what it said about each recipient. (IO)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.gateway.dsn import NOTHING_SAID, Wanted, encode_xtext
from harness.gateway.settings import Settings
from harness.gateway.smtp_connection import Address, Lost, SmtpConnection
from harness.smtp.address import quote_address
from harness.smtp.client import ehlo_keywords
from harness.smtp.data import to_wire
from harness.smtp.reply import Reply

NO_UTF8 = "SMTPUTF8 is required, but was not offered by host {}"  # smtp_xfer in smtp_proto.c


@dataclass(frozen=True, slots=True)
class Manners:
    """How long one waits for what (None: for ever), and whether TLS is wanted.  Source: postconf(5), smtp_*_timeout."""

    connect_s: float | None = 30
    helo_s: float | None = 300
    mail_s: float | None = 300
    rcpt_s: float | None = 300
    data_init_s: float | None = 120
    data_done_s: float | None = 600
    tls: str = ""  # smtp_tls_security_level
    skip_5xx_greeting: bool = True


def manners(settings: Settings) -> Manners:
    """As main.cf has them; 0 is no limit."""
    connect, helo, mail, rcpt, init, done = (
        settings.patience(f"smtp_{name}_timeout") or None
        for name in ("connect", "helo", "mail", "rcpt", "data_init", "data_done")
    )
    return Manners(
        connect,
        helo,
        mail,
        rcpt,
        init,
        done,
        settings.text("smtp_tls_security_level"),
        settings.flag("smtp_skip_5xx_greeting"),
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of each recipient: the reply that decided, and in reply to what.

    `lost` says why the others have no reply: it is smtp(8)'s reason for trying them again.
    """

    replies: dict[str, tuple[Reply, str]]
    dsn: bool = False  # the next hop offers DSN, and was told what is wanted
    lost: tuple[str, str] | None = None  # status and text
    soft: bool = False  # whatever the reply's code says, there is another try
    uses: int = 1  # mails that the connection was taken for


@dataclass(frozen=True, slots=True)
class Envelope:
    """Sender and recipients in internal form, and what is to be passed on of the sender's wishes (RFC 3461)."""

    sender: str
    recipients: tuple[str, ...]
    envelope_id: str = ""
    returned: str = ""
    wanted: dict[str, Wanted] = field(default_factory=dict)
    utf8: bool = False  # SMTPUTF8 was asked for
    needs_utf8: bool = False  # and without it the mail cannot go on


async def send(
    address: Address, shown: str, hello: str, envelope: Envelope, data: bytes, how: Manners = Manners()
) -> Sent:
    """Deliver one mail (LF line ends) on a connection of its own; `shown` is the next hop as log lines name it.

    Raises Unreachable.
    """
    connection = await SmtpConnection.connect(address, shown, how.connect_s)
    return await transact(connection, hello, envelope, data, how)


async def transact(
    connection: SmtpConnection, hello: str, envelope: Envelope, data: bytes, how: Manners, *, keep: bool = False
) -> Sent:
    """Deliver one mail on this connection, and close it; `keep` leaves it open for the next one if all is in order."""
    replies: dict[str, tuple[Reply, str]] = {}
    connection.uses += 1
    refused, keeps = None, False
    try:
        if connection.uses == 1:
            refused = await _introduce(connection, hello, envelope, how)
        if refused is None and envelope.needs_utf8 and "SMTPUTF8" not in connection.offered:
            refused = Sent({}, lost=("5.6.7", NO_UTF8.format(connection.shown)))
        if refused is None:
            await _transaction(connection, envelope, data, how, replies, last=not keep)
            keeps = keep and connection.silent
    except Lost as error:
        connection.abort()
        return Sent(replies, "DSN" in connection.offered, ("4.4.2", str(error)), uses=connection.uses)
    except BaseException:  # nobody wants to know any more
        connection.abort()
        raise
    if not keeps:
        connection.close()
    return refused or Sent(replies, "DSN" in connection.offered, uses=connection.uses)


async def _introduce(connection: SmtpConnection, hello: str, envelope: Envelope, how: Manners) -> Sent | None:
    """Greeting and EHLO; what comes of the mail where that is all.  Raises Lost."""

    def all_get(reply: Reply, command: str, *, soft: bool = False) -> Sent:
        return Sent(dict.fromkeys(envelope.recipients, (reply, command)), soft=soft)

    greeting = await connection.reply("receiving the initial server greeting", how.helo_s)
    if greeting.code != 220:
        soft = how.skip_5xx_greeting and 500 <= greeting.code < 600  # another host of the domain may be kinder
        return all_get(greeting, "initial server greeting", soft=soft)
    hi = await connection.ask(f"EHLO {hello}", "performing the EHLO handshake", how.helo_s)
    if hi.code == 421:
        return all_get(hi, "HELO")
    if hi.code >= 400:
        hi = await connection.ask(f"HELO {hello}", "performing the HELO handshake", how.helo_s)
        if hi.code >= 400:
            return all_get(hi, "HELO")
    connection.offered = ehlo_keywords(hi)
    if how.tls not in ("", "none") and (refused := await _no_tls(connection, how)) is not None:
        return Sent({}, lost=refused)
    return None


async def _transaction(
    connection: SmtpConnection,
    envelope: Envelope,
    data: bytes,
    how: Manners,
    replies: dict[str, tuple[Reply, str]],
    *,
    last: bool,
) -> None:
    """MAIL to the end of the content; what each recipient got is in `replies`, whatever happens then.  Raises Lost.

    A next hop that offers PIPELINING is told the envelope and DATA at once, and QUIT with the content of the `last`
    mail (RFC 2920 3.1).  Source: smtp_loop in smtp_proto.c.
    """
    offered, recipients = connection.offered, envelope.recipients
    piped = "PIPELINING" in offered
    commands = [_mail_command(envelope, data, offered), *(_rcpt_command(envelope, one, offered) for one in recipients)]
    waiting = iter([*commands, "DATA"])
    if piped:
        connection.say(*waiting)

    async def answer(doing: str, timeout_s: float | None) -> Reply:
        return await (connection.reply(doing, timeout_s) if piped else connection.ask(next(waiting), doing, timeout_s))

    mail = await answer("sending MAIL FROM", how.mail_s)
    if mail.code >= 400:
        replies.update(dict.fromkeys(recipients, (mail, "MAIL FROM")))
        if not piped:
            return
    accepted = []
    for recipient in recipients:
        said = await answer("sending RCPT TO", how.rcpt_s)
        if mail.code >= 400:
            continue
        if said.code >= 400:
            replies[recipient] = (said, "RCPT TO")
        else:
            accepted.append(recipient)
    if not accepted and not piped:
        return
    go = await answer("sending DATA command", how.data_init_s)
    if go.code != 354:
        replies.update(dict.fromkeys(accepted, (go, "DATA")))
        return
    # Who takes DATA without a recipient is to be told an end, and nothing before it (RFC 2920 3.1).
    connection.write((to_wire(data) if accepted else b".\r\n") + (b"QUIT\r\n" if last and piped else b""))
    connection.said_quit = last and piped
    end = await connection.reply("sending end of data -- message may be sent more than once", how.data_done_s)
    replies.update(dict.fromkeys(accepted, (end, "end of DATA")))


async def _no_tls(connection: SmtpConnection, how: Manners) -> tuple[str, str] | None:
    """Status and text where TLS is required and cannot be had; `may` goes on without.

    This client begins no TLS, so STARTTLS is only asked for where it must be, and only to hear that it is refused.
    Source: smtp_helo in smtp_proto.c.
    """
    if how.tls == "may":
        return None
    if "STARTTLS" not in connection.offered:
        return "4.7.4", f"TLS is required, but was not offered by host {connection.shown}"
    answer = await connection.ask("STARTTLS", "performing the EHLO handshake", how.helo_s)
    said = " ".join(str(answer).split("\n"))
    if answer.code < 300:
        return "4.7.5", "Cannot start TLS: handshake failure"
    return answer.status or "4.7.4", f"TLS is required, but host {connection.shown} refused to start TLS: {said}"


def _mail_command(envelope: Envelope, data: bytes, offered: Mapping[str, str]) -> str:
    """MAIL FROM with the parameters that the next hop understands.  Source: smtp_loop in smtp_proto.c."""
    command = f"MAIL FROM:<{quote_address(envelope.sender)}>"
    if "SIZE" in offered:
        command += f" SIZE={len(data)}"
    if "8BITMIME" in offered and not data.isascii():
        command += " BODY=8BITMIME"
    if "SMTPUTF8" in offered and envelope.utf8:
        command += " SMTPUTF8"
    if "DSN" in offered:
        if envelope.envelope_id:
            command += f" ENVID={encode_xtext(envelope.envelope_id)}"
        if envelope.returned:
            command += f" RET={envelope.returned}"
    return command


def _rcpt_command(envelope: Envelope, recipient: str, offered: Mapping[str, str]) -> str:
    """RCPT TO; a next hop that knows DSN is told whom the sender meant, whether he said so or not."""
    command = f"RCPT TO:<{quote_address(recipient)}>"
    if "DSN" in offered:
        wanted = envelope.wanted.get(recipient, NOTHING_SAID)
        kind, _, original = (wanted.original or f"rfc822;{quote_address(recipient)}").partition(";")
        command += f" ORCPT={kind};{encode_xtext(original)}"
        if wanted.notify:
            command += f" NOTIFY={','.join(wanted.notify)}"
    return command
