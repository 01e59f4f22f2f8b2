"""budget - how much one mail may cost to examine: depth, members, bytes, ratio and time (section: limits).

Passing a limit is never "clean": `LimitPassed` becomes an `unscannable` finding of the limit's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings `max_*` and `scan_timeout_s`: counts, bytes, seconds."""

    max_depth: int = 16  # levels of mails and archives inside each other
    max_members: int = 1500  # objects unpacked from one mail
    max_member_bytes: int = 100 * MIB
    max_mail_bytes: int = 300 * MIB  # everything unpacked from one mail
    max_ratio: int = 250  # unpacked : packed, counted above `RATIO_FREE` only
    scan_timeout_s: int = 25
    max_mime_parts: int = 1024
    max_mime_depth: int = 64
    max_header_fields: int = 1024
    max_header_bytes: int = 256 * KIB
    max_parameters: int = 256  # of one header field
    max_name_length: int = 255
    max_held_bytes: int = 160 * MIB  # unpacked and held at once: the containers around an object, and itself


RATIO_FREE = MIB  # a small file may be as compressible as it likes


class LimitPassed(Exception):
    """A limit was passed.  `partial` is what had been unpacked by then: it is scanned all the same."""

    def __init__(self, limit: str, partial: bytes = b"", *, whole_mail: bool = False) -> None:
        super().__init__(limit)
        self.limit, self.partial, self.whole_mail = limit, partial, whole_mail


class Budget:
    """What is left to spend on one mail."""

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        """`now` gives seconds; a clock that stands still never runs out of time."""
        self.limits, self.now = limits, now
        self.members = 0
        self.bytes = 0
        self.held = 0
        self._deadline = now() + limits.scan_timeout_s

    def member(self) -> None:
        """Count one more object.  Raises LimitPassed."""
        self.members += 1
        if self.members > self.limits.max_members:
            raise LimitPassed("Limits.Members", whole_mail=True)
        self.check_time()

    def check_time(self) -> None:
        """Raises LimitPassed once the mail has had its time."""
        if self.now() > self._deadline:
            raise LimitPassed("Limits.Time", whole_mail=True)

    def check_depth(self, depth: int) -> None:
        """Raises LimitPassed when an object lies too deep."""
        if depth > self.limits.max_depth:
            raise LimitPassed("Limits.Depth")

    def spend(self, size: int) -> None:
        """Count unpacked bytes of a finished member.  Raises LimitPassed."""
        self.bytes += size
        if self.bytes > self.limits.max_mail_bytes:
            raise LimitPassed("Limits.Bytes", whole_mail=True)

    def hold(self, size: int) -> None:
        """Count bytes that stay in memory while what they hold is examined.  Raises LimitPassed."""
        self.held += size
        if self.held > self.limits.max_held_bytes:
            self.held -= size
            raise LimitPassed("Limits.Memory", whole_mail=True)

    def let_go(self, size: int) -> None:
        """The counterpart of hold."""
        self.held -= size

    def drain(self, step: Callable[[int], bytes], packed: int) -> bytes:
        """Everything `step(max_length)` gives until it gives nothing, under the limits for one member.

        `packed` is the size it is unpacked from.  Raises LimitPassed with what was unpacked so far, and
        whatever `step` raises.
        """
        whole = BytesIO()  # unlike a list of chunks, it gives its content without a second copy
        most = min(self.limits.max_member_bytes, self.limits.max_mail_bytes - self.bytes)
        most = max(0, min(most, self.limits.max_held_bytes - self.held))
        while chunk := step(256 * KIB):
            whole.write(chunk)
            size = whole.tell()
            if size > most:
                raise LimitPassed("Limits.MemberBytes", whole.getvalue())
            if size > RATIO_FREE and size > self.limits.max_ratio * max(packed, 1):
                raise LimitPassed("Limits.Ratio", whole.getvalue())
            self.check_time()
        return whole.getvalue()
