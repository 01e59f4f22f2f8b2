"""signature_files: ClamAV's text formats, and every mistake with file and line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.gateway.content.signature_files import SignatureFiles, read_signature_files

MD5, SHA1, SHA256 = (hashlib.new(kind, b"virus").hexdigest() for kind in ("md5", "sha1", "sha256"))


def read(tmp_path: Path, **files: str) -> SignatureFiles:
    for name, text in files.items():
        (tmp_path / name.replace("__", ".")).write_text(text)
    return read_signature_files(tmp_path, "rav/signatures")


def test_every_format_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        a__ndb="# a comment\nTest.A:0:*:616263\nTest.B:1:EP+0,4:9090??91:73:99\n",
        b__hdb=f"{MD5}:5:Test.C\n",
        c__hsb=f"{SHA1}:5:Test.D\n{SHA256}:*:Test.E:73\n",
        d__fp=f"{MD5}:5:good\n",
        e__ign2="Test.A\n",
        f__txt="Test.F:html:*:3c62\nTest.F:clean:*:20\nTest.F:flag:*:forges_sender\n",
        g__yar='rule Test_G { strings: $a = "xyz" condition: $a }\n',
        README="not a signature file",
    )
    assert [(one.name, one.target, one.rule.line) for one in found.patterns] == [
        ("Test.A", "any", 2),
        ("Test.B", "pe", 3),
        ("Test.F", "html", 1),
    ]
    assert found.digests[5] == {MD5: ("Test.C", found.digests[5][MD5][1]), SHA1: ("Test.D", found.digests[5][SHA1][1])}
    assert found.digests[None][SHA256][0] == "Test.E" and found.good[5][MD5][0] == "good"
    assert found.ignored == {"Test.A"} and found.recipes == {"Test.F": b" "} and found.forging == {"Test.F"}
    assert found.yara is not None and found.newest > 0


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.ndb", "Test.A:0:*:616263\n\nTest.B:0:*:zz\n", r"rav/signatures/a.ndb:3: bad signature: neither hexadecimal"),
        ("a.ndb", "Test.A:99:*:6162\n", r"a.ndb:1: bad signature: unknown target '99'"),
        ("a.ndb", "Test.A:0:6162\n", r"a.ndb:1: bad signature: NAME:TARGET:OFFSET:HEX wanted, 3 fields found"),
        ("a.ndb", "Test.A:0:EFO-3:6162\n", r"a.ndb:1: bad signature: unknown offset 'EFO-3'"),
        ("a.hdb", "123:4:x\n", r"a.hdb:1: bad signature: a SHA-256 digest"),
        ("a.hdb", f"{MD5}:many:x\n", r"a.hdb:1: bad signature: the size is"),
        ("a.hsb", f"{SHA1}\n", r"a.hsb:1: bad signature: DIGEST:SIZE:NAME wanted"),
        ("a.txt", "X:htlm:*:6162\n", r"a.txt:1: bad signature: unknown type 'htlm'; did you mean 'html'"),
        ("a.txt", "X:clean:*:6162\n", r"a recipe for 'X', but no pattern of that name"),
        ("a.txt", "X:flag:*:forges\n", r"unknown flag 'forges'; did you mean 'forges_sender'"),
        ("a.nbd", "", r"rav/signatures/a.nbd: no signature file; did you mean '.ndb'"),
        ("a.yar", "rule a { condition: true }\nrule b {\n condition: nothing_such }\n", r"rav/signatures/a.yar:3: bad rule: unknown identifier"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        read_signature_files(tmp_path, "rav/signatures")


def test_a_directory_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert not read_signature_files(tmp_path / "none", "x").patterns
