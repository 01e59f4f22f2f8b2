"""wrap: what goes into a container comes out of it, and the container is the same at every run."""

from __future__ import annotations

import bz2
import email
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from harness.corpus.wrap import wrap
from harness.errors import ScenarioError

FILE = ("a.txt", b"hello " * 100)


@pytest.mark.parametrize("word", ["zip", "tar", "gzip", "bzip2", "xz", "message", "encrypted_zip"])
def test_a_container_is_the_same_at_every_run(word: str) -> None:
    assert wrap(FILE, [word]) == wrap(FILE, [word])


def test_each_container_gives_its_content_back() -> None:
    name, packed = wrap(FILE, ["zip"])
    assert (name, zipfile.ZipFile(io.BytesIO(packed)).read("a.txt")) == ("a.zip", FILE[1])
    name, packed = wrap(FILE, ["tar"])
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        member = archive.extractfile("a.txt")
        assert name == "a.tar" and member is not None and member.read() == FILE[1]
    assert gzip.decompress(wrap(FILE, ["gzip"])[1]) == FILE[1]
    assert bz2.decompress(wrap(FILE, ["bzip2"])[1]) == FILE[1]
    assert lzma.decompress(wrap(FILE, ["xz"])[1]) == FILE[1]


def test_containers_nest_innermost_first() -> None:
    name, packed = wrap(FILE, ["zip", "gzip"])
    assert name == "a.zip.gz"
    assert zipfile.ZipFile(io.BytesIO(gzip.decompress(packed))).namelist() == ["a.txt"]


def test_a_mail_carries_the_file() -> None:
    name, packed = wrap(FILE, ["message"])
    attachment = email.message_from_bytes(packed).get_payload()[1]
    assert name == "a.eml" and attachment.get_filename() == "a.txt"
    assert attachment.get_payload(decode=True) == FILE[1]


def test_an_encrypted_zip_asks_for_a_password() -> None:
    archive = zipfile.ZipFile(io.BytesIO(wrap(FILE, ["encrypted_zip"])[1]))
    with pytest.raises(RuntimeError, match="password required"):
        archive.read("a.txt")


def test_an_unknown_container_is_told() -> None:
    with pytest.raises(ScenarioError, match="no container 'zpi'; did you mean 'zip'"):
        wrap(FILE, ["zpi"])
