"""container - contract: a named file -> the same file inside something, byte for byte the same at every run.

Members live in containers/, found by the words that `wrap: [...]` of a scenario writes.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.registry import Registry

Named = tuple[str, bytes]  # file name, content
Container = Callable[[Named], Named]

containers: Registry[Container] = Registry("container", "harness.corpus.containers")

WHEN = 1060506000  # 2003-08-10 09:00 UTC: the time stamp of every member


def stem(name: str) -> str:
    """A file name without its last extension."""
    return name.rpartition(".")[0] or name
