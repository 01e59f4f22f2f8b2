"""smtpd_mail - MAIL and RCPT: their addresses and parameters (mail_cmd and rcpt_cmd in smtpd.c)."""

from __future__ import annotations

import re

from harness.gateway.dsn import NOTHING_SAID, NOTIFY, Wanted, decode_xtext, parse_notify, parse_original
from harness.gateway.resolve import Routes
from harness.gateway.smtpd import BAD_RECIPIENT, Smtpd
from harness.gateway.smtpd_xforward import forwarded
from harness.smtp.address import parse_path
from harness.smtp.command import Command
from harness.smtp.reply import Reply, reply

_SENDER_OK = reply(250, "2.1.0", "Ok")
_RECIPIENT_OK = reply(250, "2.1.5", "Ok")
_LARGEST = 2**63 - 1  # that an off_t can hold
_NO_DSN = reply(501, "5.7.1", "DSN support is disabled")
_BAD_SENDER = reply(501, "5.1.7", "Bad sender address syntax")


async def mail(smtpd: Smtpd, command: Command, routes: Routes) -> Reply | None:
    """MAIL FROM:<address> [parameters]."""
    s, settings, words = smtpd.s, smtpd.settings, command.words
    s.phase, s.smtputf8 = "mail", False  # also by a MAIL that comes out of turn
    if settings.helo_required and s.helo_name is None:
        return reply(503, "5.5.1", "Error: send HELO/EHLO first")
    if s.sender is not None:
        return reply(503, "5.5.1", "Error: nested MAIL command")
    if smtpd.chunking:
        return reply(503, "5.5.1", "Error: MAIL after BDAT")
    if len(words) < 3 or words[1].lower() != "from:":
        return reply(501, "5.5.4", "Syntax: MAIL FROM:<address>")
    if smtpd.too_much("mail"):
        return reply(450, "4.7.1", f"Error: too much mail from {s.client.address}")
    if 2 in command.unclosed:
        return _BAD_SENDER
    path = parse_path(words[2], settings.strict_rfc821_envelopes)
    if path.mailbox is None:
        smtpd.illegal("MAIL", words[2])
        return _BAD_SENDER
    if path.mailbox and routes.resolve(path.mailbox).bad:
        return _BAD_SENDER
    if (wrong := _mail_parameters(smtpd, words[3:])) is not None:
        return wrong  # and what was said before stays said
    s.sender = smtpd.policy.known.as_configured(path.mailbox)
    decision = smtpd.policy.size(s, s.message_size)
    if decision.reply is not None or decision.hang_up:
        s.sender = None  # and nothing else: mail_cmd() forgets to reset the rest
        return smtpd.refusal(decision)
    decision = await smtpd.policy.mail(s)
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
    if smtpd.chunking:
        return reply(503, "5.5.1", "Error: RCPT after BDAT")
    if len(words) < 3 or words[1].lower() != "to:":
        return reply(501, "5.5.4", "Syntax: RCPT TO:<address>")
    if smtpd.too_much("recipient"):
        return reply(450, "4.7.1", f"Error: too many recipients from {s.client.address}")
    if 2 in command.unclosed:
        return BAD_RECIPIENT
    path = parse_path(words[2], settings.strict_rfc821_envelopes)
    if not path.mailbox:
        smtpd.illegal("RCPT", words[2])
        return BAD_RECIPIENT
    if routes.resolve(path.mailbox).bad:
        return BAD_RECIPIENT
    wanted = _rcpt_parameters(smtpd, words[3:])
    if isinstance(wanted, Reply):
        return wanted
    if settings.recipient_limit and len(s.recipients) >= settings.recipient_limit:
        if s.overshoot < settings.recipient_overshoot_limit:
            smtpd.excused = True  # rcpt_cmd() in smtpd.c
        s.overshoot += 1
        return reply(452, "4.5.3", "Error: too many recipients")
    mailbox = s.recipient = smtpd.policy.known.as_configured(path.mailbox)
    decision = await smtpd.policy.rcpt(s)
    s.recipient = None
    if decision.reply is not None or decision.hang_up:
        return smtpd.refusal(decision)
    if not s.queue_id:
        s.queue_id = smtpd.services.new_id()
        login = f", sasl_method={s.sasl_method}, sasl_username={s.sasl_username}" if s.sasl_username else ""
        smtpd.log.line("smtpd", s.number, f"{s.queue_id}: client={s.client.namaddr}{login}{forwarded(s)}")
    s.recipients.append(mailbox)
    s.said.append(wanted)
    s.written.append(words[2].removeprefix("<").removesuffix(">"))
    if wanted != NOTHING_SAID:
        s.wanted.setdefault(mailbox, wanted)
    return _RECIPIENT_OK


def _rcpt_parameters(smtpd: Smtpd, words: tuple[str, ...]) -> Wanted | Reply:
    """NOTIFY and ORCPT, each at most once; or the reply to what is wrong with them."""
    notify: tuple[str, ...] = ()
    original = ""
    for word in words:
        name, equals, value = word.partition("=")
        match name.upper(), bool(equals):
            case "NOTIFY" | "ORCPT", True if "DSN" in smtpd.settings.discard_keywords:
                return _NO_DSN
            case "NOTIFY", True:
                for event in set(re.split("[, ]+", value)) - {""}:
                    if event.upper() not in NOTIFY:
                        smtpd.warn(f'unknown DSN NOTIFY command value "{event}" in "{value}"')
                events = parse_notify(value)
                if events is None or notify:
                    return reply(501, "5.5.4", "Error: Bad NOTIFY parameter syntax")
                notify = events
            case "ORCPT", True:
                meant = parse_original(value)
                if meant is None or original:
                    return reply(501, "5.5.4", "Error: Bad ORCPT parameter syntax")
                original = meant
            case _:
                return reply(555, "5.5.4", f"Unsupported option: {word}")
    return Wanted(notify, original) if notify or original else NOTHING_SAID


def _mail_parameters(smtpd: Smtpd, words: tuple[str, ...]) -> Reply | None:
    """Take in SIZE, BODY, RET, ENVID and SMTPUTF8; the reply to what is wrong with them, if anything is.

    A SIZE that was too much is not forgotten until the transaction is reset (mail_reset).
    """
    s = smtpd.s
    s.returned = s.envelope_id = ""
    said_auth = False
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
                if (size := int(value)) > _LARGEST:
                    return reply(552, "5.3.4", "Message size exceeds file system imposed limit")
                s.message_size = size
            case "RET" | "ENVID", True if "DSN" in smtpd.settings.discard_keywords:
                return _NO_DSN
            case "RET", True:
                if value.upper() not in ("FULL", "HDRS") or s.returned:
                    return reply(501, "5.5.4", "Bad RET parameter syntax")
                s.returned = value.upper()
            case "ENVID", True:
                decoded = decode_xtext(value)
                if not decoded or not decoded.isprintable() or s.envelope_id:
                    return reply(501, "5.5.4", "Bad ENVID parameter syntax")
                s.envelope_id = decoded
            case "AUTH", True:  # who is not logged in is not believed, whatever he says (RFC 4954 5)
                if said_auth:
                    return reply(503, "5.5.4", "Error: multiple AUTH= options")
                said_auth = value != "<>"
            case "SMTPUTF8", False if smtpd.settings.smtputf8 and "SMTPUTF8" not in smtpd.settings.discard_keywords:
                s.smtputf8 = True
            case _:
                return reply(555, "5.5.4", f"Unsupported option: {word}")
    return None
