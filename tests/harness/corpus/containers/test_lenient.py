"""lenient: whatever is put into one of them comes out again, by the engine and, where there is one, by another reader."""

from __future__ import annotations

import ast
import asyncio
import base64
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from harness.corpus.container import containers
from harness.corpus.containers import lenient
from harness.corpus.payload import eicar
from harness.gateway.content.budget import Budget, Limits
from harness.gateway.content.scanner import ScanContext
from harness.gateway.content.search import search
from harness.gateway.content.signature_store import EICAR_NAME, SignatureStore
from harness.gateway.rule import default_rule

TREE = ast.parse(Path(lenient.__file__).read_text("utf-8"))
WORDS = [
    decorator.args[0].value
    for node in TREE.body
    if isinstance(node, ast.FunctionDef)
    for decorator in node.decorator_list
    if isinstance(decorator, ast.Call) and isinstance(decorator.args[0], ast.Constant)
]
FILE = ("a.txt", b"some text in a file " * 40)


@pytest.mark.parametrize("word", WORDS)
def test_the_engine_takes_the_file_out_of_it(word: str) -> None:
    name, data = containers[word](("letter.doc", eicar()))
    head = f"Content-Type: application/x; name={name}\nContent-Transfer-Encoding: base64\n\n".encode()
    context = ScanContext(SignatureStore(), frozenset(), default_rule("banned"))
    budget = Budget(Limits(), lambda: 0.0)
    seen = asyncio.run(search(head + base64.encodebytes(data), budget, {(True, frozenset()): context}))
    assert EICAR_NAME in [finding.name for finding in seen.scans[True, frozenset()]]
    assert containers[word](FILE) == containers[word](FILE)


def test_other_readers_take_the_file_out_of_it() -> None:
    with zipfile.ZipFile(io.BytesIO(containers["zip64"](FILE)[1])) as archive:
        assert archive.read("a.txt") == FILE[1]
    for word, lenient_too in (("old_tar", False), ("behind_tar", True)):
        with tarfile.open(fileobj=io.BytesIO(containers[word](FILE)[1]), ignore_zeros=lenient_too) as archive_of_unix:
            member = archive_of_unix.extractfile("a.txt")
            assert member is not None and member.read() == FILE[1]
    assert base64.b64decode(json.loads(containers["json"](FILE)[1])["content"]) == FILE[1]
