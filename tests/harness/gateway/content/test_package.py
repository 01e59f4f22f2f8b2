"""package: the file behind an icon in a document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.containers.documents import native
from harness.gateway.content.package import native_of, packaged


def test_name_and_file_come_out() -> None:
    assert packaged(native(("a.txt", b"content"))[4:]) == ("a.txt", b"content")


@given(st.binary(max_size=120))
def test_any_bytes_are_no_reason_to_raise(data: bytes) -> None:
    packaged(data)
    packaged(b"\2\0" + data)
    native_of(data)
