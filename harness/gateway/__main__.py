"""__main__ - the reference gateway by itself: `python -m harness.gateway CONFIG_DIR --listen HOST:PORT ...`.

Prints one JSON line when it is ready.  SIGHUP reads the configuration anew, all of it or nothing; SIGTERM ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

from harness.clock import SystemClock
from harness.errors import ConfigError
from harness.gateway.clamd import Clamd
from harness.gateway.content.examine import Engine
from harness.gateway.content.ledger import Ledger
from harness.gateway.log_file import LogFile
from harness.gateway.maillog import MailLog
from harness.gateway.resolver import StubResolver
from harness.gateway.server import Gateway
from harness.gateway.settings import Settings
from harness.gateway.turns import Turns

Address = tuple[str, int]


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT.  Exit status: 0, 2 wrong usage, 3 wrong configuration, 4 cannot listen."""
    options = _parser().parse_args(arguments)
    try:
        import uvloop

        factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    except ImportError:  # not on Windows
        factory = asyncio.new_event_loop
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(_serve(options))
    except ConfigError as error:
        print(f"gateway: fatal: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"gateway: fatal: {error.strerror or error}", file=sys.stderr)
        return 4


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m harness.gateway", description="The reference mail gateway.")
    parser.add_argument("config", type=Path, metavar="CONFIG_DIR", help="a directory with main.cf, its tables, rav/")
    parser.add_argument("--listen", type=_address, default=("127.0.0.1", 2525), metavar="HOST:PORT")
    parser.add_argument("--dns", type=_address, default=("127.0.0.1", 5353), metavar="HOST:PORT")
    parser.add_argument("--next-hop", type=_address, default=("127.0.0.1", 2626), metavar="HOST:PORT")
    parser.add_argument("--queue", type=Path, metavar="DIR", help="queue directory (a temporary one)")
    parser.add_argument("--log", metavar="FILE", help="mail log (standard error; /dev/null for none)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter on top of main.cf"
    )
    parser.add_argument("--rav", action="append", default=[], metavar="NAME=VALUE", help="the same, on top of rav/")
    return parser


def _address(text: str) -> Address:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def _load(options: argparse.Namespace, generation: int, ledger: Ledger) -> tuple[Settings, Engine]:
    chosen, rav = (
        {text.partition("=")[0]: text.partition("=")[2] for text in some} for some in (options.set, options.rav)
    )
    engine = Engine.load(options.config / "rav", rav, Clamd, generation, ledger, Turns)
    return Settings.load(options.config, chosen), engine


async def _serve(options: argparse.Namespace) -> int:
    generations = count(1)
    ledger = Ledger()
    settings, engine = _load(options, next(generations), ledger)
    undo = contextlib.ExitStack()
    handle: int | None = sys.stderr.fileno()
    if options.log is not None:
        appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        handle = None if options.log == "/dev/null" else os.open(options.log, appending, 0o644)
    log = MailLog(SystemClock(), settings.text("myhostname"))
    if handle is not None:
        file = LogFile(handle)
        undo.callback(file.flush)
        log.sinks.append(file)
    resolver = StubResolver(options.dns)
    with undo, tempfile.TemporaryDirectory(prefix="gateway-") as scratch:
        queue = options.queue or Path(scratch) / "queue"
        gateway = Gateway(settings, engine, resolver, log, queue, lambda nexthop: options.next_hop, long_lived=True)
        _warn(log, settings)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)

        def reload() -> None:
            try:
                generation = next(generations)
                settings, engine = _load(options, generation, ledger)
                gateway.reload(settings, engine)
                _warn(log, settings)
                log.line("master", 0, f"reload -- version reference, generation {generation}")
            except (ConfigError, OSError) as error:
                log.line("master", 0, f"reload failed, the old configuration stays: {error}")

        loop.add_signal_handler(signal.SIGHUP, reload)
        address = await gateway.start(*options.listen)
        print(json.dumps({"smtp": address}), flush=True)
        await stopped.wait()
        await gateway.stop()
        await resolver.close()
    return 0


def _warn(log: MailLog, settings: Settings) -> None:
    """Log what is odd about a configuration: a gateway that is made of it has opened its tables."""
    for warning in settings.warnings:
        log.line("postfix-script", 0, f"warning: {warning}")


if __name__ == "__main__":
    sys.exit(main())
