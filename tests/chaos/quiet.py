"""Waiting until a cluster is at rest: every webhook answered, every group at its end, nothing waiting anywhere."""

import asyncio
import re
import time
from collections.abc import Callable
from itertools import groupby

from agents.demo.simulators.store import Records
from tests.chaos.cluster import Cluster
from tests.chaos.reading import lags, standing_work

_NUMBER = re.compile(r"\d+")
REST_SECONDS = 2.0
"""For so long nothing may move."""


async def until_quiet(cluster: Cluster, seconds: float, tell: Callable[[str], None]) -> bool:
    """Whether it came to rest in time. `tell` hears what it still waits for."""
    deadline, still_since, before = time.monotonic() + seconds, None, None
    while time.monotonic() < deadline:
        waiting, now = await asyncio.to_thread(_look, cluster)
        if waiting:
            still_since = None
            tell(", ".join(waiting))
        elif still_since is None or now != before:
            still_since = time.monotonic()
        elif time.monotonic() - still_since > REST_SECONDS:
            return True
        before = now
        await asyncio.sleep(1.0)
    return False


def _look(cluster: Cluster) -> tuple[list[str], object]:
    waiting = []
    open_webhooks = _open_webhooks(cluster)
    if open_webhooks:
        waiting.append(f"{open_webhooks} webhooks not taken")
    found = lags(cluster.broker.connection())
    for group, behind in groupby(found, key=lambda lag: lag.group):
        records = sum(lag.end - lag.committed for lag in behind)
        if records:
            waiting.append(f"{group} {records} behind")
    if not waiting:
        waiting += standing_work(cluster.broker.connection())
    return waiting, tuple(lag.end for lag in found)


def _open_webhooks(cluster: Cluster) -> int:
    store = Records(cluster.database)
    try:
        rows = store._rows("SELECT COUNT(*) AS n FROM webhooks WHERE status IS NULL OR status >= 300")
        return int(rows[0]["n"])
    finally:
        store.close()


def told_number(cluster: Cluster, tenant: str, conversation_id: str) -> bool:
    """Whether the customer of a conversation has been told the number of a ticket, in the chat or by mail."""
    store = Records(cluster.database)
    try:
        numbers = {str(row["id"]) for row in store._rows("SELECT id FROM tickets WHERE account = ?", tenant)}
        rows = store._rows(
            "SELECT text FROM messages WHERE account = ? AND session_id = ? AND author = 'human'",
            tenant,
            conversation_id,
        )
        address = f"customer-{conversation_id}@example.com"
        mails = store._rows(
            "SELECT subject AS text FROM mails WHERE via = 'smtp' AND recipients LIKE ?", f"%{address}%"
        )
        rows = [*rows, *mails]
    finally:
        store.close()
    return any(number in numbers for row in rows for number in _NUMBER.findall(row["text"]))
