"""laboratory - namespaces in which one Postfix after the other runs, seen from outside. (IO)

Making the namespaces costs some 35 ms and is done once for many scenarios; a fresh master in them is ready in 20 ms.
Whatever happens to us, the supervisor inside notices, and takes every process with it.
"""

from __future__ import annotations

import atexit
import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from harness.errors import TargetError
from harness.private_postfix import supervisor

_NAMESPACES = ("--mount", "--net", "--pid", "--fork", "--kill-child")
_ORDINARY = ("--user", "--map-root-user", "--map-auto")  # what somebody who is not root needs on top
_META = ("dynamicmaps.cf", "dynamicmaps.cf.d", "postfix-files", "postfix-files.d")  # belong beside main.cf
_SYSTEM = {
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n",
    "hosts": "127.0.0.1 localhost\n127.0.0.2 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
DELIVERY_DNS = "127.0.0.2"  # what smtp(8) asks, in its chroot: everything is at the next hop
_DELIVERY = {**_SYSTEM, "resolv.conf": f"nameserver {DELIVERY_DNS}\noptions timeout:1 attempts:2\n"}


@cache
def missing() -> str:
    """Why no Postfix can be started here; "" if it can."""
    if not Path(supervisor.MASTER).exists() or not Path("/etc/postfix").is_dir():
        return "Postfix is not installed (Debian: postfix postfix-pcre postfix-lmdb)"
    for program, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(program, path=_path()) is None:
            return f"{program} is not installed (Debian: {package})"
    if os.geteuid() and shutil.which("newuidmap") is None:
        return "neither root nor newuidmap (Debian: uidmap)"
    command = ["unshare", *_namespaces(), "true"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        who = "root" if not os.geteuid() else f"{getpass.getuser()}, with an entry in /etc/subuid and /etc/subgid,"
        return f"{who} may not make namespaces here: {' '.join(done.stderr.split())}"
    return ""


class Laboratory:
    """The namespaces, their supervisor, and the directory that both sides see."""

    def __init__(self) -> None:
        """Raises TargetError."""
        self.root = Path(tempfile.mkdtemp(prefix="gauntlet-postfix-"))
        self.root.chmod(0o755)
        self._furnish()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = ["unshare", *_namespaces(), sys.executable, "-I", "-S", supervisor.__file__]
        self._process = subprocess.Popen(
            [*command, str(theirs.fileno()), str(self.root)],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env={"PATH": _path(), "LC_ALL": "C"},
        )  # fmt: skip
        theirs.close()
        self._answered()

    @property
    def pid(self) -> int:
        """The process under which all of the namespaces are."""
        return self._process.pid

    def start(self, listen: list[tuple[str, str, int]], log: int) -> list[socket.socket]:
        """End the last master, start a fresh one that logs to this descriptor; gives the sockets to serve it with.

        `listen` has ("udp" or "tcp", address, port), inside the namespace.  Raises TargetError.
        """
        return [socket.socket(fileno=fd) for fd in self._ask({"do": "start", "listen": listen}, [log])[1]]

    def stop(self) -> None:
        """Kill every process but the supervisor."""
        self._ask({"do": "stop"})

    def why(self) -> str:
        """What a master says that does not even start: it tells nobody but a terminal."""
        said: str = self._ask({"do": "why"})[0]["said"]
        return said

    def flush(self) -> list[str]:
        """Have all deferred mail tried again, now; gives its queue ids."""
        files: list[str] = self._ask({"do": "flush"})[0]["files"]
        return files

    def queues(self, *names: str) -> dict[str, list[str]]:
        """The files below these queue directories."""
        found: dict[str, list[str]] = self._ask({"do": "queues", "names": names})[0]
        return found

    def close(self) -> None:
        """End the namespaces, and all that is in them."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()  # --kill-child: the supervisor goes with it
            self._process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def _furnish(self) -> None:
        for name, files in (("system", _SYSTEM), ("spool/etc", _DELIVERY)):
            (self.root / name).mkdir(parents=True)
            for file, text in files.items():
                (self.root / name / file).write_text(text, "ascii")
        (self.root / "etc").mkdir()
        if os.geteuid():  # files that are root's outside are nobody's inside, and Postfix loads no nobody's modules
            shutil.copytree("/usr/lib/postfix", self.root / "plib", symlinks=True)

    def furnish_etc(self) -> Path:
        """An empty /etc/postfix but for what the package keeps there for its programs."""
        etc = self.root / "etc"
        for path in etc.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name in _META:
            source = Path("/etc/postfix", name)
            if source.is_dir():
                shutil.copytree(source, etc / name, copy_function=shutil.copyfile)
            elif source.exists():
                shutil.copyfile(source, etc / name)
        return etc

    def _ask(self, order: dict[str, Any], fds: list[int] | None = None) -> tuple[dict[str, Any], list[int]]:
        try:
            socket.send_fds(self._control, [json.dumps(order).encode()], fds or [])
        except OSError as error:
            raise TargetError(f"the supervisor of the private Postfix is gone: {error.strerror}") from None
        return self._answered()

    def _answered(self) -> tuple[dict[str, Any], list[int]]:
        self._control.settimeout(20)
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 1 << 20, 16)
        except OSError as error:
            raise TargetError(f"the supervisor of the private Postfix does not answer: {error}") from None
        answer = json.loads(data or b'{"error": "it ended at once"}')
        if "error" in answer:
            raise TargetError(f"the supervisor of the private Postfix: {answer['error']}")
        return answer, fds


_idle: list[Laboratory] = []


def acquire() -> Laboratory:
    """A laboratory that nobody uses: one from before, or a new one.  Raises TargetError."""
    return _idle.pop() if _idle else Laboratory()


def release(laboratory: Laboratory) -> None:
    """Give it back, its master stopped; it is closed when this process ends."""
    try:
        laboratory.stop()
    except TargetError:
        laboratory.close()
    else:
        _idle.append(laboratory)


@atexit.register
def close_all() -> None:
    """Close those that nobody uses."""
    while _idle:
        with contextlib.suppress(OSError):
            _idle.pop().close()


def _namespaces() -> tuple[str, ...]:
    return _NAMESPACES + (_ORDINARY if os.geteuid() else ())


def _path() -> str:
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
