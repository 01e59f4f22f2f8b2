"""smtpd_mail - MAIL and RCPT: their addresses and parameters (mail_cmd and rcpt_cmd in smtpd.c)."""

from __future__ import annotations

from harness.gateway.resolve import Routes
from harness.gateway.smtpd import Smtpd
from harness.smtp.address import parse_path
from harness.smtp.command import Command
from harness.smtp.reply import Reply, reply

_NOTIFY = frozenset({"NEVER", "SUCCESS", "FAILURE", "DELAY"})
_SENDER_OK = reply(250, "2.1.0", "Ok")
_RECIPIENT_OK = reply(250, "2.1.5", "Ok")
_BAD_SENDER = reply(501, "5.1.7", "Bad sender address syntax")
_BAD_RECIPIENT = reply(501, "5.1.3", "Bad recipient address syntax")


async def mail(smtpd: Smtpd, command: Command, routes: Routes) -> Reply | None:
    """MAIL FROM:<address> [parameters]."""
    s, settings, words = smtpd.s, smtpd.settings, command.words
    s.phase = "mail"
    if settings.helo_required and s.helo_name is None:
        return reply(503, "5.5.1", "Error: send HELO/EHLO first")
    if s.sender is not None:
        return reply(503, "5.5.1", "Error: nested MAIL command")
    if len(words) < 3 or words[1].lower() != "from:":
        return reply(501, "5.5.4", "Syntax: MAIL FROM:<address>")
    path = parse_path(words[2], settings.strict_rfc821_envelopes)
    if path.mailbox is None or 2 in command.unclosed:
        _illegal(smtpd, "MAIL", words[2])
        return _BAD_SENDER
    if (wrong := _mail_parameters(smtpd, words[3:])) is not None:
        s.reset_transaction()
        return wrong
    s.sender = path.mailbox
    if path.mailbox and routes.resolve(path.mailbox).bad:
        s.reset_transaction()
        return _BAD_SENDER
    for decision in (await smtpd.policy.mail(s), smtpd.policy.size(s, s.message_size)):
        if decision.reply is not None or decision.hang_up:
            s.reset_transaction()
            return smtpd.refusal(decision)
    return _SENDER_OK


async def rcpt(smtpd: Smtpd, command: Command, routes: Routes) -> Reply | None:
    """RCPT TO:<address> [parameters]."""
    s, settings, words = smtpd.s, smtpd.settings, command.words
    s.phase = "rcpt"
    if s.sender is None:
        return reply(503, "5.5.1", "Error: need MAIL command")
    if len(words) < 3 or words[1].lower() != "to:":
        return reply(501, "5.5.4", "Syntax: RCPT TO:<address>")
    path = parse_path(words[2], settings.strict_rfc821_envelopes)
    if not path.mailbox or 2 in command.unclosed:
        _illegal(smtpd, "RCPT", words[2])
        return _BAD_RECIPIENT
    for word in words[3:]:
        name, equals, value = word.partition("=")
        if name.upper() == "NOTIFY" and equals:
            wishes = value.upper().split(",")
            if not set(wishes) <= _NOTIFY or ("NEVER" in wishes and len(wishes) > 1):
                return reply(501, "5.5.4", "Error: Bad NOTIFY parameter syntax")
        elif name.upper() == "ORCPT" and equals:
            if ";" not in value:
                return reply(501, "5.5.4", "Error: Bad ORCPT parameter syntax")
        else:
            return reply(555, "5.5.4", f"Unsupported option: {word}")
    if settings.recipient_limit and len(s.recipients) >= settings.recipient_limit:
        return reply(452, "4.5.3", "Error: too many recipients")
    if routes.resolve(path.mailbox).bad:
        return _BAD_RECIPIENT
    s.recipient = path.mailbox
    decision = await smtpd.policy.rcpt(s)
    s.recipient = None
    if decision.reply is not None or decision.hang_up:
        return smtpd.refusal(decision)
    if not s.queue_id:
        s.queue_id = smtpd.services.new_id()
        smtpd.log.line("smtpd", s.number, f"{s.queue_id}: client={s.client.namaddr}")
    s.recipients.append(path.mailbox)
    return _RECIPIENT_OK


def _mail_parameters(smtpd: Smtpd, words: tuple[str, ...]) -> Reply | None:
    """Take in SIZE, BODY, RET, ENVID and SMTPUTF8; the reply to what is wrong with them, if anything is."""
    s = smtpd.s
    s.message_size = 0
    for word in words:
        name, equals, value = word.partition("=")
        match name.upper(), bool(equals):
            case "BODY", True:
                if value.upper() not in ("7BIT", "8BITMIME"):
                    return reply(555, "5.5.4", f"Unsupported option: {word}")
                s.body_type = value.upper()
            case "SIZE", True:
                if not (value.isascii() and value.isdigit()):
                    return reply(501, "5.5.4", "Bad message size syntax")
                s.message_size = int(value)
            case "RET", True:
                if value.upper() not in ("FULL", "HDRS"):
                    return reply(501, "5.5.4", "Bad RET parameter syntax")
            case "ENVID", True:
                if not value or not value.isascii():
                    return reply(501, "5.5.4", "Bad ENVID parameter syntax")
            case "SMTPUTF8", False if smtpd.settings.smtputf8:
                s.smtputf8 = True
            case _:
                return reply(555, "5.5.4", f"Unsupported option: {word}")
    return None


def _illegal(smtpd: Smtpd, verb: str, text: str) -> None:
    smtpd.log.line(
        "smtpd", smtpd.s.number,
        f"warning: Illegal address syntax from {smtpd.s.client.namaddr} in {verb} command: {text}",
    )  # fmt: skip
