"""sitecustomize - makes the gateway that finds it first on its path a fifth slower: `gauntlet bench --gateway-path`.

After each piece of data it spins for a share of whatever processor time the process has taken since it last spun, so
that everything costs more: commands, DNS answers, files, the loop itself.  The gateway does not know.
"""

import os
import time
from typing import Any

import uvloop

_SHARE = float(os.environ.get("GAUNTLET_SLOWER", "0.2"))
_create_server = uvloop.Loop.create_server
_last = time.thread_time()


async def create_server(self: Any, factory: Any, *more: Any, **named: Any) -> Any:
    """As it was, with connections that spin."""

    def slower() -> Any:
        made = factory()
        kind = type(made)
        if not hasattr(kind, "unhurried"):
            kind.unhurried, kind.data_received = kind.data_received, _then_spin
        return made

    return await _create_server(self, slower, *more, **named)


def _then_spin(self: Any, data: bytes) -> None:
    global _last
    self.unhurried(data)
    now = time.thread_time()
    until = now + (now - _last) * _SHARE
    while (now := time.thread_time()) < until:
        pass
    _last = now


uvloop.Loop.create_server = create_server
