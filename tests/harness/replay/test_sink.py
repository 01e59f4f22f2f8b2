"""sink: whose mail it is can be read from the topmost Received header."""

from __future__ import annotations

import pytest

from harness.replay.sink import queue_id


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Received: from a\r\n\tby gw (Postfix) with ESMTP id 4F2A1C0D\r\n\tfor <x>; now\r\n\r\n", "4F2A1C0D"),
        (
            b"X: id NOTTHIS1\r\nReceived: by gw id 4F2A1C0D; now\r\nReceived: by b id 999999999; then\r\n\r\n",
            "4F2A1C0D",
        ),
        (b"Subject: x\r\n\r\nReceived: by gw id 4F2A1C0D; now\r\n", ""),
        (b"", ""),
    ],
)
def test_the_queue_id_is_that_of_the_topmost_received(content: bytes, expected: str) -> None:
    assert queue_id(content) == expected
