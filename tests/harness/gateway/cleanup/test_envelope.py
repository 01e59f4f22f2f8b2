"""envelope: who a mail is for, what each was called, and what was said of each."""

from pathlib import Path

import pytest

from harness.gateway.cleanup.envelope import Envelope, EnvelopeError
from harness.gateway.cleanup.rewrite import Rewriter
from harness.gateway.dsn import NOTHING_SAID, Wanted
from harness.gateway.resolve import routes
from harness.gateway.settings import Settings

ALIASES = "inline:{{all@x.test = a@x.test b@x.test}, {one@x.test = a@x.test}, {loop@x.test = loop@x.test.x.test}}"


def envelope(directory: Path, *recipients: str, said: tuple[Wanted, ...] = (), **parameters: str) -> Envelope:
    text = "".join(f"{name} = {value}\n" for name, value in parameters.items())
    (directory / "main.cf").write_text(f"myhostname = gw.x.test\nvirtual_alias_maps = {ALIASES}\n{text}")
    settings = Settings.load(directory)
    return Rewriter(settings, lambda: routes(settings)).envelope("s@x.test", recipients, (), said, recipients)


def test_what_a_recipient_was_called_is_kept_each_time(tmp_path: Path) -> None:
    made = envelope(tmp_path, "a@x.test", "one@x.test", "A@x.test")
    assert made.recipients == ("a@x.test", "a@x.test") and made.originals == {"a@x.test": ("a@x.test", "one@x.test")}
    assert envelope(tmp_path, "a@x.test", "one@x.test", enable_original_recipient="no").recipients == ("a@x.test",)


def test_what_was_said_goes_on_to_whom_an_alias_stands_for_but_for_success(tmp_path: Path) -> None:
    made = envelope(tmp_path, "all@x.test", said=(Wanted(("SUCCESS", "FAILURE")),))
    assert made.expanded == ("all@x.test",)
    assert [one.notify for said in made.wanted.values() for one in said] == [
        ("SUCCESS", "FAILURE"), ("FAILURE",), ("FAILURE",),
    ]  # fmt: skip
    assert envelope(tmp_path, "one@x.test", said=(NOTHING_SAID,)).wanted == {}


def test_what_cannot_be_mapped_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EnvelopeError, match="unreasonable virtual_alias_maps result"):
        envelope(tmp_path, "one@x.test", virtual_alias_address_length_limit="3")
