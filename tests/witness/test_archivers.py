"""Archives that the real packers write - arj, lha, 7z, zip - are taken apart byte for byte, or told when encrypted."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.gateway.content.archive import Member, Trouble, formats
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.part import Part

pytestmark = pytest.mark.witness

CONTENT = random.Random(2003).randbytes(3000) + b"a text that repeats itself, as texts do, " * 3000


def taken_apart(path: Path) -> tuple[dict[str, bytes], list[str]]:
    part = Part("p", path.read_bytes(), (path.name,))
    files: dict[str, bytes] = {}
    troubles: list[str] = []
    for _, archive in formats():
        if archive.recognises(part):
            for thing in archive.members(part, Budget(Limits(), lambda: 0.0)):
                if isinstance(thing, Member):
                    files[thing.name] = thing.data
                elif isinstance(thing, Trouble):
                    troubles.append(thing.name)
    return files, troubles


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "file.bin").write_bytes(CONTENT)
    return tmp_path


def run(pack: Path, *command: str) -> Path:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    subprocess.run(command, cwd=pack, check=True, capture_output=True)
    return next(path for path in pack.iterdir() if path.name != "file.bin")


@pytest.mark.parametrize(
    "command",
    [("arj", "a", "-m1", "x.arj", "file.bin"), ("arj", "a", "-m2", "x.arj", "file.bin"), ("arj", "a", "-m3", "x.arj", "file.bin"),
     ("7z", "a", "x.7z", "file.bin"), ("7z", "a", "-m0=PPMd", "x.7z", "file.bin"), ("7z", "a", "-m0=BZip2", "x.7z", "file.bin"),
     ("7z", "a", "-tzip", "-mm=Deflate64", "x.zip", "file.bin"), ("7z", "a", "-tzip", "-mm=LZMA", "x.zip", "file.bin"),
     ("7z", "a", "-tzip", "-mm=BZip2", "x.zip", "file.bin")],
    ids=" ".join,
)  # fmt: skip
def test_every_method_gives_the_file_back(pack: Path, command: tuple[str, ...]) -> None:
    files, troubles = taken_apart(run(pack, *command))
    assert files == {"file.bin": CONTENT} and not troubles


@pytest.mark.parametrize(
    ("command", "told"),
    [(("7z", "a", "-psecret", "x.7z", "file.bin"), "Encrypted.7z"), (("7z", "a", "-psecret", "-mhe=on", "x.7z", "file.bin"), "Encrypted.7z"),
     (("7z", "a", "-tzip", "-psecret", "-mem=AES256", "x.zip", "file.bin"), "Encrypted.Zip"),
     (("7z", "a", "-tzip", "-psecret", "x.zip", "file.bin"), "Encrypted.Zip"), (("arj", "a", "-gsecret", "x.arj", "file.bin"), "Encrypted.Arj"),
     (("7z", "a", "-tzip", "-mm=PPMd", "x.zip", "file.bin"), "Method98.Zip"), (("arj", "a", "-m4", "x.arj", "file.bin"), "Method4.Arj")],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_is_told(pack: Path, command: tuple[str, ...], told: str) -> None:
    files, troubles = taken_apart(run(pack, *command))
    assert not files and told in troubles
