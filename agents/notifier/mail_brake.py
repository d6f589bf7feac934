"""How many mails one address may get: a chat takes any address, and nobody shall use us to flood a stranger.

RFC 3834 2 asks an automatic responder to limit what it sends to one address. The count is this process's own and
starts anew with it: conversations of one address lie on several partitions, and a brake need not be exact.
"""

from collections import OrderedDict, deque

MAX_MAILS = 12
WINDOW_SECONDS = 3600.0
"""A busy customer has three escalations an hour at most; each is good for four notices."""

MAX_ADDRESSES = 100_000
"""Remembered at once; the least recently mailed are forgotten first."""


class MailBrake:
    """A sliding window per tenant and address."""

    def __init__(self, max_addresses: int = MAX_ADDRESSES) -> None:
        """Nobody was mailed yet."""
        self._max_addresses = max_addresses
        self._sent: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def admits(self, tenant: str, address: str, now: float) -> bool:
        """Whether one more mail may go there now; one that may is counted. `now` never goes back."""
        key = (tenant, address.lower())
        times = self._sent.setdefault(key, deque())
        self._sent.move_to_end(key)
        while times and now - times[0] >= WINDOW_SECONDS:
            times.popleft()
        if len(times) >= MAX_MAILS:
            return False
        times.append(now)
        if len(self._sent) > self._max_addresses:
            self._sent.popitem(last=False)
        return True
