"""Lookup tables against `postmap -q` of a real Postfix: the same answers to the same keys, the same warnings."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.gateway.lines import decode, encode
from harness.gateway.maillog import printable
from harness.gateway.table import TableContext, TableError, open_table

pytestmark = pytest.mark.witness

# Pieces of lines, and of keys; in any order they make more odd tables than anybody would write.
PATTERNS = st.sampled_from(
    ["/a/", "/^a/", "/b$/", "/(a)(b)?/", "/a|b/i", "/A/i", "/./", "/^$/", "!/a/", "!!/a/", "! /b/", "|a/b|", "/a\\/b/", "/(a/", "/[a/", "/a*/m",
     "/a.c/m", "/^c/m", "/a+?/x", "/a b/", "/[[:alpha:]]+$/", "/(.)\\1/", "/a/!/b/", "/a/!!/b/", "/a/i!/B/i", "/a/!/(/", "/é/", "/\\/", "/a/q",
     "/a", "//", "/\\.test$/", "/(.*)@(.*)/", "/^[^@]+@ok\\.test$/", "<a<", "\"a\""]
)  # fmt: skip
OF_PCRE = st.sampled_from(
    ["/a b/x", "/^b/m", "/a.b/s", "/b/A", "/b$/E", "/a+/U", "/a/X", "/a(?=b)/", "/(?<!a)b/", "/(?i)A(?-i)b/", "/\\bab\\b/", "/\\d+/", "/\\x41/",
     "/\\x{41}/", "/\\u/", "/\\U/", "/\\C/", "/\\Qa.b\\E/", "/(?P<n>a)/", "/(?<n>a)b/", "/\\x{e9}/", "/[\\d]/", "/(a+)+$/",
     "/\\h/", "/\\R/", "/\\K/", "/a\\Kb/", "/\\cA/", "/(?#x)a/", "/(*UTF8)é/", "/\\p{L}/", "/[[:<:]]a/", "/\\g{1}(a)/", "/(a)\\g1/", "/(?1)(a)/"]
)  # fmt: skip
RESULTS = st.sampled_from(
    ["", " x", "\tx y ", "  $1", " ${1}", " $(1)", " $1x", " $2", " ${2}", " $0", " $3", " $$1", " $", " ${1", " $(1", " ${x}", " a$1b${1}c", " {x}",
     " x # no comment", " REJECT $1 $$"]
)  # fmt: skip
OTHERS = st.sampled_from(
    ["# comment", "", "   ", " continued", "\tand on", "if /a/", "if !/a/", "IF /b/ x", "if", "if/a/", "iff /a/", "endif", "ENDIF", "endif x", "endifs",
     "alpha beta", "key value", "!", "/", "é é"]
)  # fmt: skip
NETWORKS = st.sampled_from(
    ["192.0.2.0/24", "192.0.2.1", "192.0.2.1/24", "0.0.0.0/0", "!192.0.2.1", "!!192.0.2.1", "! 192.0.2.1", "[192.0.2.0]/24", "[192.0.2.0/24]",
     "[192.0.2.1]", "[192.0.2.1", "192.0.2.1]", "2001:db8::/32", "[2001:db8::]/32", "[2001:db8::/32]", "2001:DB8::1", "::/0", "::ffff:192.0.2.1",
     "192.0.2/24", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/x", "192.0.2.0/024", "300.0.0.1", "x", "!", "10.0.0.0/8", "192.0.2.0/-1", "192.0.2.0/+8"]
)  # fmt: skip
CIDR_OTHERS = st.sampled_from(
    ["# comment", "", " continued", "if 192.0.2.0/24", "if !192.0.2.0/24", "IF 2001:db8::/32", "if", "if 192.0.2.1 x", "if x", "endif", "ENDIF", "endif x",
     "if! 192.0.2.1", "if ! 192.0.2.1", "endif!", "!if 192.0.2.0/24"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["a", "A", "b", "ab", "aab", "a b", "a.b", "a/b", "a\\", "b@ok.test", "user@ok.test", "A@OK.TEST", "é", "É", "ß", "x", "aXc", "1", "c", "aa", "key",
     "key:", "a:", '"a b"', "<>", "@", ".test", "a\x0bb"]
)  # fmt: skip
ADDRESSES = ["192.0.2.1", "192.0.2.200", "192.0.3.1", "10.1.2.3", "2001:db8::1", "2001:0db8::1", "::1", "::ffff:192.0.2.1", "[192.0.2.1]", "x",
             "192.0.2", "0.0.0.0", "192.0.2.01"]  # fmt: skip
KEY_LINES = st.sampled_from(
    ["a x", "A y", "a  b c ", "b\tz", '"a b" quoted', "key: value", "a: value", "only", "# comment", " continued", "", "é x", "É y", "ß x", "a\\ b x", '"a" x',
     "x", "user@ok.test OK", "USER@ok.test REJECT", '"open x', "a x # y", "<> null", "a\x0b vt"]
)  # fmt: skip

KEYS = ["a", "A", "b", "ab", "aab", "abb", "a b", "a.b", "a/b", "a\\", "a\\ b", "b@ok.test", "user@ok.test", "A@OK.TEST", "é", "É", "ß", "ẞ", "ss", "x", "aXc",
        "1", "c", "aa", "key", "key:", "a:", '"a b"', '"a"', "<>", "@", ".test", "B", "only", "open x", '"open', "acA", "baab", "a\tb"]  # fmt: skip


_OF_POSTMAP = ("empty string result is not allowed", "should return NO RESULT in case of NOT FOUND")


def lines_of(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(*parts), min_size=1, max_size=6).map(lambda lines: "".join(f"{line}\n" for line in lines))


RULES = st.tuples(PATTERNS, RESULTS).map("".join)
TEXTS = {
    "regexp": lines_of(RULES, RULES, OTHERS),
    "pcre": lines_of(RULES, st.tuples(OF_PCRE, RESULTS).map("".join), OTHERS),
    "cidr": lines_of(st.tuples(NETWORKS, RESULTS).map("".join), CIDR_OTHERS),
    "texthash": lines_of(KEY_LINES),
    "hash": lines_of(KEY_LINES),
    "btree": lines_of(KEY_LINES),
    "lmdb": lines_of(KEY_LINES),
}
MEMBERS = st.sampled_from(["static:x", "static:{x y}", "inline:{a=b}", "inline:{ {a = b c}, {b = a} }", "inline:{a=b, a=c}", "fail:x", "static:", "nosuch:x",
                           "inline:{A=x}", "inline:{}", "regexp:{ {/a/ $0}, {/b/ y} }", "pcre:{{/(b)/ $1$1}}", "cidr:{{192.0.2.1 x}}", "static:a", "static:{",
                           "pipemap:{static:a,inline:{a=z}}", "unionmap:{static:a,static:b}", "inline:{{a = }}", "inline:{a}", "inline:{ {a=b} c }", "pcre:x"])  # fmt: skip
CHAINS = st.tuples(
    st.sampled_from(["unionmap", "pipemap"]), st.lists(MEMBERS, max_size=3), st.sampled_from([",", ", ", " "])
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("postmap") is None:
        pytest.skip("postmap is not installed (Debian: postfix postfix-pcre postfix-lmdb)")
    made = tmp_path_factory.mktemp("tables")
    (made / "main.cf").write_text("compatibility_level = 3.6\nmeta_directory = /etc/postfix\nsmtputf8_enable = yes\n")
    return made


def postmap(directory: Path, *arguments: str, keys: str = "") -> tuple[str, list[str]]:
    """What it prints, and what it complains about."""
    command = ["postmap", "-c", str(directory), *arguments]
    done = subprocess.run(command, cwd=directory, input=encode(keys), capture_output=True)
    said = [line.partition("postmap: ")[2] for line in decode(done.stderr).split("\n") if line]
    return decode(done.stdout), [line for line in said if not line.endswith(_OF_POSTMAP)]


def ours(directory: Path, name: str, keys: list[str]) -> tuple[list[str], list[str]]:
    """The same of our table."""
    said: list[str] = []
    found = []
    context = TableContext(
        directory, lambda text: said.append(f"warning: {printable(text)}"), {"smtputf8_enable": "yes"}
    )
    try:
        table = open_table(name, context)
    except TableError as error:
        return [], [*said, f"refused: {error}"]
    for key in keys:
        try:
            hit = table.lookup(key)
        except TableError:
            return found, [*said, "refused"]
        if hit is not None:
            found.append(f"{key}\t{hit.value}")
    return found, said


def written(directory: Path, text: str) -> None:
    """A fresh file makes Postfix wait until it is 2 s old."""
    (directory / "table").write_text(text)
    then = time.time() - 60
    os.utime(directory / "table", (then, then))


@pytest.mark.parametrize("kind", ["regexp", "pcre", "cidr", "texthash"])
def test_a_text_table_says_what_postmap_says(directory: Path, kind: str) -> None:
    keys = ADDRESSES if kind == "cidr" else KEYS

    @settings(deadline=None, max_examples=40)
    @given(TEXTS[kind])
    def same(text: str) -> None:
        written(directory, text)
        printed, complained = postmap(directory, "-q", "-", f"{kind}:table", keys="".join(f"{key}\n" for key in keys))
        found, said = ours(directory, f"{kind}:table", keys)
        if said and said[-1].startswith("refused: ") and "duplicate entry" in said[-1]:
            return  # a texthash with a key twice is fine for postmap, and of no use in smtpd
        assert found == printed.splitlines()
        assert said == complained

    same()


def unplaced(line: str) -> str:
    """Of two equal keys we tell the line, postmap the database."""
    return line[line.find(": duplicate entry") :] if ": duplicate entry" in line else line


def refusals(said: list[str]) -> Iterator[str]:
    for line in said:
        yield "refused" if line.startswith(("refused", "fatal: ")) else line


@pytest.mark.parametrize("kind", ["hash", "btree", "lmdb"])
def test_a_database_says_what_postmap_makes_of_its_source(directory: Path, kind: str) -> None:
    @settings(deadline=None, max_examples=25)
    @given(TEXTS[kind])
    def same(text: str) -> None:
        written(directory, text)
        _, complained = postmap(directory, f"{kind}:table")
        printed, _ = postmap(directory, "-q", "-", f"{kind}:table", keys="".join(f"{key}\n" for key in KEYS))
        found, said = ours(directory, f"{kind}:table", KEYS)
        assert found == printed.splitlines()
        assert [unplaced(line) for line in said] == [unplaced(line) for line in complained]
        if kind == "lmdb":  # what postmap made is read where its source is gone
            (directory / "table").unlink()
            assert ours(directory, "lmdb:table", KEYS) == (found, [])

    same()


def test_a_chain_of_tables_says_what_postmap_says(directory: Path) -> None:
    @settings(deadline=None, max_examples=40)
    @given(CHAINS)
    def same(chain: tuple[str, list[str], str]) -> None:
        kind, members, between = chain
        name = f"{kind}:{{{between.join(members)}}}"
        keys = ["a", "b", "A", "x"]
        printed, complained = postmap(directory, "-q", "-", name, keys="".join(f"{key}\n" for key in keys))
        found, said = ours(directory, name, keys)
        assert found == printed.splitlines()
        assert bool(list(refusals(said))) == bool(list(refusals(complained)))

    same()
