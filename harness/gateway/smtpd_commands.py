"""smtpd_commands - every command but MAIL and RCPT: HELO to QUIT, as smtpd.c of Postfix 3.7.11 answers them."""

from __future__ import annotations

from functools import lru_cache

from harness.gateway.resolve import Routes
from harness.gateway.smtpd import BAD_RECIPIENT, HELO_BAD, OK, Smtpd
from harness.gateway.smtpd_lines import no_message_yet
from harness.gateway.smtpd_xclient import XclientError, apply_xclient
from harness.gateway.smtpd_xforward import ATTRIBUTES, may_xforward
from harness.gateway.table import TableError
from harness.smtp.address import ILLEGAL, parse_path
from harness.smtp.command import Command
from harness.smtp.hostname import valid_hostname, valid_literal
from harness.smtp.reply import Reply, reply

_GO_ON = reply(354, "", "End data with <CR><LF>.<CR><LF>")
_BYE = reply(221, "2.0.0", "Bye")
_XCLIENT_ATTRIBUTES = "NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT"


async def helo(smtpd: Smtpd, command: Command) -> Reply | None:
    """HELO and EHLO."""
    s, verb = smtpd.s, command.verb
    s.phase = "helo"
    if len(command.words) < 2:
        return reply(501, "", f"Syntax: {verb} hostname")
    name = " ".join(command.arguments)
    decision = await smtpd.policy.helo(s, name)
    if decision.reply is not None or decision.hang_up:
        return smtpd.refusal(decision)  # and nothing has changed: an earlier HELO and a transaction still stand
    s.reset_transaction()
    smtpd.forget_chunks()
    s.helo_name, s.protocol = HELO_BAD.sub("?", name), "ESMTP" if verb == "EHLO" else "SMTP"
    if verb == "HELO":
        return reply(250, "", smtpd.settings.myhostname)
    settings = smtpd.settings
    return _hello(
        settings.myhostname, settings.message_size_limit, settings.disable_vrfy, smtpd.may_xclient(),
        may_xforward(smtpd), settings.smtputf8, settings.discard_keywords,
    )  # fmt: skip


async def data(smtpd: Smtpd, command: Command) -> Reply | None:
    """DATA."""
    s = smtpd.s
    if smtpd.chunking:
        return reply(503, "5.5.1", "Error: DATA after BDAT")
    if (wrong := no_message_yet(smtpd.s)) is not None:
        return wrong
    if len(command.words) != 1:
        return reply(501, "5.5.4", "Syntax: DATA")
    s.phase = "data"
    decision = await smtpd.policy.data(s)
    if decision.reply is not None or decision.hang_up:
        return smtpd.refusal(decision)
    smtpd.connection.expect_data(smtpd.settings.message_size_limit)
    return _GO_ON


async def rset(smtpd: Smtpd, command: Command) -> Reply | None:
    """RSET."""
    if len(command.words) != 1:
        return reply(501, "5.5.4", "Syntax: RSET")
    smtpd.s.reset_transaction()
    smtpd.forget_chunks()
    return OK


async def noop(smtpd: Smtpd, command: Command) -> Reply | None:
    """NOOP, whatever follows it."""
    return OK


async def quit(smtpd: Smtpd, command: Command) -> Reply | None:
    """QUIT, whatever follows it."""
    smtpd.closing = True
    smtpd.s.phase = "quit"
    return _BYE


async def vrfy(smtpd: Smtpd, command: Command, routes: Routes) -> Reply | None:
    """VRFY: the recipient lists are asked; whether the address exists is not told."""
    s = smtpd.s
    if smtpd.settings.disable_vrfy:
        return reply(502, "5.5.1", "VRFY command is disabled")
    words, utf8 = command.words, smtpd.settings.smtputf8
    if len(words) < 2:
        return reply(501, "5.5.4", f"Syntax: VRFY address{' [SMTPUTF8]' if utf8 else ''}")
    if utf8 and words[-1].upper() == "SMTPUTF8" and len(words) > 2:
        words = words[:-1]
    if 1 in command.unclosed:
        return BAD_RECIPIENT
    path = parse_path(words[1], strict=False) if len(words) == 2 else ILLEGAL
    if not path.mailbox:
        smtpd.illegal("VRFY", " ".join(words[1:]))
        return BAD_RECIPIENT
    if routes.resolve(path.mailbox).bad:
        return BAD_RECIPIENT
    s.phase, s.recipient = "vrfy", path.mailbox
    decision = await smtpd.policy.vrfy(s)
    s.recipient = None
    if decision.reply is not None or decision.hang_up:
        return smtpd.refusal(decision)
    return reply(252, "2.0.0", words[1])


async def etrn(smtpd: Smtpd, command: Command) -> Reply | None:
    """ETRN for a domain we relay to."""
    s = smtpd.s
    if smtpd.settings.helo_required and s.helo_name is None:
        return reply(503, "", "Error: send HELO/EHLO first")
    if s.sender is not None:
        return reply(503, "", "Error: MAIL transaction in progress")
    if len(command.words) != 2:
        return reply(500, "", "Syntax: ETRN domain")
    domain = command.words[1]
    domain = domain[1:] if domain[0] in "@#" else domain
    if not valid_hostname(domain) and not valid_literal(domain):
        return reply(501, "", "Error: invalid parameter syntax")
    s.phase, s.etrn_domain = "etrn", domain
    decision = await smtpd.policy.etrn(s)
    s.etrn_domain = None
    if decision.reply is not None or decision.hang_up:
        return smtpd.refusal(decision)
    try:
        ours = not domain.startswith("[") and smtpd.settings.flush_domains.matches(domain)  # flush(8) keeps no literals
    except TableError:
        ours = False
    if ours:
        return reply(250, "", "Queuing started")
    smtpd.warn(f"reject: ETRN {domain}... from {s.client.namaddr}")
    return reply(459, "", f"<{domain}>: service unavailable")


async def auth(smtpd: Smtpd, command: Command) -> Reply | None:
    """AUTH, where it is not offered."""
    return reply(503, "5.5.1", "Error: authentication not enabled")


async def starttls(smtpd: Smtpd, command: Command) -> Reply | None:
    """STARTTLS, where it is not offered."""
    if len(command.words) != 1:
        return reply(501, "5.5.4", "Syntax: STARTTLS")
    return reply(502, "5.5.1", "Error: command not implemented")


async def xclient(smtpd: Smtpd, command: Command) -> Reply | None:
    """XCLIENT: a trusted client says who the real one is; the session starts again."""
    if smtpd.s.sender is not None:
        return reply(503, "5.5.1", "Error: MAIL transaction in progress")
    if len(command.words) < 2:
        return reply(501, "5.5.4", "Syntax: XCLIENT attribute=value...")
    if not smtpd.may_xclient():
        return reply(550, "5.7.0", "Error: insufficient authorization")
    try:
        apply_xclient(smtpd.s, command.arguments, smtpd.policy.known.ipv6)
    except XclientError as error:
        return error.reply
    smtpd.s.reset_transaction()
    smtpd.forget_chunks()
    smtpd.refused = None
    smtpd.pending = await smtpd.greet_named()
    return None  # nor is it counted as a success: smtpd begins anew instead of coming back


@lru_cache(maxsize=64)
def _hello(
    hostname: str, size: int, no_vrfy: bool, xclient: bool, xforward: bool, utf8: bool, hidden: frozenset[str]
) -> Reply:
    """The answer to EHLO: our name and what we offer, without the `hidden` keywords."""
    offered = ["PIPELINING", f"SIZE {size}" if size else "SIZE", "VRFY", "ETRN"]
    if no_vrfy:
        offered.remove("VRFY")
    if xclient:
        offered.append(f"XCLIENT {_XCLIENT_ATTRIBUTES}")
    if xforward:
        offered.append(f"XFORWARD {' '.join(ATTRIBUTES)}")
    offered += ["ENHANCEDSTATUSCODES", "8BITMIME", "DSN"]
    if utf8:
        offered.append("SMTPUTF8")
    offered.append("CHUNKING")
    return reply(250, "", hostname, *(words for words in offered if words.partition(" ")[0] not in hidden))
