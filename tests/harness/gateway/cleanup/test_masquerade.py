"""masquerade: hosts below a domain are hidden."""

from pathlib import Path

import pytest

from harness.gateway.cleanup.masquerade import Masquerade
from harness.gateway.settings import Settings


@pytest.mark.parametrize(
    ("domains", "address", "becomes"),
    [
        ("gw.test", "a@host.gw.test", "a@gw.test"), ("gw.test", "a@gw.test", "a@gw.test"),
        ("gw.test", "a@HOST.GW.TEST", "a@gw.test"), ("gw.test", "a@xgw.test", "a@xgw.test"),
        ("!in.gw.test gw.test", "a@b.in.gw.test", "a@b.in.gw.test"), ("in.gw.test gw.test", "a@b.in.gw.test", "a@in.gw.test"),
        ("!!gw.test", "a@host.gw.test", "a@gw.test"), ("gw.test", "root@host.gw.test", "root@host.gw.test"),
        ("gw.test", "nobody", "nobody"), ("!", "a@host.gw.test", "a@host.gw.test"),
    ],
)  # fmt: skip
def test_what_becomes_of_an_address(domains: str, address: str, becomes: str, tmp_path: Path) -> None:
    (tmp_path / "main.cf").write_text("masquerade_exceptions = root\n")
    exceptions = Settings.load(tmp_path).string_list("masquerade_exceptions")
    assert Masquerade(domains.split(), exceptions).apply(address) == becomes
