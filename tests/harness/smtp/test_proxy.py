"""proxy: headers of both versions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.smtp.proxy import Header, Malformed, build_v1, build_v2, parse

SOURCE, DESTINATION = ("192.0.2.7", 4711), ("127.0.0.1", 25)


@pytest.mark.parametrize("build", [build_v1, build_v2])
@pytest.mark.parametrize("ends", [(SOURCE, DESTINATION), (("2001:db8::1", 1), ("::1", 2)), (None, None)])
def test_what_is_built_is_understood(build, ends) -> None:  # type: ignore[no-untyped-def]
    wire = build(*ends)
    assert parse(wire + b"EHLO") == Header(*ends, len(wire))
    assert all(parse(wire[:n]) is None for n in range(1, len(wire)))


@pytest.mark.parametrize("data", [b"EHLO a\r\n", b"PROXY TCP4 x y 1 2\r\n", b"PROXY " + b"x" * 200])
def test_anything_else_is_malformed(data: bytes) -> None:
    assert isinstance(parse(data), Malformed)


@given(st.binary(max_size=60))
def test_any_bytes_never_raise(data: bytes) -> None:
    parse(data)
