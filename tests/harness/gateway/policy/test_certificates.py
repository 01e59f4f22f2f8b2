"""The argument of check_ccert_access in braces."""

from __future__ import annotations

import pytest

from harness.gateway.policy.certificates import split_spec


@pytest.mark.parametrize(
    ("spec", "table", "order"),
    [
        ("{ hash:/x }", "hash:/x", (0, 1)),
        ("{ hash:/x, { search_order = pubkey_fingerprint } }", "hash:/x", (1,)),
        ("{ inline:{a=b} { search_order = pubkey_fingerprint, cert_fingerprint } }", "inline:{a=b}", (1, 0)),
    ],
)
def test_table_and_order(spec, table, order):
    assert split_spec(spec) == (table, order)


@pytest.mark.parametrize("spec", ["{", "{ }", "{ hash:/x { search_order = shoe_size } }"])
def test_mistakes(spec):
    with pytest.raises(ValueError):
        split_spec(spec)
