"""secure_mail: signed content is read, encrypted content is told; OpenSSL is the witness."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.payload import eicar
from harness.gateway.content.archive import Member, Trouble, archives
from harness.gateway.content.archives import secure_mail
from harness.gateway.content.archives.secure_mail import octets
from harness.gateway.content.finding import Finding
from harness.gateway.content.part import Part

Look = Callable[..., list[Finding]]
TakeApart = Callable[..., list[Member | Trouble]]


@pytest.fixture
def key(tmp_path: Path) -> list[str]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=x",
        "-keyout",
        "k.pem",
        "-out",
        "c.pem",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    return ["openssl", "cms"]


@pytest.mark.parametrize("stream", [[], ["-stream"]])
def test_what_is_signed_is_read_through(key: list[str], tmp_path: Path, look: Look, stream: list[str]) -> None:
    body = b"Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(
        eicar()
    )
    command = [*key, "-sign", "-nodetach", "-binary", "-signer", "c.pem", "-inkey", "k.pem", "-outform", "DER", *stream]
    signed = subprocess.run(command, cwd=tmp_path, input=body, check=True, capture_output=True).stdout
    mail = (
        b"Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(signed)
    )
    assert "Eicar-Test" in [finding.name for finding in look(mail)]


def test_what_is_encrypted_is_not_clean(key: list[str], tmp_path: Path, take_apart: TakeApart) -> None:
    command = [*key, "-encrypt", "-aes256", "-outform", "DER", "c.pem"]
    sealed = subprocess.run(command, cwd=tmp_path, input=b"hello", check=True, capture_output=True).stdout
    (trouble,) = take_apart("secure_mail", sealed)
    assert isinstance(trouble, Trouble) and (trouble.cls, trouble.name) == ("unscannable", "Encrypted.Smime")


@pytest.mark.parametrize(
    ("data", "type", "told"),
    [(b"Version: 1", "application/pgp-encrypted", "Encrypted.Pgp"), (b"hello\n-----BEGIN PGP MESSAGE-----\n", "text/plain", "Encrypted.Pgp"),
     (b"no DER at all", "application/pkcs7-mime", "Broken.Smime")],
)  # fmt: skip
def test_others(take_apart: TakeApart, data: bytes, type: str, told: str) -> None:
    assert [thing.name for thing in take_apart("secure_mail", data, type=type)] == [told]


@pytest.mark.parametrize(
    "data", [b"-----BEGIN PGP SIGNATURE-----", b"0 is a number", b"", b"-----BEGIN PGP SIGNED MESSAGE-----"]
)
def test_signatures_beside_a_mail_are_no_matter(data: bytes) -> None:
    assert not archives["secure_mail"].recognises(Part("p", data, (), "application/pgp-signature"))


@given(st.binary(max_size=200))
def test_any_bytes_hold_some_octets_or_none(data: bytes) -> None:
    octets(b"\xa0" + data, 0)


def test_pieces_beyond_counting_are_told(take_apart: TakeApart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secure_mail, "_MOST_PIECES", 4)
    head = b"\x30\x80" + secure_mail._SIGNED + b"\xa0\x80\x30\x80" + bytes(8) + b"\x30\x80" + secure_mail._DATA
    things = take_apart("secure_mail", head + b"\xa0\x80\x24\x80" + b"\x04\x01a" * 9)
    assert [thing.name for thing in things if isinstance(thing, Trouble)] == ["Limits.Smime"]
    assert [thing.data for thing in things if isinstance(thing, Member)] == [b"aaa"]
