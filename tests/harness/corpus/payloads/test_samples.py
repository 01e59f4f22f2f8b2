"""samples: each is what its publisher says it is."""

from __future__ import annotations

import hashlib

from harness.corpus.payload import payloads


def test_eicar_is_the_file_that_eicar_publishes() -> None:
    assert hashlib.sha256(payloads["eicar"]()).hexdigest() == (
        "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
    )


def test_gtube_is_its_68_characters() -> None:
    assert len(payloads["gtube"]()) == 68 and payloads["gtube"]().endswith(b"C.34X")


def test_mz_begins_as_a_program_does() -> None:
    assert payloads["mz"]().startswith(b"MZ") and b"PE\0\0" in payloads["mz"]()
