"""policy_server - the policy server of a scenario: answers check_policy_service by its rules, on a socket. (IO)

In a thread of its own, since in direct mode nobody else would answer while the gateway waits.  Source:
SMTPD_POLICY_README.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from fnmatch import fnmatchcase
from pathlib import Path

from harness.scenario import PolicyRule

PLACE = "private/policy"  # below queue_directory: `check_policy_service unix:private/policy`
_NAME = re.compile(r"\{(\w+)\}")
_MOST = 1 << 16  # bytes of a request


def answer(rules: Sequence[PolicyRule], asked: Mapping[str, str]) -> bytes | None:
    """What the first rule that matches says, DUNNO without one; None: hang up.  Pure."""
    rule = next((one for one in rules if _matches(one.match, asked)), PolicyRule())
    if rule.raw is not None:
        return rule.raw.encode("utf-8", "surrogateescape") or None
    action = _NAME.sub(lambda name: asked.get(name[1], name[0]), rule.action)
    return f"action={action}\n\n".encode("utf-8", "surrogateescape")


def _matches(wanted: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Whether every attribute is as it is wanted; `*` stands for anything, and case counts."""
    return all(fnmatchcase(asked.get(name, ""), pattern) for name, pattern in wanted.items())


def parse_request(text: bytes) -> dict[str, str]:
    """`name=value` lines -> attributes."""
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    return {name: value for name, equals, value in (line.partition("=") for line in lines) if equals}


def beside(
    rules: Sequence[PolicyRule], parameters: Mapping[str, str], undo: AsyncExitStack | ExitStack
) -> tuple[Mapping[str, str], Callable[[Path], None] | None]:
    """Start the policy server of a scenario that has one: parameters with the queue directory in which it listens.

    And how to have it listen somewhere else, too.
    """
    if not rules:
        return parameters, None
    server, directory = PolicyServer(rules), tempfile.mkdtemp(prefix="gauntlet-")  # short enough for a socket's path
    undo.callback(shutil.rmtree, directory)
    undo.callback(server.close)
    server.serve(Path(directory, PLACE))
    return {**parameters, "queue_directory": directory}, server.serve


class PolicyServer:
    """Listens wherever it is asked to, until it is closed."""

    def __init__(self, rules: Sequence[PolicyRule]) -> None:
        self.rules = tuple(rules)
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._paths: list[Path] = []
        self._closed = False

    def serve(self, path: Path) -> None:
        """Listen at this path, too, in the place of what was there; anybody may connect.  Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX)
        self._open.add(listening)
        listening.bind(str(path))
        path.chmod(0o666)
        listening.listen(64)
        self._paths.append(path)
        self._begin(self._accept, listening)

    def close(self) -> None:
        """No more answers; returns when every thread has ended."""
        self._closed = True
        for one in tuple(self._open):
            with contextlib.suppress(OSError):  # the other side may be gone already
                one.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for it
        for thread in self._threads:
            thread.join()
        for one in tuple(self._open):
            one.close()
        for path in self._paths:
            path.unlink(missing_ok=True)

    def _begin(self, work: Callable[[socket.socket], None], one: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(one,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listening: socket.socket) -> None:
        while not self._closed:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            self._open.add(client)
            self._begin(self._talk, client)

    def _talk(self, client: socket.socket) -> None:
        pending = b""
        with contextlib.suppress(OSError), client:
            while not self._closed and len(pending) < _MOST:
                request, end, rest = pending.partition(b"\n\n")
                if not end:
                    received = client.recv(4096)
                    if not received:
                        break
                    pending += received
                    continue
                said = answer(self.rules, parse_request(request))
                if said is None:
                    break
                client.sendall(said)
                pending = rest
        self._open.discard(client)
