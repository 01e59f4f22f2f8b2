"""pause - (IO) let time pass: `sleep`, and the wait between two questions about a probe."""

from __future__ import annotations

import asyncio


async def pause(seconds: float) -> None:
    """Return after so many seconds; other sessions go on meanwhile.  In direct mode, at once."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return  # nobody else waits for his turn, and no verdict depends on how long this took
    await asyncio.sleep(seconds)
