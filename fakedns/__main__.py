"""__main__ - serve a zone file by hand: `python -m fakedns ZONEFILE --listen 127.0.0.1:5353`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path

from fakedns import (
    FakeDns,
    Fault,
    QueryLog,
    Responder,
    Zone,
    ZoneError,
    declare_list,
    list_address,
    list_name,
    load_list,
    load_zone,
)
from fakedns.control import serve_control
from fakedns.fault import parse_fault
from fakedns.querylog import Asked


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM.  Exit status: 0, 2 for wrong usage, 3 for a wrong zone, 4 if the port is taken."""
    options = _parser().parse_args(arguments)
    try:
        zone = _zone(options)
        faults = [parse_fault(text) for text in options.fault]
        return _run(_serve(zone, faults, options))
    except (ZoneError, ValueError) as error:
        print(f"fakedns: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"fakedns: {options.listen}: {error.strerror}", file=sys.stderr)
        return 4


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m fakedns", description="A DNS server for tests.")
    parser.add_argument("zonefile", nargs="*", type=Path, help="master file (RFC 1035), several are merged")
    parser.add_argument("--listen", default="127.0.0.1:5353", metavar="HOST:PORT", help="port 0: any")
    parser.add_argument("--rbl", action="append", default=[], metavar="ZONE=ENTRY[,ENTRY]",
                        help="list addresses or domains in a blocklist; may be repeated")  # fmt: skip
    parser.add_argument("--list", action="append", default=[], metavar="ZONE:TYPE:FILE",
                        help="a data set of rbldnsd(8): ip4set ip4tset ip4trie dnset generic combined")  # fmt: skip
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[/TYPE]=WHAT",
                        help="servfail refused silence truncate wrong-id no-edns 1500ms; NAME may have *")  # fmt: skip
    parser.add_argument("--control", metavar="PATH", help="a socket on which it is told what to change, and asked")
    parser.add_argument("--no-strict", action="store_true", help="NXDOMAIN instead of REFUSED outside the zones")
    parser.add_argument("--log", action="store_true", help="print every question")
    return parser


def _zone(options: argparse.Namespace) -> Zone:
    zone = Zone()
    for path in options.zonefile:
        load_zone(path, zone)
    for text in options.rbl:
        list_zone, _, entries = text.partition("=")
        declare_list(zone, list_zone)
        for entry in filter(None, entries.split(",")):
            numeric = ":" in entry or entry.replace(".", "").replace("/", "").isdigit()
            (list_address if numeric else list_name)(zone, list_zone, entry)
    for text in options.list:
        list_zone, kind, file = [*text.split(":", 2), "", ""][:3]
        if not file:
            raise ValueError(f"--list {text}: expects ZONE:TYPE:FILE")
        for warning in load_list(zone, list_zone, kind, Path(file)):
            print(f"fakedns: warning: {warning}", file=sys.stderr)
    return zone


def _run(serving: Coroutine[None, None, int]) -> int:
    """Run on uvloop where it is installed: a third more answers a second."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(serving)
    return uvloop.run(serving)


async def _serve(zone: Zone, faults: list[Fault], options: argparse.Namespace) -> int:
    host, _, port = options.listen.rpartition(":")
    if not port.isdigit():
        raise ValueError(f"--listen {options.listen}: expects HOST:PORT")
    log = QueryLog(keep=10_000, told=_print if options.log else None)
    server = FakeDns(Responder(zone, faults, log, strict=not options.no_strict))
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    address, bound = await server.start(host.strip("[]") or "127.0.0.1", int(port))
    control = await serve_control(server.responder, options.control) if options.control else None
    print(f"fakedns: {len(zone.records())} records, ready on {address}:{bound}", flush=True)
    await stopped.wait()
    if control is not None:
        await control.stop()
    await server.stop()
    return 0


def _print(asked: Asked) -> None:
    print(f"{asked.transport} {asked.name or '.'} {asked.type} {asked.outcome}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
