"""smtpd_bdat - BDAT: a message in chunks of known length (RFC 3030), as bdat_cmd in smtpd.c takes them.

Whatever is refused, the bytes of its chunk come all the same and must not be taken for commands.  After an error every
further chunk is passed by, until the last one or until the transaction is reset.
"""

from __future__ import annotations

from harness.gateway.smtpd import Smtpd
from harness.gateway.smtpd_lines import no_message_yet
from harness.smtp.command import Command
from harness.smtp.events import ChunkReceived
from harness.smtp.reply import Reply, reply

_MOST = 2**63 - 1  # off_t


async def bdat(smtpd: Smtpd, command: Command) -> Reply | None:
    """The answer to a chunk that is refused; one that is taken is answered when it is there."""
    s, words = smtpd.s, command.words
    if "CHUNKING" in smtpd.settings.discard_keywords:
        return reply(521, "5.5.1", "Error: command not implemented")
    length = _length(words[1]) if len(words) > 1 else -1
    last = len(words) > 2 and words[2].upper() == "LAST"
    who = f"{s.queue_id or 'NOQUEUE'}: {{}} from {s.client.namaddr}"
    if length < 0 or len(words) > 3 or (len(words) == 3 and not last):
        # Nobody knows how much content follows, so none of it can be told from commands.
        smtpd.warn(f"{who.format('malformed BDAT command syntax')}: {' '.join(words)}")
        return reply(521, "5.5.4", "Syntax: BDAT count [LAST]")
    if length == 0 and not last:
        smtpd.warn(who.format("null BDAT request"))
        return _pass_by(smtpd, length, last, reply(551, "5.7.1", "Null BDAT request"))
    if smtpd.chunks_failed:
        return _pass_by(smtpd, length, last, reply(551, "5.0.0", f"Discarded {length} bytes after earlier error"))
    if (wrong := no_message_yet(smtpd.s)) is not None:
        return _pass_by(smtpd, length, last, wrong)
    limit = smtpd.settings.message_size_limit
    if limit and length > limit - smtpd.connection.counted:
        smtpd.warn(f"{who.format('BDAT request')} exceeds message size limit")
        return _pass_by(smtpd, length, last, reply(552, "5.3.4", "Chunk exceeds message size limit"))
    if not smtpd.chunking:
        s.phase = "data"
        decision = await smtpd.policy.data(s)
        if decision.reply is not None or decision.hang_up:
            refused = smtpd.refusal(decision)
            return None if refused is None else _pass_by(smtpd, length, last, refused)
    smtpd.chunking = True
    smtpd.connection.expect_chunk(length, last, limit)
    return None


def chunk_received(smtpd: Smtpd, chunk: ChunkReceived) -> Reply | None:
    """The answer to a chunk that is there; None for one that was answered before."""
    if smtpd.passed_by:
        smtpd.passed_by = False
        return None
    if chunk.bare_newline:
        smtpd.chunks_failed = True
        return smtpd.bare_newline("BDAT content")
    smtpd.went_well("bdat")
    return reply(250, "2.0.0", f"Ok: {chunk.size_bytes} bytes")


def _pass_by(smtpd: Smtpd, length: int, last: bool, answer: Reply) -> Reply:
    """Read the chunk for nothing; the last one ends the transaction."""
    smtpd.reset_due = last
    smtpd.forget_chunks()
    smtpd.chunking = smtpd.chunks_failed = not last
    smtpd.passed_by = True
    smtpd.connection.expect_chunk(length, size_limit=1, unwanted=True)
    return answer


def _length(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        return -1
    length = int(text) if len(text) < 20 else -1
    return length if length <= _MOST else -1
