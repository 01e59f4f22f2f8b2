"""dns - fakedns beside rbldnsd(8) and dnslib's own server, under dnsperf(1); and how it takes a very long list. (IO)"""

from __future__ import annotations

import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.measure import ROUNDS, free_port, in_turns, program, python, running

_SECONDS = 3
_LISTED = [f"192.0.2.{n}" for n in range(1, 251)]
_MANY, _WITHIN_S, _MOST_MIB = 1_000_000, 5.0, 300
_QUESTION = bytes.fromhex("00070100000100000000000001320130013003313237") + b"\x03rbl\x04test\0\0\1\0\1"


# What dnslib makes of the same list by itself; it answers nothing else.
_DNSLIB = """
import sys
from dnslib import RR
from dnslib.server import DNSLogger, DNSServer
from dnslib.zoneresolver import ZoneResolver
zone = "".join(f"{n}.2.0.192.rbl.test. 300 IN A 127.0.0.2\\n" for n in range(1, 251))
zone += "2.0.0.127.rbl.test. 300 IN A 127.0.0.2\\n1.0.0.127.rbl.test. 300 IN A 127.0.0.2\\n"
DNSServer(ZoneResolver(zone), "127.0.0.1", int(sys.argv[1]), logger=DNSLogger("-request,-reply")).start()
"""


@benchmarks.register("dns")
def dns() -> Figure:
    """A list of 250 addresses, half of the questions hit.  Raises Unavailable."""
    rbldnsd = program("rbldnsd", "rbldnsd")
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        Path(directory).chmod(0o755)  # rbldnsd reads as another user
        zone = Path(directory) / "zone"
        zone.write_text("127.0.0.2\n127.0.0.2\n" + "\n".join(_LISTED) + "\n")
        return _beside(
            "dns", lambda port: [rbldnsd, "-n", "-r", directory, "-b", f"127.0.0.1/{port}", "rbl.test:ip4set:zone"],
            "rbldnsd", 0.5, Path(directory),
        )  # fmt: skip


@benchmarks.register("dns_dnslib")
def dns_dnslib() -> Figure:
    """The same, against the server that comes with dnslib.  Raises Unavailable."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        return _beside(
            "dns_dnslib", lambda port: python("-c", _DNSLIB, str(port)), "dnslib's server", 20.0, Path(directory)
        )


@benchmarks.register("dns_million")
def dns_million() -> Figure:
    """1/s of starting with a list of 1 000 000 addresses, against the 5 s it may take; it may fill 300 MiB."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        listed = Path(directory) / "long"
        with listed.open("w", encoding="ascii") as file:
            file.write("127.0.0.2\n")
            file.writelines(f"{11 + n // 65536}.{n // 256 % 256}.{n % 256}.{n * 7 % 256}\n" for n in range(_MANY))
        rates, fullest = [], 0.0
        for _ in range(ROUNDS):
            port, began = free_port(), time.monotonic()
            command = python("-m", "fakedns", "--list", f"rbl.test:ip4set:{listed}", "--listen", f"127.0.0.1:{port}")
            with running(command, lambda port=port: _answers(port)) as pid:  # type: ignore[misc]
                rates.append(1 / (time.monotonic() - began))
                fullest = max(fullest, _mebibytes(pid))
    full = f"it fills {fullest:.0f} MiB" if fullest > _MOST_MIB else ""
    return Figure("dns_million", median(rates), 1 / _WITHIN_S, "1/s", f"5 s; {fullest:.0f} MiB", 1.0, full)


def _beside(name: str, peer: Callable[[int], list[str]], peer_name: str, floor: float, directory: Path) -> Figure:
    """fakedns and another server of the same list, in turns.  Raises Unavailable."""
    dnsperf = program("dnsperf", "dnsperf")
    ours, theirs = free_port(), free_port(socket.SOCK_DGRAM)  # ours takes TCP, too
    questions = directory / "questions"
    questions.write_text("".join(f"{n}.{third}.0.192.rbl.test A\n" for n in range(1, 251) for third in (2, 3)))
    mine = python("-m", "fakedns", "--rbl", "rbl.test=127.0.0.2," + ",".join(_LISTED), "--listen", f"127.0.0.1:{ours}")

    def rate(port: int) -> float:
        load = [dnsperf, "-s", "127.0.0.1", "-p", str(port), "-d", str(questions), "-l", str(_SECONDS), "-c", "4"]
        said = subprocess.run(load, capture_output=True, text=True, check=False).stdout
        found = re.search(r"Queries per second:\s+([0-9.]+)", said)
        if found is None:
            raise Unavailable(f"dnsperf says nothing of queries per second: {said.strip()[-200:]}")
        return float(found[1])

    with running(mine, lambda: _answers(ours)), running(peer(theirs), lambda: _answers(theirs)):
        mine_rate, its_rate = in_turns(lambda: rate(ours), lambda: rate(theirs))
    return Figure(name, mine_rate, its_rate, "answers/s", peer_name, floor)


def _mebibytes(pid: int) -> float:
    """The most memory that this process ever had (VmHWM in proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def _answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(("127.0.0.1", port))
            probe.send(_QUESTION)
            return bool(probe.recv(512))
        except OSError:
            return False
