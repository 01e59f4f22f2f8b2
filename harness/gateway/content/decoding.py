"""decoding - every reading of an encoded body: mail programs differ on broken base64, so all of theirs are examined."""

from __future__ import annotations

import binascii
import re
from contextlib import suppress

from harness.gateway.mime_decode import IDENTITY, UUENCODE, decode_base64, decode_body

_KNOWN = IDENTITY | UUENCODE | {"base64", "quoted-printable"}
_NOT_BASE64_LINE = re.compile(rb"^(?![A-Za-z0-9+/= \t\r]*$).", re.MULTILINE)


def readings_of(body: bytes, encodings: tuple[str, ...]) -> tuple[list[bytes], list[str]]:
    """(every reading of the body, the likeliest first; the names of what is wrong with its encoding).

    `encodings` are the distinct Content-Transfer-Encodings of its header, in lower case; none is 7bit.
    Never raises.
    """
    readings: list[bytes] = []
    wrong = ["Mime.TwoEncodings"] if len(encodings) > 1 else []
    for encoding in encodings or ("",):
        for reading, trouble in _readings(body, encoding):
            if reading not in readings:
                readings.append(reading)
            if trouble and trouble not in wrong:
                wrong.append(trouble)
    return readings, wrong


def _readings(body: bytes, encoding: str) -> list[tuple[bytes, str]]:
    if encoding not in _KNOWN:
        # Some programs show such a body as it is, some try what it may have meant.
        guesses = (decode_base64(body).data, decode_body(body, "quoted-printable").data)
        return [(body, "Mime.UnknownEncoding"), *((guess, "") for guess in guesses)]
    decoded = decode_body(body, encoding)
    found = [(decoded.data, "")]
    if encoding == "base64" and decoded.defects:
        if "base64 goes on after its padding" in decoded.defects:
            # One program stops at the first padding, another decodes on behind it.
            found[0] = (decoded.data, "Mime.Base64Padding")
            with suppress(binascii.Error):
                found.append((binascii.a2b_base64(body), ""))
        if "foreign characters in base64" in decoded.defects and (line := _NOT_BASE64_LINE.search(body)):
            # A text before the code, or behind it (a list's footer): without it the code reads otherwise.
            found.append((decode_base64(body[: line.start()]).data, ""))
            found.append((decode_base64(_after(body)).data, ""))
    return found


def _after(body: bytes) -> bytes:
    """What stands behind the last line that is no base64."""
    end = 0
    for match in _NOT_BASE64_LINE.finditer(body):
        end = body.find(b"\n", match.start()) + 1 or len(body)
    return body[end:]
