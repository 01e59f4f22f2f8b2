"""cli - the command `gauntlet`: one function per sub-command, each importing what it needs when it is called."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from harness import __version__, bench_door
from harness.errors import HarnessError, UsageError, did_you_mean
from harness.option import percent, processes, whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command; gives the exit status.  A HarnessError is one line on standard error."""
    try:
        options = _parser().parse_args(arguments)
        status: int = options.command(options)
        return status
    except HarnessError as error:
        print(f"gauntlet: {error}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:  # `gauntlet explain ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace) -> int:
    """Replay scenarios and judge them; with two targets, compare these instead."""
    options.paths = options.paths or _default_scenarios()
    if len(options.target) > 1:
        from harness.parity import parity

        judging = {
            "--processes": options.processes, "-x": options.x, "--jsonl": options.jsonl, "--junit": options.junit,
            "--update-golden": options.update_golden,
        }  # fmt: skip
        if idle := [name for name, value in judging.items() if value]:
            raise UsageError(f"{', '.join(idle)}: of one target; several are compared, and nothing is judged")
        return parity(
            options.paths, options.target, seed=options.seed, only=options.k or "", tags=options.m or "",
            known=options.known,
        )  # fmt: skip
    if options.known is not None:
        raise UsageError("--known: of what two targets do not agree on; a second --target says which")
    from harness.gate import gate

    return gate(options)


def _serve(options: argparse.Namespace) -> int:
    from harness.serve import serve

    return serve(
        options.file, options.target, smtp=options.smtp, dns=options.dns, log=options.log, control=options.control
    )


def _dns(options: argparse.Namespace) -> int:
    from harness.serve import order_dns

    return order_dns(options.control, options.order)


def _explain(options: argparse.Namespace) -> int:
    from harness.explain import explain

    return explain(options.file, options.session, options.target)


def _report(options: argparse.Namespace) -> int:
    from harness.report_source import report

    return report(options.name, options.sources, options.target)


def _schema(options: argparse.Namespace) -> int:
    from harness.schema import schema_text

    print(schema_text(), end="")
    return 0


def _impact(options: argparse.Namespace) -> int:
    from harness.impact.main import Options, impact

    target = options.target or ("reference" if options.wire else "direct")
    return impact(
        Options(
            options.old, options.new, options.corpus or _default_scenarios(), options.zone, options.fail_on,
            options.expect, target, options.noise, options.processes, options.scheduler, options.state, options.shard,
            options.jsonl, options.parquet, options.markdown, options.json, options.most,
        )
    )  # fmt: skip


def _import(options: argparse.Namespace) -> int:
    from harness.corpus.main import import_mail

    return import_mail(
        options.paths, options.output, label=options.label, inside=options.inside, client=options.client,
        recipient=options.recipient, form=options.form,
    )  # fmt: skip


def _generate(options: argparse.Namespace) -> int:
    from harness.corpus.main import generate

    return generate(options.mix, options.output, sessions=options.sessions, seed=options.seed)


def _coverage(options: argparse.Namespace) -> int:
    from harness.impact.main import coverage

    return coverage(
        options.config, options.corpus or _default_scenarios(), options.zone, json_file=options.json, lcov=options.lcov,
        cobertura=options.cobertura, fail_under=options.fail_under,
    )  # fmt: skip


def _mutate(options: argparse.Namespace) -> int:
    from harness.impact.main import mutate

    return mutate(
        options.config,
        options.corpus or _default_scenarios(),
        options.zone,
        processes=options.processes,
        fail_under=options.fail_under,
    )


def _check(options: argparse.Namespace) -> int:
    from harness.check import check

    return check(options.config)


def _fuzz(options: argparse.Namespace) -> int:
    from harness.fuzz.main import fuzz

    return fuzz(
        sessions=options.sessions, seed=options.seed, per_configuration=options.per_configuration, known=options.known,
        output=options.output, shrinks=options.shrinks,
    )  # fmt: skip


def _doctor(options: argparse.Namespace) -> int:
    from harness.doctor import doctor

    return doctor()


def _default_scenarios() -> list[str]:
    from harness.corpus.find import default_scenarios

    return [default_scenarios()]


class _Parser(argparse.ArgumentParser):
    """Says the nearest right word when one is wrong."""

    def error(self, message: str) -> NoReturn:
        if "invalid choice: '" in message:
            wrong = message.partition("invalid choice: '")[2].partition("'")[0]
            message = f"no command {wrong!r}{did_you_mean(wrong, _COMMANDS)}"
        elif message.startswith("unrecognized arguments: "):
            wrong = message.removeprefix("unrecognized arguments: ").split()[0]
            known = [option for action in self._actions for option in action.option_strings]
            message = f"no option {wrong!r}{did_you_mean(wrong, [*known, *_OPTIONS])}"
        self.exit(2, f"gauntlet: {message}\n")


_COMMANDS = {
    "run": (_run, "replay scenarios against a gateway and judge what comes of them"),
    "serve": (_serve, "start a scenario's world (DNS, gateway, next hop) for use by hand"),
    "dns": (_dns, "ask or change the DNS of a world that is up: what was asked, lists, records, faults"),
    "explain": (_explain, "print, rule by rule, what decided a session"),
    "report": (_report, "summarise mail logs, or the logs of replayed scenarios: pflogsumm, spam-stats"),
    "schema": (_schema, "print the JSON Schema of scenario files"),
    "check": (_check, "say what is wrong with a configuration, line by line, before any mail meets it"),
    "impact": (_impact, "say whose mail changes fate when the rules change, worst harm first"),
    "coverage": (_coverage, "say which lines of the rules a corpus asks, matches and decides by"),
    "mutate": (_mutate, "change one line of the rules at a time: would the corpus notice?"),
    "fuzz": (_fuzz, "draw configurations and sessions at random: do the reference gateway and a real Postfix agree?"),
    "import": (_import, "turn mail from life (mbox, Maildir, .eml, Postfix logs) into a corpus"),
    "generate": (_generate, "make a corpus of any number of sessions from a mix of families"),
    "bench": (bench_door.bench, "put a scenario's load on a gateway; without one, measure hot paths against peers"),
    "source": (bench_door.source, "send mail as fast as a server takes it, or at a rate, as smtp-source"),
    "sink": (bench_door.sink, "take every mail and keep none, as smtp-sink"),
    "doctor": (_doctor, "say what is installed here, and what is missing"),
}
_PROCESSES = ("-n", "--processes")  # of every command that takes some
_OPTIONS = (
    "--target",
    "--jsonl",
    "--junit",
    "--seed",
    "--update-golden",
    "--known",
    "--smtp",
    "--dns",
    "--log",
    "--only",
    "--rate",
    "--duration",
    "--processes",
    "--keep-going",
    "--saturate",
    "--save",
    "--compare",
    "--against",
    "--fail",
    "--pairs",
    "--history",
    "--gateway-path",
    "--hdr",
    "--json",
    "--markdown",
    "--connections",
    "--sessions",
    "--output",
)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("gauntlet", description="Offline message-replay test harness for mail gateways.")
    parser.add_argument("--version", action="version", version=f"gauntlet {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    made = {}
    for name, (command, summary) in _COMMANDS.items():
        made[name] = commands.add_parser(
            name, help=summary, description=f"{summary[:1].upper()}{summary[1:]}.", add_help=name != "sink"
        )
        made[name].set_defaults(command=command)
    run = made["run"]
    run.add_argument("paths", nargs="*", metavar="PATH", help="files or directories (scenarios, or the shipped ones)")
    run.add_argument("-k", metavar="EXPR", help="only sessions whose name matches, as pytest's -k")
    run.add_argument("-m", metavar="TAG", help="only sessions with this tag, as pytest's -m")
    run.add_argument(*_PROCESSES, type=processes, metavar="N", help="how many, or `auto`: one a processor (1)")
    run.add_argument("-x", action="store_true", help="stop at the first failure")
    run.add_argument(
        "--target", action="append", default=[], metavar="TARGET",
        help="reference (default), postfix, remote:HOST:PORT; two are compared, and nothing else is judged",
    )  # fmt: skip
    run.add_argument(
        "--known", metavar="FILE", help="disagreements of two targets that are right, each with its reason"
    )
    run.add_argument("--jsonl", metavar="FILE", help="write one JSON object per session")
    run.add_argument("--junit", metavar="FILE", help="write JUnit XML")
    run.add_argument("--seed", type=int, help="instead of each scenario's own")
    run.add_argument("--update-golden", action="store_true", help="write golden transcripts anew")
    made["check"].add_argument("config", metavar="CONFIG", help="a configuration directory")
    for name in ("serve", "explain"):
        made[name].add_argument("file", metavar="FILE", help="a scenario file")
        made[name].add_argument("--target", default="reference")
    made["explain"].add_argument("session", nargs="?", metavar="SESSION", help="one session (all of them)")
    made["serve"].add_argument("--smtp", metavar="HOST:PORT", help="where the gateway listens (any free port)")
    made["serve"].add_argument("--dns", metavar="HOST:PORT", help="where the DNS listens (any free port)")
    made["serve"].add_argument("--log", metavar="FILE", help="where the mail log goes (standard error)")
    made["serve"].add_argument("--control", metavar="PATH", help="socket for `gauntlet dns` (one of its own)")
    made["dns"].add_argument("control", metavar="SOCKET", help="`control` in what `gauntlet serve` prints")
    made["dns"].add_argument(
        "order", nargs="+", metavar="ORDER",
        help="query NAME [TYPE], history [PATTERN], set list|unlist|fault|mend|record|remove|forget ...",
    )  # fmt: skip
    _impact_options(made["impact"])
    _corpus_options(made["import"], made["generate"])
    for name in ("coverage", "mutate"):
        add = made[name].add_argument
        add("config", metavar="CONFIG", help="a configuration directory, or git:REV:PATH")
        add("--corpus", action="append", default=[], metavar="PATH", help="scenarios, .jsonl, .parquet (scenarios)")
        add("--zone", action="append", default=[], metavar="FILE", help="DNS of a corpus that brings none of its own")
        add("--fail-under", type=percent, default=0.0, metavar="PERCENT", help="exit status 1 below this")
    made["coverage"].add_argument("--json", metavar="FILE", help="write every line with its counts")
    made["coverage"].add_argument("--lcov", metavar="FILE", help="write a tracefile that coverage viewers show")
    made["coverage"].add_argument("--cobertura", metavar="FILE", help="the same as XML, as CI systems want it")
    made["mutate"].add_argument(*_PROCESSES, type=processes, default="auto", metavar="N", help="how many (auto)")
    _fuzz_options(made["fuzz"])
    made["report"].add_argument("name", metavar="REPORT", help="pflogsumm or spam-stats")
    made["report"].add_argument("sources", nargs="+", metavar="LOG|RUN", help="log files, `-`, or scenarios to replay")
    made["report"].add_argument("--target", default="reference")
    bench_door.bench_options(made["bench"])
    bench_door.source_options(made["source"])
    bench_door.sink_options(made["sink"])
    return parser


def _corpus_options(importing: argparse.ArgumentParser, generating: argparse.ArgumentParser) -> None:
    add = importing.add_argument
    add("paths", nargs="+", metavar="PATH", help="mbox files, Maildirs, folders of .eml, logs of Postfix, .jsonl")
    add("--output", required=True, metavar="FILE", help="NAME.jsonl or NAME.parquet; NAME.zone is written beside it")
    add("--label", default="unknown", help="ham, spam, malware or unknown (unknown)")
    add("--inside", action="append", default=[], metavar="NETWORK", help="networks of our own: no clients")
    add("--client", default="", metavar="ADDRESS", help="who brought mail that does not tell")
    add("--recipient", default="", metavar="ADDRESS", help="who gets mail that does not tell")
    add("--form", default="", metavar="NAME", help="which importer reads it (the path decides)")
    add = generating.add_argument
    add("--mix", required=True, metavar="FILE", help="which families, in which proportion")
    add("--sessions", type=whole(1), metavar="N", help="how many (what the mix says)")
    add("--seed", type=int, metavar="S", help="instead of the mix's own")
    add("--output", required=True, metavar="FILE", help="NAME.jsonl or NAME.parquet; NAME.zone is written beside it")


def _fuzz_options(fuzz: argparse.ArgumentParser) -> None:
    add = fuzz.add_argument
    add("--sessions", type=whole(1), default=500, metavar="N", help="how many (500)")
    add("--seed", type=int, default=1, metavar="S", help="the same seed draws the same (1)")
    add("--per-configuration", type=whole(1), default=15, metavar="N", help="sessions in one configuration (15)")
    add("--known", metavar="FILE", help="disagreements that are right, each with its reason")
    add("--output", default="scenarios/regress", metavar="DIR", help="where scenarios are written (scenarios/regress)")
    add("--shrinks", type=whole(0), default=5, metavar="N", help="disagreements to shrink to a scenario, at most (5)")


def _impact_options(impact: argparse.ArgumentParser) -> None:
    add = impact.add_argument
    add("old", metavar="OLD", help="the rules of today: a configuration directory, or git:REV[:PATH]")
    add("new", metavar="NEW", help="the rules of tomorrow")
    add("--corpus", action="append", default=[], metavar="PATH", help="scenarios, .jsonl, .parquet (scenarios)")
    add("--zone", action="append", default=[], metavar="FILE", help="DNS of a corpus that brings none of its own")
    add("--fail-on", action="append", default=[], metavar="HARM,...", help="harms that give exit status 10")
    add("--expect", metavar="FILE", help="changes that were agreed to, each with its ticket")
    add("--wire", action="store_true", help="over sockets, against the reference gateway: slow")
    add("--target", metavar="NAME", help="over sockets, against this target (postfix): slower")
    add("--noise", type=whole(0), default=2, metavar="N", help="ask the old rules N times more about what changed (2)")
    add(*_PROCESSES, type=processes, default="auto", metavar="N", help="how many (auto: one a processor)")
    add("--scheduler", default="", metavar="ADDRESS", help="on this Dask cluster instead")
    add("--state", metavar="DIR", help="keep what is done here, and go on from it")
    add("--shard", type=whole(1), default=2000, metavar="N", help="sessions that one process decides at a time (2000)")
    add("--jsonl", metavar="FILE", help="write every session's fate as a line of JSON")
    add("--parquet", metavar="FILE", help="the same as Parquet")
    add("--markdown", metavar="FILE", help="write the report for a pull request")
    add("--json", metavar="FILE", help="write the counts as JSON")
    add("--most", type=whole(0), default=20, metavar="N", help="causes to show (20)")
