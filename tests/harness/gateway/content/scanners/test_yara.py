"""yara: rules of the signature directory over objects in containers."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from harness.corpus.container import containers
from harness.gateway.content.finding import Finding
from harness.gateway.content.signature_store import load_signatures

Look = Callable[..., list[Finding]]


def test_a_rule_finds_its_bytes_inside_an_archive(look: Look, tmp_path: Path) -> None:
    (tmp_path / "a.yar").write_text('rule Test_Rule { strings: $a = "evil bytes" condition: $a }')
    name, data = containers["zip"](("a.txt", b"some evil bytes"))
    mail = (
        f"Content-Type: application/x; name={name}\nContent-Transfer-Encoding: base64\n\n".encode()
        + base64.encodebytes(data)
    )
    (finding,) = look(mail, load_signatures(tmp_path, "rav/signatures"))
    assert (finding.cls, finding.name, finding.path) == ("infected", "Test_Rule", "part0001:a.zip/a.txt")
    assert str(finding.rule).startswith("rav/signatures/a.yar:1")
