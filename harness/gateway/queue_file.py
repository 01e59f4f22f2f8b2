"""queue_file - how large the queue file of a mail is with Postfix: message_size_limit counts it, envelope included.

A record is a type, a length of one octet for each seven bits, and the data (record(3)).  smtpd writes who the client
is, twice, then sender and recipients; cleanup the content, line by line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.gateway.dsn import NOTHING_SAID
from harness.gateway.session import Session
from harness.smtp.address import quote_address

_SIZES = 95  # the first record: six numbers of fifteen digits
_TIME = 17  # seconds and microseconds
_ENDS = 3 * 2  # M, X and E, which hold nothing
_MOST_PER_OCTET = 3  # an empty line is one octet here and two there
_MOST_AROUND = 4096  # of an envelope of one recipient, at the longest that names are


def is_too_large(session: Session, recipients: Sequence[str], data: bytes, limit: int, line_limit: int) -> bool:
    """Whether the queue file would grow past `limit` (0: there is none); `data` is what cleanup made, LF line ends."""
    if not limit or len(data) * _MOST_PER_OCTET + _MOST_AROUND * (1 + len(recipients)) <= limit:
        return False
    return envelope_size(session, recipients) + content_size(data, line_limit) > limit


def content_size(data: bytes, line_limit: int) -> int:
    """The records of the content: a line each, or pieces of `line_limit` octets of a longer one."""
    size = 0
    for line in data.removesuffix(b"\n").split(b"\n"):
        whole, rest = divmod(len(line), line_limit)
        size += whole * _record(line_limit) + _record(rest)
    return size


def envelope_size(session: Session, recipients: Sequence[str]) -> int:
    """All the other records."""
    texts = [*_of_mail(session), *_of_client(session)]
    for recipient in recipients:
        wanted = session.wanted.get(recipient, NOTHING_SAID)
        address = quote_address(recipient)
        if wanted.notify:
            texts.append("dsn_notify=1")
        texts += [f"dsn_orig_rcpt={wanted.original or f'rfc822;{address}'}", address, address]
    return (
        _record(_SIZES)
        + _record(_TIME)
        + _ENDS
        + sum(_record(len(text.encode("utf-8", "surrogateescape"))) for text in texts)
    )


def _of_mail(session: Session) -> Iterator[str]:
    yield "create_time=1795880564"
    yield f"log_ident={session.queue_id}"
    yield "rewrite_context=remote"
    if session.sasl_username:
        yield f"sasl_method={session.sasl_method}"
        yield f"sasl_username={session.sasl_username}"
    if session.envelope_id:
        yield f"envelope_id={session.envelope_id}"
    if session.returned:
        yield "ret_flags=1"
    yield quote_address(session.sender or "")
    if session.body_type:
        encoding = "encoding=8bit" if session.body_type == "8BITMIME" else "encoding=7bit"
        yield encoding
        yield encoding  # cleanup writes it once more, at the end
    if session.smtputf8:
        yield "smtputf8=1"


def _of_client(session: Session) -> Iterator[str]:
    client = session.client
    name, port, helo = client.name, client.port, session.helo_name or ""
    yield f"log_client_name={name}"
    yield f"log_client_address={f'IPv6:{client.address}' if ':' in client.address else client.address}"
    yield f"log_client_port={port}"
    yield f"log_message_origin={client.namaddr}"
    if helo:
        yield f"log_helo_name={helo}"
    yield f"log_protocol_name={session.protocol}"
    yield f"client_name={name}"
    yield f"reverse_client_name={client.reverse_name}"
    yield f"client_address={client.address}"
    yield f"client_port={port}"
    yield f"server_address={session.server_address or '127.0.0.1'}"
    yield f"server_port={session.server_port or '10025'}"
    if helo:
        yield f"helo_name={helo}"
    yield f"protocol_name={session.protocol}"
    yield f"client_address_type={'10' if ':' in client.address else '2'}"  # AF_INET6, AF_INET


def _record(length: int) -> int:
    return 1 + max(1, -(-length.bit_length() // 7)) + length
