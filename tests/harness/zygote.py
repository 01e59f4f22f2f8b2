"""zygote - `gauntlet` and `pytest` as commands, from a process that has imported what they need and forks for each.

A command is a process with a working directory, an environment, two streams and an exit status, as ever; only the half
second is saved that Python takes to import pytest and ours.  What tests signals or process trees starts its own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Whatever a run imports, but the pytest plugin: pytest wants to rewrite that itself.
_EARLY = ("pytest", "xdist.plugin", "xdist.looponfail", "harness.cli", "harness.cell", "harness.load", "harness.plan", "harness.run",
          "harness.judge", "harness.targets.reference", "harness.gateway.server", "uvloop", "aiosmtpd.smtp")  # fmt: skip


def command(
    module: str, arguments: Sequence[str], cwd: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`python -m MODULE ARGUMENTS` in `cwd`, with these variables beside ours; what it printed, and its status."""
    zygote = _zygote(os.getpid())
    with tempfile.TemporaryDirectory() as directory:
        out, err = Path(directory, "out"), Path(directory, "err")
        asked = {"module": module, "arguments": list(arguments), "cwd": str(cwd), "environment": environment or {},
                 "out": str(out), "err": str(err)}  # fmt: skip
        assert zygote.stdin is not None and zygote.stdout is not None
        zygote.stdin.write(json.dumps(asked) + "\n")
        zygote.stdin.flush()
        answer = zygote.stdout.readline()
        assert answer, "the zygote died"
        return subprocess.CompletedProcess([module, *arguments], int(answer), out.read_text(), err.read_text())


@cache
def _zygote(owner: int) -> subprocess.Popen[str]:
    """One for each process of pytest; it ends when the pipe to it is closed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment = {name: value for name, value in environment.items() if not name.startswith(("PYTEST_", "COV_"))}
    return subprocess.Popen(
        [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _serve() -> None:
    """Fork for each line, and answer with the exit status."""
    for module in _EARLY:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _be(asked)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be(asked: dict[str, str]) -> None:
    """This process is the command from now on."""
    status: object = 0
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
        os.chdir(asked["cwd"])
        os.environ.update(asked["environment"])
        sys.argv = [asked["module"], *asked["arguments"]]
        sys.path[0] = asked["cwd"]
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    if isinstance(status, str):
        print(status, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    _serve()
