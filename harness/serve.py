"""serve - a scenario's world, up until somebody stops it: for swaks, dig and a look at what the gateway does. (IO)"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

from fakedns.control import ask, serve_control
from fakedns.orders import OrderError
from harness.cell import known_target, run_loop
from harness.errors import TargetError, UsageError
from harness.load import load, named
from harness.plan import Plan, plan
from harness.replay.hop_script import BY_HAND
from harness.run import start
from harness.target import Address, Target, parse_address


def serve(
    file: str,
    target: str,
    *,
    smtp: str | None = None,
    dns: str | None = None,
    log: str | None = None,
    control: str | None = None,
) -> int:
    """Start the world of the first cell; one JSON line says where it is.  Stops on SIGINT or SIGTERM.

    A recipient may say how the next hop is to take it: `user+tempfail@`, `user+permfail@`, `user+slow@`.

    Raises ScenarioError, ConfigError, TargetError (a port that is taken, too), and UsageError for an address that is
    none or a log that cannot be written.
    """
    loaded = load(named(file))
    made = plan(loaded, loaded.cells[0])
    options = {"listen": f"{address[0]}:{address[1]}"} if smtp is not None and (address := parse_address(smtp)) else {}
    options["log"] = log or "-"
    if log is not None:
        try:
            Path(log).open("a", encoding="utf-8").close()
        except OSError as error:
            raise UsageError(f"--log {log}: {error.strerror}") from None
    dns_at = parse_address(dns) if dns is not None else ("127.0.0.1", 0)
    kind = known_target(target, ours=True)
    with tempfile.TemporaryDirectory(prefix="gauntlet-") as workdir:
        path = control or f"{workdir}/dns.control"
        return run_loop(_serve(made, kind, Path(workdir), dns_at, options, path))


async def _serve(
    made: Plan, kind: Target, workdir: Path, dns_at: Address, options: dict[str, str], control: str
) -> int:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    around = await start(made, kind, workdir, dns_at=dns_at, options=options, also=BY_HAND)
    try:
        try:
            listening = await serve_control(around.dns.responder, control)
        except OSError as error:
            raise UsageError(f"--control {control}: {error.strerror}") from None
        places = {"smtp": around.running.smtp, "dns": around.dns_address, "next_hop": around.next_hop}
        print(json.dumps({**places, "control": control}), flush=True)
        await stopped.wait()
        await listening.stop()
    finally:
        await around.stop()
    print(f"{len(around.sink.deliveries)} mails arrived at the next hop", file=sys.stderr)
    if around.ended:
        raise TargetError(around.ended)
    return 0


def order_dns(path: str, words: list[str]) -> int:
    """Give one order to the DNS of a world that is up, and print its answer.  Raises UsageError for what cannot be."""
    try:
        lines = ask(path, words)
    except OrderError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    for line in lines:
        print(line)
    return 0
