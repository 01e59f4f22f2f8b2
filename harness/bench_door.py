"""bench_door - the commands `bench`, `source` and `sink`: their options, and what they call when they are called."""

from __future__ import annotations

import argparse
import sys

from harness.errors import UsageError

_RATE = "open loop: 200/s, 'poisson 200/s', 'ramp 50..400/s', 'step 50,100/s', 'at 0,0.5,0.7'"


def bench(options: argparse.Namespace) -> int:
    """The suite of ratios, or the load of scenarios."""
    from harness.bench.main import Asked, scenarios, suite
    from harness.bench.rehearsal import Options

    if not options.paths:
        return suite(options.only)
    chosen = Options("", options.arrivals or "", options.duration or "", options.processes, options.connections)
    asked = Asked(
        options.target, options.save, options.compare, options.against, options.fail, options.pairs, options.history,
        options.gateway_path, options.hdr, options.markdown, sys.argv[1:], options.keep_going,
        options.saturate,
    )  # fmt: skip
    return scenarios(options.paths, chosen, asked)


def sink(options: argparse.Namespace) -> int:
    """A server that takes every mail."""
    from harness.bench.sink import sink
    from harness.target import parse_address

    try:
        return sink(parse_address(options.address))
    except OSError as error:
        raise UsageError(f"{options.address}: {error.strerror or error}") from None


def source(options: argparse.Namespace) -> int:
    """Mail for a server."""
    from harness.bench.source import source
    from harness.target import parse_address

    return source(
        parse_address(options.address), sender=options.f, recipients=options.t or ["user@ok.test"],
        connections=options.s, messages=options.m, size=options.l, reuse=options.reuse, arrivals=options.rate,
        processes=options.n,
    )  # fmt: skip


def bench_options(parser: argparse.ArgumentParser) -> None:
    """What `gauntlet bench` takes."""
    add = parser.add_argument
    add("paths", nargs="*", metavar="SCENARIO", help="files or directories (the suite of benchmarks)")
    add("--only", action="append", default=[], metavar="NAME", help="one of the suite's benchmarks")
    add("--target", action="append", default=[], help="reference (default), postfix; with several, all in turns")
    add("--rate", dest="arrivals", metavar="ARRIVALS", help=_RATE)
    add("--duration", metavar="TIME", help="how long sessions are begun: 10s")
    add("--processes", type=int, default=0, metavar="N", help="of the load client")
    add("--connections", type=int, default=0, metavar="N", help="at once")
    add("--saturate", action="store_true", help="find the highest rate that meets the thresholds")
    add("--keep-going", action="store_true", help="to the end, also when a threshold is lost already")
    add("--save", default="", metavar="NAME", help="keep the run, to compare with it")
    add("--compare", default="", metavar="NAME", help="with what was saved; it is run again, in turns, where it can be")
    add("--against", default="", metavar="DIR", help="compare with another configuration, in turns")
    add("--fail", action="append", default=[], metavar="FIGURE:+N%",
        help="the least change that is a failure (gateway.cpu.session:+10%%); may be repeated")  # fmt: skip
    add("--pairs", type=int, default=0, metavar="N", help="blocks on each side (12), at most three times as many")
    add("--history", default="gauntlet-bench.sqlite", metavar="FILE", help="where runs are kept (%(default)s)")
    add("--gateway-path", default="", metavar="DIR", help="where the reference gateway's modules are looked for first")
    add("--markdown", default="", metavar="FILE", help="write the tables as Markdown, with machine and day")
    add("--hdr", default="", metavar="FILE", help="write the latencies as an HdrHistogram log")


def source_options(parser: argparse.ArgumentParser) -> None:
    """What `gauntlet source` takes."""
    add = parser.add_argument
    add("address", metavar="HOST:PORT", help="where the server is")
    add("-s", type=int, default=10, metavar="N", help="connections at once (10)")
    add("-m", type=int, default=1000, metavar="N", help="messages (1000)")
    add("-l", type=int, default=1024, metavar="BYTES", help="size of a message (1024)")
    add("-f", default="foo@load.test", metavar="ADDRESS", help="sender")
    add("-t", action="append", metavar="ADDRESS", help="recipient; may be repeated (user@ok.test)")
    add("-d", dest="reuse", type=int, default=1, metavar="N", help="messages over one connection (1)")
    add("-n", type=int, default=1, metavar="N", help="processes (1)")
    add("--rate", metavar="ARRIVALS", help=_RATE)


def sink_options(parser: argparse.ArgumentParser) -> None:
    """What `gauntlet sink` takes."""
    parser.add_argument("address", nargs="?", default="127.0.0.1:0", metavar="HOST:PORT", help="(any free port)")
