"""dns: a long list is measured by the time to its first answer and by the memory it fills."""

from __future__ import annotations

import os

import pytest

from harness.bench.benchmarks import dns


def test_a_list_that_fills_too_much_is_a_miss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "_MANY", 1000)
    monkeypatch.setattr(dns, "ROUNDS", 1)
    assert dns.dns_million().failed == ""
    monkeypatch.setattr(dns, "_MOST_MIB", 1)
    figure = dns.dns_million()
    assert figure.failed.startswith("it fills ") and not figure.met


def test_memory_is_the_most_a_process_ever_had() -> None:
    assert 5 < dns._mebibytes(os.getpid()) < 5000
