"""Let the event loop run until nothing is left that can go on without time or the outside."""

import asyncio

_ENOUGH = 10


async def settled() -> None:
    """Everything that can go on has gone on, some calls deep."""
    for _ in range(_ENOUGH):
        await asyncio.sleep(0)
