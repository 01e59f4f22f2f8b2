"""turns - a mail that takes long to examine lets the other sessions have their turn. (IO)"""

from __future__ import annotations

import asyncio
import time

AT_A_TIME_S = 0.02


class Turns:
    """Asked between two objects of one mail: gives way once the event loop has waited for AT_A_TIME_S seconds."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def give_way(self) -> None:
        """Return at once, or after everybody who was waiting had a turn."""
        if time.monotonic() - self._since >= AT_A_TIME_S:
            await asyncio.sleep(0)
            self._since = time.monotonic()
