"""rbldnsd reads the same data files as fakedns, and gives the same answers: files drawn at random, all types of sets."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fakedns import Responder, Zone, load_list

pytestmark = pytest.mark.witness
ZONE = "rbl.test"
Answer = tuple[str, frozenset[tuple[int, str, str]]]

octet = st.sampled_from([0, 1, 2, 127, 128, 254, 255])
near = st.sampled_from([0, 1, 2, 3])
address = st.builds(lambda a, b, c, d: f"{a}.{b}.{c}.{d}", st.just(10), near, near, octet)
code = st.sampled_from(["2", "3", "127.0.0.4", "1.2.3.4", "1.2", "0", "300", "x", ""])
text = st.sampled_from(
    ["open relay", "see $ for $$5", "$1/$", "$1 $2", "=alone $", "#not a comment", "a:b", "", " ", "  two  blanks "]
)
value = st.one_of(
    st.just(""),
    st.builds(lambda c: f":{c}", code),
    st.builds(lambda c, t: f":{c}:{t}", code, text),
    text,
    st.sampled_from(["# comment", "; comment", ":2 # comment", ":2 :x"]),
)
network = st.one_of(
    address,
    st.builds(lambda a, bits: f"{a}/{bits}", address, st.sampled_from([8, 22, 23, 24, 25, 30, 31, 32, 33, 0])),
    st.builds(lambda b, c, bits: f"10.{b}.{c}.0/{bits}", near, near, st.sampled_from([16, 22, 23, 24, 25])),
    st.builds(lambda b, bits: f"10.{b}{bits}", near, st.sampled_from(["", "/16", "/15", "/14", "/8"])),
    st.builds(lambda a, d: f"{a}-{d}", address, octet),
    st.builds(lambda a, b: f"{a}-{b}", address, address),
    st.builds(lambda b, c, d: f"10.{b}.{c}-{d}", near, near, near),
    st.sampled_from(["10", "10/8", "0/0", "10.1.2.3.4", "10.256.1.1", "10..1", "junk", "10.1.2.3x", "10.1.2.03"]),
)
label = st.sampled_from(["a", "b", "Spam", "x-1", "_y"])
domain = st.lists(label, min_size=1, max_size=4).map(".".join)
named = st.builds(
    lambda star, name, dot: star + name + dot, st.sampled_from(["", "*.", "."]), domain, st.sampled_from(["", "."])
)
special = st.sampled_from([":3:default $", ":4", ":5:", "$1 one", "$2 two $", "$TTL 77", "$TTL 1h", "$= base $= ($)", "# note", "; note", "",
                           "$MAXRANGE4 /24", "$TIMESTAMP 0 0"])  # fmt: skip


def entry(what: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda bang, name, gap, val: f"{bang}{name}{gap}{val}".rstrip(), st.sampled_from(["", "", "", "!"]), what,
                     st.sampled_from([" ", "\t", "  "]), value)  # fmt: skip


def file_of(line: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(line, line, line, special), min_size=1, max_size=14).map(
        lambda lines: "\n".join(lines) + "\n"
    )


record = st.builds(
    lambda name, ttl, rest: f"{name} {ttl} {rest}",
    st.one_of(domain, st.just("@")),
    st.sampled_from(["", "300", "2h"]),
    st.sampled_from(
        [
            "A 127.0.0.5",
            "A 1.2.3.4",
            "a 127.0.0.6",
            'TXT "quoted text"',
            "TXT bare words",
            "MX 10 mx.ex.com",
            "CNAME b",
            "A 1.2.3",
            "",
        ]
    ),
)
addresses = [f"{d}.{c}.{b}.10" for b in range(4) for c in range(4) for d in (0, 1, 2, 127, 128, 255)]
FILES = {
    "ip4set": (file_of(entry(network)), addresses),
    "ip4trie": (file_of(entry(network)), addresses),
    "ip4tset": (file_of(entry(network)), addresses),
    "dnset": (file_of(entry(named)), None),
    "generic": (file_of(record), None),
}
names = [
    *("a", "b", "spam", "x-1", "_y"),
    *(f"{x}.{y}" for x in ("a", "b", "spam") for y in ("a", "b", "spam")),
    "a.a.a",
    "a.b.spam",
    "x-1.a.b",
    "b.a.b.a",
]


@pytest.mark.parametrize("kind", FILES)
def test_every_answer_is_rbldnsd_s(kind: str, tmp_path: Path) -> None:
    directory = readable(tmp_path)
    files, asked = FILES[kind]
    whole = [f"{name}." for name in [*(asked or names), "nosuch.b", "1.2.3", "01.0.0.10"]]

    @settings(
        max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
    )
    @given(files)
    def same(written: str) -> None:
        compare(kind, written, ["", *whole], directory)

    same()


COMBINED = """$TTL 90
$1 common
$DATASET ip4set:proxy proxies @
:2:Open proxy, see $1/$
127.0.0.2
127.0.0.10
$DATASET ip4set:relay relays @
:3:Open relay
127.0.0.2
$TTL 50
127.0.2.10
$DATASET generic:common proxies relays @
@ A 127.0.0.8
www A 127.0.0.8
"""


def test_a_combined_file_answers_as_rbldnsd_does(tmp_path: Path) -> None:
    names = ["", "www.", "2.0.0.127.", "10.0.0.127.", "10.2.0.127."]
    compare(
        "combined",
        COMBINED,
        [sub + name for sub in names for name in ("", "proxies.", "relays.", "nosuch.")],
        readable(tmp_path),
    )


WHOLE = """$SOA 300 ns.rbl.test. host.rbl.test. 1 600 300 86400 300
$NS 300 ns.rbl.test ns2.rbl.test
"""
ODD = {
    "ip4set": ":2:listed $\n10.0.0.1\n10.1.0.0/16\n!10.1.2.3\n",
    "ip4trie": ":3:t\n10.0.0.0/8\n!10.5.0.0/16\n",
    "ip4tset": ":3:t\n10.0.0.1\n",
    "dnset": ":2:listed $\nspam\n*.bad.com\n.both.org\n",
    "generic": "@ A 127.0.0.8\n@ MX 10 mx.ex.com\nwww A 127.0.0.9\nwww TXT hello\n",
}
ODD_NAMES = ["", "1.0.0.10.", "3.2.1.10.", "9.9.1.10.", "0.10.", "10.", "1.1.0.0.10.", "256.0.0.10.", "01.0.0.10.", "x.1.0.0.10.",
             "spam.", "SPAM.", "a.Bad.com.", "bad.com.", "both.org.", "x.both.org.", "www.", "WwW.", "x.www.", "*.", "ns."]  # fmt: skip
# Types above 255 are left out: rbldnsd 1.0 knows none of them, and says NOTIMP.
ODD_TYPES = ["A", "TXT", "ANY", "MX", "NS", "SOA", "AAAA", "PTR", "CNAME", "SRV", "AXFR", "TYPE200"]


@pytest.mark.parametrize("kind", ODD)
def test_odd_questions_are_answered_as_rbldnsd_does(kind: str, tmp_path: Path) -> None:
    """Every type at names of every sort, in the class IN and in one that nobody serves; the authority section is ours."""
    compare(kind, WHOLE + ODD[kind], ODD_NAMES, readable(tmp_path), ODD_TYPES, ("IN", "CH"))


def readable(directory: Path) -> Path:
    """rbldnsd drops its rights before it reads."""
    for one in (directory, *directory.parents):
        with contextlib.suppress(PermissionError):
            if one.stat().st_mode & 0o005 != 0o005:
                one.chmod(one.stat().st_mode | 0o055)
    return directory


def compare(
    kind: str,
    written: str,
    prefixes: list[str],
    directory: Path,
    types: Sequence[str] = ("A", "TXT"),
    classes: Sequence[str] = ("IN",),
) -> None:
    if (program := shutil.which("rbldnsd", path="/usr/sbin:/usr/bin:/sbin")) is None:
        pytest.skip("rbldnsd is not installed (Debian: rbldnsd)")
    path = directory / "list"
    path.write_text(written)
    zone = Zone()
    load_list(zone, ZONE, kind, path)
    responder = Responder(zone)
    with real(program, kind, path) as port:
        for prefix in prefixes:
            for rtype, rclass in itertools.product(types, classes):
                query = dns.message.make_query(prefix + ZONE, rtype, rclass)
                theirs = seen(dns.query.udp(query, "127.0.0.1", port=port, timeout=2, one_rr_per_rrset=True))
                wire = responder.answer(query.to_wire()).wire
                assert wire is not None
                ours = seen(dns.message.from_wire(wire, one_rr_per_rrset=True))
                assert (prefix, rtype, rclass, ours) == (prefix, rtype, rclass, theirs), written


def seen(reply: dns.message.Message) -> Answer:
    return dns.rcode.to_text(reply.rcode()), frozenset((rr.ttl, str(rr.rdtype), str(rr[0])) for rr in reply.answer)


@contextlib.contextmanager
def real(program: str, kind: str, path: Path) -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "-n", "-r", str(path.parent), "-b", f"127.0.0.1/{port}", f"{ZONE}:{kind}:{path.name}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while True:
            assert process.poll() is None and time.monotonic() < deadline, "rbldnsd did not start"
            with contextlib.suppress(dns.exception.Timeout, OSError):
                dns.query.udp(dns.message.make_query(ZONE, "A"), "127.0.0.1", port=port, timeout=0.05)
                break
        yield port
    finally:
        process.kill()
        process.wait()
