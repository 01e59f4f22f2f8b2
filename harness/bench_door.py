"""bench_door - the commands `bench`, `source` and `sink`: their options, and what they call when they are called."""

from __future__ import annotations

import argparse
import sys

from harness.errors import UsageError
from harness.option import processes, seconds, whole

_MESSAGES = 1000  # of `source`
_RATE = "open loop: 200/s, 'poisson 200/s', 'ramp 50..400/s', 'step 50,100/s', 'at 0,0.5,0.7'"


def bench(options: argparse.Namespace) -> int:
    """The suite of ratios, or the load of scenarios."""
    from harness.bench.main import Asked, scenarios, suite
    from harness.bench.rehearsal import Options

    idle = _idle(options)
    if idle:
        of = "load, and no scenario is named" if not options.paths else "the suite, not of a scenario's load"
        raise UsageError(f"{', '.join(idle)}: of {of}")
    if not options.paths:
        return suite(options.only)
    chosen = Options("", options.arrivals or "", options.duration or "", options.processes, options.connections)
    asked = Asked(
        options.target, options.save, options.compare, options.against, options.fail, options.pairs, options.history,
        options.gateway_path, options.hdr, options.markdown, sys.argv[1:], options.keep_going,
        options.saturate, options.json,
    )  # fmt: skip
    return scenarios(options.paths, chosen, asked)


def _idle(options: argparse.Namespace) -> list[str]:
    """Options that would do nothing: a user who wrote them wants something else than what would be done."""
    if options.paths:
        return ["--only"] if options.only else []
    told = [name for name, value in vars(options).items() if value and name not in ("command", "only", "history")]
    return ["--rate" if name == "arrivals" else f"--{name.replace('_', '-')}" for name in told]


def sink(options: argparse.Namespace) -> int:
    """A server that takes every mail, or misbehaves as it is told."""
    from random import Random

    from harness.bench.manners import Manners, MannersProtocol, commands, delay
    from harness.bench.sink import sink

    keywords = {
        "PIPELINING": options.p, "XCLIENT": options.C, "8BITMIME": options.no_8bit, "ENHANCEDSTATUSCODES": options.E,
    }  # fmt: skip
    without = {word for word, left_out in keywords.items() if left_out}
    delays = dict([delay(text) for text in options.W] + ([("data", (options.w, 0))] if options.w else []))
    manners = Manners(
        options.h, not options.e, frozenset(without), commands(options.r), commands(options.f), commands(options.q),
        commands(options.Q), options.b, options.B, delays, options.A, options.m, options.n, options.M, options.seed,
    )  # fmt: skip
    random = Random(options.seed)
    unusual = manners != Manners(seed=options.seed)
    protocol = (lambda counts, ended: MannersProtocol(counts, manners, random, ended)) if unusual else None
    try:
        return sink(_address(options.address), options.backlog, protocol, (options.n, options.M))
    except OSError as error:
        raise UsageError(f"{options.address}: {error.strerror or error}") from None


def source(options: argparse.Namespace) -> int:
    """Mail for a server."""
    import socket

    from harness.bench.source import Mail, source
    from harness.scenario import Load

    messages = options.m or (0 if options.duration else _MESSAGES)
    if options.d and not messages:
        raise UsageError("-d: all messages over the -s connections, so -m says how many")
    reuse = options.reuse or (-(-messages // options.s) if options.d else 1)
    rates = [f"--{name}" if len(name) > 1 else f"-{name}" for name in ("w", "R", "rate") if getattr(options, name)]
    if len(rates) > 1:
        raise UsageError(f"{', '.join(rates)}: each says how often sessions begin: one of them")
    if options.d and options.reuse:
        raise UsageError("-d, --reuse: each says how many messages go over one connection: one of them")
    rate = options.rate or ""
    if options.w or options.R:  # so many sessions, each waiting so long, begin that often
        rate = f"{'constant' if options.w else 'poisson'} {options.s / (options.w or options.R / 2):.6f}/s"
    mail = Mail(
        options.l, options.f or f"foo@{options.M}", tuple(options.t or ["user@ok.test"]), options.M, options.S,
        options.r, options.F, options.N,
    )  # fmt: skip
    wanted = Load({}, options.s, 0, options.duration or "", rate, options.processes, reuse)
    family = socket.AF_INET if options.v4 else socket.AF_INET6 if options.v6 else 0
    return source(_address(options.address), mail, wanted, messages, family=family, lenient=options.A, count=options.c)


def _address(text: str) -> tuple[str, int]:
    """[inet:]HOST:PORT, as the two programs of Postfix take it.  Raises UsageError."""
    from harness.target import parse_address

    if text.startswith("unix:"):
        raise UsageError(f"{text!r}: only TCP is spoken here")
    return parse_address(text.removeprefix("inet:"))


def bench_options(parser: argparse.ArgumentParser) -> None:
    """What `gauntlet bench` takes."""
    add = parser.add_argument
    add("paths", nargs="*", metavar="SCENARIO", help="files or directories (the suite of benchmarks)")
    add("--only", action="append", default=[], metavar="NAME", help="one of the suite's benchmarks")
    add("--target", action="append", default=[], help="reference (default), postfix; with several, all in turns")
    add("--rate", dest="arrivals", metavar="ARRIVALS", help=_RATE)
    add("--duration", metavar="TIME", help="how long sessions are begun: 10s")
    add("-n", "--processes", type=processes, default=0, metavar="N", help="of the load client, or `auto`")
    add("--connections", type=whole(0), default=0, metavar="N", help="at once")
    add("--saturate", action="store_true", help="find the highest rate that meets the thresholds")
    add("--keep-going", action="store_true", help="to the end, also when a threshold is lost already")
    add("--save", default="", metavar="NAME", help="keep the run, to compare with it")
    add("--compare", default="", metavar="NAME", help="with what was saved; it is run again, in turns, where it can be")
    add("--against", default="", metavar="DIR", help="compare with another configuration, in turns")
    add("--fail", action="append", default=[], metavar="FIGURE:+N%",
        help="the least change that is a failure (gateway.cpu.session:+10%%); may be repeated")  # fmt: skip
    add("--pairs", type=whole(0), default=0, metavar="N", help="blocks on each side (12), at most three times as many")
    add("--history", default="gauntlet-bench.sqlite", metavar="FILE", help="where runs are kept (%(default)s)")
    add("--gateway-path", default="", metavar="DIR", help="where the reference gateway's modules are looked for first")
    add("--markdown", default="", metavar="FILE", help="write the tables as Markdown, with machine and day")
    add("--json", default="", metavar="FILE", help="write figures, thresholds, histograms and comparisons as JSON")
    add("--hdr", default="", metavar="FILE", help="write the latencies as an HdrHistogram log")


def source_options(parser: argparse.ArgumentParser) -> None:
    """What `gauntlet source` takes: the letters are those of smtp-source(1)."""
    add = parser.add_argument
    add("address", metavar="[inet:]HOST:PORT", help="where the server is")
    add("-s", type=whole(1), default=10, metavar="N", help="connections at once (10)")
    add("-m", type=whole(1), default=0, metavar="N", help="messages (1000)")
    add("-l", type=whole(0), default=1024, metavar="BYTES", help="size of a body (1024)")
    add("-f", default="", metavar="ADDRESS", help="sender (foo@HELO)")
    add("-t", action="append", metavar="ADDRESS", help="recipient; may be repeated (user@ok.test)")
    add("-r", type=whole(1), default=1, metavar="N", help="recipients for each -t, a number before the name")
    add("-N", action="store_true", help="a number before each recipient, another one in each session")
    add("-d", action="store_true", help="do not disconnect: all messages over the -s connections")
    add("--reuse", type=whole(0), default=0, metavar="N", help="so many messages over one connection")
    add("-F", default="", metavar="FILE", help="send this message instead; CRLF and dots are seen to")
    add("-M", default="load.test", metavar="NAME", help="our name in EHLO (load.test)")
    add("-S", default="load", metavar="TEXT", help="subject")
    add("-A", action="store_true", help="exit with 0 although messages were refused; nothing ever stops for that")
    add("-c", action="store_true", help="print the number of messages")
    add(
        "-w", type=seconds, default=0.0, metavar="S", help="each connection waits so long: open loop of -s / S a second"
    )
    add("-R", type=seconds, default=0.0, metavar="S", help="or a random time up to so long: Poisson arrivals")
    add("-4", dest="v4", action="store_true", help="IPv4")
    add("-6", dest="v6", action="store_true", help="IPv6")
    add("-n", "--processes", type=processes, default=1, metavar="N", help="how many, or `auto` (1)")
    add("--rate", metavar="ARRIVALS", help=_RATE)
    add("--duration", metavar="TIME", help="how long sessions are begun; with -m whatever is over first")


def sink_options(parser: argparse.ArgumentParser) -> None:
    """What `gauntlet sink` takes: the letters are those of smtp-sink(1); -h is the host name, so help is --help."""
    add = parser.add_argument
    add("--help", action="help", help="show this and exit")
    add("address", nargs="?", default="127.0.0.1:0", metavar="[inet:]HOST:PORT", help="(any free port)")
    add("backlog", nargs="?", type=whole(1), default=512, help="of connections nobody has accepted yet (512)")
    add("-h", default="sink.test", metavar="NAME", help="our name (sink.test)")
    add("-r", default="", metavar="COMMANDS", help="answer these with 450: connect,ehlo,mail,rcpt,data,. and others")
    add("-f", default="", metavar="COMMANDS", help="answer these with 500")
    add("-b", default="450 4.3.0 Error: command failed", metavar="REPLY", help="what -r says")
    add("-B", default="500 5.3.0 Error: command failed", metavar="REPLY", help="what -f says")
    add("-q", default="", metavar="COMMANDS", help="hang up after these")
    add("-Q", default="", metavar="COMMANDS", help="say 421 to these, and hang up")
    add("-w", type=seconds, default=0.0, metavar="S", help="so long before DATA is answered")
    add(
        "-W",
        action="append",
        default=[],
        metavar="COMMAND:S[:ODDS]",
        help="so long before this one is; may be repeated",
    )
    add("-A", type=seconds, metavar="S", help="so long after DATA say 550 and hang up")
    add("-m", type=whole(0), default=0, metavar="N", help="so many at once, 421 for more")
    add("-n", type=whole(0), default=0, metavar="N", help="end after so many sessions")
    add("-M", type=whole(0), default=0, metavar="N", help="end after so many messages")
    add("-e", action="store_true", help="no ESMTP")
    add("-p", action="store_true", help="no PIPELINING")
    add("-8", dest="no_8bit", action="store_true", help="no 8BITMIME")
    add("-C", action="store_true", help="no XCLIENT")
    add("-E", action="store_true", help="no ENHANCEDSTATUSCODES")
    add("--seed", type=int, default=1, help="of the dice of -W (1)")
