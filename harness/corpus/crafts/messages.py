"""messages - mails in mails, and the message types whose body is elsewhere (RFC 2046 5.2)."""

from __future__ import annotations

from harness.corpus.craft import HEADER, TEXT, attachment, crafts, encoded, mixed


@crafts.register("five_mails_deep")
def five_mails_deep(content: bytes) -> bytes:
    """message/rfc822 in message/rfc822, five times."""
    mail = mixed(TEXT, attachment(content))
    for level in range(5):
        boundary = b"level%d" % level
        mail = mixed(b"Content-Type: message/rfc822\r\n\r\n" + mail, boundary=boundary)
    return mail


@crafts.register("base64_mail")
def base64_mail(content: bytes) -> bytes:
    """message/rfc822 in base64, which RFC 2046 forbids and clients open."""
    head = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    inner = head + encoded(mixed(TEXT, attachment(content)))
    return mixed(TEXT, inner, boundary=b"outer")


@crafts.register("partial")
def partial(content: bytes) -> bytes:
    """The first of two pieces: the client joins them."""
    kind = b'MIME-Version: 1.0\r\nContent-Type: message/partial; id="x@ok.test"; number=1; total=2\r\n\r\n'
    return HEADER + kind + mixed(TEXT, attachment(content))[:-80]


@crafts.register("external_body")
def external_body(content: bytes) -> bytes:
    """The client fetches the body."""
    part = b"Content-Type: message/external-body; access-type=anon-ftp; site=ok.test; name=x.exe\r\n\r\n"
    return mixed(TEXT, part + b"Content-Type: application/octet-stream\r\n\r\n")


@crafts.register("digest")
def digest(content: bytes) -> bytes:
    """In a digest a part without a header is a mail."""
    mail = mixed(b"\r\n" + mixed(TEXT, attachment(content)), boundary=b"digest")
    return mail.replace(b"multipart/mixed", b"multipart/digest", 1)


@crafts.register("mail_in_a_text")
def mail_in_a_text(content: bytes) -> bytes:
    """A whole MIME message as the text of another, as some bounces and mailing lists send it."""
    return mixed(b"Content-Type: text/plain\r\n\r\n" + mixed(TEXT, attachment(content)), boundary=b"outer")
