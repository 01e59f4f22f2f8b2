"""scripts: texts that Windows runs, and texts that only speak of them."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from harness.corpus.payload import payloads
from harness.gateway.content.finding import Finding

Look = Callable[..., list[Finding]]


def attached(name: str, data: bytes, type: str = "application/octet-stream") -> bytes:
    head = f'Content-Type: {type}; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    return head.encode() + base64.encodebytes(data)


@pytest.mark.parametrize(
    ("word", "found"),
    [("script_js", "Script.Windows"), ("script_vbs", "Script.Windows"), ("script_hta", "Script.Windows"), ("script_reg", "Script.Registry"),
     ("url_file", "Link.Shortcut"), ("url_web", ""), ("scf_command", "Link.ShellCommand"), ("note", "")],
)  # fmt: skip
def test_known_by_what_they_do(look: Look, word: str, found: str) -> None:
    assert [finding.name for finding in look(attached("letter.bin", payloads[word]()))] == ([found] if found else [])


@pytest.mark.parametrize("name", ["notes.txt", "server.log", "README.md"])
def test_what_is_called_a_text_is_read_and_not_run(look: Look, name: str) -> None:
    assert not look(attached(name, payloads["script_js"]()))


def test_a_letter_may_speak_of_anything(look: Look) -> None:
    assert not look(b"Subject: x\n\ntype powershell -enc AAAA and new ActiveXObject(1)\n")


def test_a_script_in_two_bytes_a_character(look: Look) -> None:
    (finding,) = look(attached("letter.bin", payloads["script_vbs"]().decode().encode("utf-16")))
    assert (finding.name, finding.path) == ("Script.Windows", "part0001:letter.bin/utf-8")


def test_a_script_is_found_behind_any_filling(look: Look) -> None:
    filling = b"' a comment of no use\r\n" * 40_000
    assert "Script.Windows" in [one.name for one in look(attached("letter.bin", filling + payloads["script_vbs"]()))]
    assert not look(attached("letter.bin", filling))
