"""programs: headers in their places."""

from __future__ import annotations

from harness.corpus.payload import payloads


def test_each_is_what_it_says() -> None:
    assert payloads["pe"]()[128:132] == b"PE\0\0" and b"UPX1" in payloads["pe_packed"]()
    assert payloads["pe_in_pe"]().count(b"PE\0\0") == 2
    assert payloads["lnk"]()[:8] == b"L\0\0\0\x01\x14\x02\0" and payloads["gif"]().startswith(b"GIF89a")
