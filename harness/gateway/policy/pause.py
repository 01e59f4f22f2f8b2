"""pause - (IO) let time pass: `sleep`, and the wait between two questions about a probe."""

from __future__ import annotations

import asyncio


async def pause(seconds: float) -> None:
    """Return after so many seconds; other sessions go on meanwhile."""
    await asyncio.sleep(seconds)
