"""mail - draw the contents of mails: headers and bodies, in every shape, that the checks of the grammar look for."""

from __future__ import annotations

from harness.fuzz.draw import Draw, chance, many, pick, several

_HEADERS = (
    b"Subject: hello there", b"Subject: big SALE today", b"Subject:\r\n folded hello", b"Subject : spaced sale",
    b"From: <somebody@ok.test>", b"To: user@gw.test", b"X-Spam: yes", b"X-Spam: " + b"y" * 150,
    b"Received: from a by b; Mon, 1 Jan 2001 00:00:00 +0000", b"Date: Mon, 1 Jan 2001 00:00:00 +0000",
    b"Message-Id: <one@ok.test>", b"X-Eight: caf\xc3\xa9", b"X-Long: a\r\n b\r\n\tc\r\n d",
    b"Delivered-To: user@gw.test",
    b"Return-Path: <x@y>", b"Bcc: hidden@gw.test", b"X-Empty:", b"MIME-Version: 1.0", b"Received: from c by d",
    b"Resent-From: <again@ok.test>", b"Content-Length: 5", b"Errors-To: x@ok.test", b"From: user",
    b'Cc: "A B" <info@gw.test>, user (of news), x@news.ok.test', b"Reply-To: grp: user, a.b@box.test;, no-one",
)  # fmt: skip
_LINES = (
    b"just a line", b"a secret word", b"", b"..dot", b".hidden dot", b"caf\xc3\xa9", b"begin 644 a.exe", b"x" * 120,
    b"--cut", b"From nobody", b" indented", b"tab\there", b"http://two.test/", b"attach.exe",
)  # fmt: skip
_TYPES = (
    b"Content-Type: text/plain", b'Content-Type: text/plain; charset=utf-8; name="a.exe"',
    b"Content-Type: multipart/mixed; boundary=cut",
    b'Content-Type: multipart/mixed;\r\n boundary="cut"', b"Content-Type: message/rfc822",
    b"Content-Type: multipart/digest; boundary=cut", b"Content-Type: application/octet-stream; name=x.exe",
)  # fmt: skip
_ENCODINGS = (b"7bit", b"8bit", b"base64", b"quoted-printable", b"binary", b"odd")


def draw_mail(draw: Draw) -> bytes:
    """A content as it goes after DATA, without its final dot: dot-stuffed, most of it well-formed."""
    if chance(draw, 4):
        return pick(
            draw, (b"", b"\r\n", b"no header here\r\nand more\r\n", b"\r\nonly a body\r\n", b" starts indented\r\n")
        )
    head = several(draw, _HEADERS, 1, 5)
    multipart = chance(draw, 30)
    if multipart:
        head.append(pick(draw, _TYPES))
        if chance(draw, 25):
            head.append(b"Content-Transfer-Encoding: " + pick(draw, _ENCODINGS))
    if chance(draw, 5):
        head.append(b"not a header line")
    body = _lines(draw)
    if chance(draw, 2):  # more than the small message_size_limit; in between, the rest of a queue file would decide
        body += [b"z" * 70] * 700
    if multipart:
        for _ in range(many(draw, 0, 2)):
            body += [b"--cut", *_part(draw)]
        if chance(draw, 70):
            body += [b"--cut--", *_lines(draw)]
    text = b"\r\n".join([*head, b"", *body]) + b"\r\n"
    text = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in text.split(b"\r\n"))
    return _bent(draw, text) if chance(draw, 6) else text


def _bent(draw: Draw, text: bytes) -> bytes:
    """The text with some of its line ends not as they should be, but its last one."""
    *lines, last = text.split(b"\r\n")[:-1]
    ends = [pick(draw, (b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r\r\n", b"\r", b"\0\r\n")) for _ in lines]
    return b"".join(line + end for line, end in zip(lines, ends, strict=True)) + last + b"\r\n"


def _part(draw: Draw) -> list[bytes]:
    head = [pick(draw, _TYPES)] if chance(draw, 70) else []
    if chance(draw, 25):
        head.append(b"Content-Transfer-Encoding: " + pick(draw, _ENCODINGS))
    if chance(draw, 25):
        head.append(b"Content-Disposition: attachment; filename=x.exe")
    inner = [b"Subject: inner hello", b"X-Spam: inner", b""] if chance(draw, 25) else []
    return [*head, b"", *inner, *_lines(draw)]


def _lines(draw: Draw) -> list[bytes]:
    return [pick(draw, _LINES) for _ in range(many(draw, 0, 4))]
