"""main.cf against postconf(1): values as they are written (`-n`), and as they are expanded (`-x`)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import ConfigError
from harness.gateway.lines import decode, encode
from harness.gateway.maillog import printable
from harness.gateway.settings import Settings

pytestmark = pytest.mark.witness

_OF_POSTCONF = "warning: main.cf: "  # it looks for tables in values
NAMES = ("smtpd_banner", "relay_transport", "header_checks", "body_checks", "relay_domains", "milter_header_checks")

_PIECE = st.sampled_from(
    ["a", " ", "b c", "$$", "$", "$header_checks", "$body_checks,", "${header_checks}", "$(body_checks)", "${relay_domains?x}",
     "${relay_domains:y}", "${header_checks?{x}:{y}}", "${milter_header_checks?{x}:{y z}}", "${milter_header_checks:none}", "${body_checks?{ x }}",
     "${header_checks? x:y }", "${nosuch_thing}", "${nosuch_thing:{d}}", "$nosuch_thing.", "${{a} == {a}?{same}:{other}}", "${{$header_checks} != {a}?{n}}",
     "${{2} < {10} ? {number} : {text}}", "${{a} >= {b}?{x}:{y}}", "${{3.6} <level {3.10}?{older}:{newer}}", "${{$compatibility_level} >=level {2}?{new}:{old}}",
     "${{3.6} ==level {3.6.0}?{=}:{!}}", "${", "${a", "$(b", "${}", "$()", "${a b}", "${{a} = {b}?{x}}", "{", "}", "{x}", "${ header_checks }", "#", "=", "\t",
     "${header_checks?{x}:y}", "${header_checks?{x} {y}}", "${relay_domains?$header_checks}", "${{01} == {1}?{x}:{y}}", "$9",
     "${header_checks?}", "${header_checks:}", "\\", '"']
)  # fmt: skip


def _valued(names: tuple[str, ...], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(names), st.sampled_from([" = ", "=", " =", "\t=\t"]), values).map("".join)


# A value may name others, but none of them names it: two names that double each other keep Postfix busy for ever.
_LINE = st.one_of(
    _valued(NAMES[:2], st.lists(_PIECE, max_size=4).map("".join)),
    _valued(NAMES[:2], st.lists(_PIECE, max_size=4).map("".join)),
    _valued(NAMES[2:5], st.lists(st.sampled_from(["a", " ", "x y", "$$", "${milter_header_checks:z}", "3", "é", "#"]), max_size=4).map("".join)),
    st.sampled_from(["", "   ", "# comment", "  # comment", " continued", "\tand $$", "  b = c", "no equals sign",
                     "= no name", "unknown_thing = x", "smtpd_banner =", "Smtpd_banner = other case"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("postconf") is None:
        pytest.skip("postconf is not installed (Debian: postfix)")
    made = tmp_path_factory.mktemp("main_cf")
    (made / "master.cf").write_text("")
    return made


def postconf(directory: Path, *arguments: str) -> tuple[dict[str, str], list[str]]:
    """Values by name, and what it complains about; of its own, that a name is not used, it does."""
    done = subprocess.run(["postconf", "-c", str(directory), *arguments], capture_output=True, timeout=20)
    values = dict(line.partition(" =")[::2] for line in decode(done.stdout).split("\n") if line)
    said = [line.partition("postconf: ")[2] for line in decode(done.stderr).split("\n") if line]
    shown = {name: value.removeprefix(" ") for name, value in values.items()}
    return shown, [line for line in said if "unused parameter" not in line and "undefined parameter" not in line]


@settings(deadline=None, max_examples=60)
@given(lines=st.lists(_LINE, min_size=1, max_size=6))
def test_values_are_read_and_expanded_as_postconf_does(directory: Path, lines: list[str]) -> None:
    path = directory / "main.cf"
    path.write_bytes(encode("".join(f"{line}\n" for line in ("compatibility_level = 3.6", *lines))))
    os.utime(path, (path.stat().st_mtime - 60,) * 2)  # or postconf waits until it is 2 s old
    written, complained = postconf(directory, "-n", *NAMES)
    try:
        ours = Settings.load(directory)
        found = {name: ours.raw(name) for name in NAMES if ours.defined(name)}
    except ConfigError as error:
        complained += postconf(directory, "-x", *NAMES)[1]  # where a macro that does not end is found
        assert any(line.startswith("fatal: ") for line in complained)
        reason = printable(error.what.partition(": ")[2] or error.what) if error.what.startswith(NAMES) else error.what
        first = sum(name in "".join(lines) for name in NAMES[:2])  # of two that are wrong each tells another one first
        assert first == 2 or any(reason.partition(': "')[0] in line for line in complained)
        return
    assert not any("fatal" in line for line in complained)
    assert found == written or _spaced(found) == _spaced(written)
    expanded, complained = postconf(directory, "-x", *NAMES)
    assert _spaced({name: ours.text(name) for name in NAMES}) == _spaced(expanded)
    said = [f"warning: {printable(line)}".replace("/etc/postfix", str(directory)) for line in ours.warnings]
    said = [line for line in said if "unused parameter" not in line]
    assert [line for line in complained if not line.startswith(_OF_POSTCONF)] == said


def _spaced(values: dict[str, str]) -> dict[str, str]:
    """It prints any white space as a blank."""
    return {name: " ".join(value.split()) for name, value in values.items()}
