"""decoding - every reading of an encoded body: mail programs differ on broken base64, so all of theirs are examined."""

from __future__ import annotations

import binascii

from harness.gateway.mime_decode import IDENTITY, UUENCODE, decode_base64, decode_body

_KNOWN = IDENTITY | UUENCODE | {"base64", "quoted-printable"}


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
        # Some programs show such a body as it is, some try base64.
        return [(body, "Mime.UnknownEncoding"), (decode_base64(body).data, "")]
    decoded = decode_body(body, encoding)
    if encoding == "base64" and "base64 goes on after its padding" in decoded.defects:
        # One program stops at the first padding, another decodes on behind it.
        try:
            return [(decoded.data, "Mime.Base64Padding"), (binascii.a2b_base64(body), "")]
        except binascii.Error:
            return [(decoded.data, "Mime.Base64Padding")]
    return [(decoded.data, "")]
