"""dns - blocklist answers a second of fakedns under dnsperf(1), against rbldnsd(8). (IO)"""

from __future__ import annotations

import re
import socket
import subprocess
import tempfile
from pathlib import Path

from harness.bench.benchmark import Figure, Unavailable, benchmarks
from harness.bench.measure import free_port, in_turns, program, python, running

_SECONDS = 3
_QUESTION = bytes.fromhex("00070100000100000000000001320130013003313237") + b"\x03rbl\x04test\0\0\1\0\1"


@benchmarks.register("dns")
def dns() -> Figure:
    """A list of 250 addresses, half of the questions hit.  Raises Unavailable."""
    dnsperf, rbldnsd = program("dnsperf", "dnsperf"), program("rbldnsd", "rbldnsd")
    ours, peer = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        Path(directory).chmod(0o755)  # rbldnsd reads as another user
        listed = [f"192.0.2.{n}" for n in range(1, 251)]
        zone = Path(directory) / "zone"
        zone.write_text("127.0.0.2\n127.0.0.2\n" + "\n".join(listed) + "\n")
        questions = Path(directory) / "questions"
        questions.write_text("".join(f"{n}.{third}.0.192.rbl.test A\n" for n in range(1, 251) for third in (2, 3)))
        mine = python(
            "-m", "fakedns", "--rbl", "rbl.test=127.0.0.2," + ",".join(listed), "--listen", f"127.0.0.1:{ours}"
        )
        its = [rbldnsd, "-n", "-r", directory, "-b", f"127.0.0.1/{peer}", "rbl.test:ip4set:zone"]

        def rate(port: int) -> float:
            load = [dnsperf, "-s", "127.0.0.1", "-p", str(port), "-d", str(questions), "-l", str(_SECONDS), "-c", "4"]
            said = subprocess.run(load, capture_output=True, text=True, check=False).stdout
            found = re.search(r"Queries per second:\s+([0-9.]+)", said)
            if found is None:
                raise Unavailable(f"dnsperf says nothing of queries per second: {said.strip()[-200:]}")
            return float(found[1])

        with running(mine, lambda: _answers(ours)), running(its, lambda: _answers(peer)):
            mine_rate, its_rate = in_turns(lambda: rate(ours), lambda: rate(peer))
    return Figure("dns", mine_rate, its_rate, "answers/s", "rbldnsd", 0.5)


def _answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.2)
        try:
            probe.connect(("127.0.0.1", port))
            probe.send(_QUESTION)
            return bool(probe.recv(512))
        except OSError:
            return False
