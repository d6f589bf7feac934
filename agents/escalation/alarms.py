"""When conversations want to be woken: keys by minute, so that one costs a pointer and no entry of its own."""

import heapq

MINUTE_MS = 60_000


class Alarms:
    """Entries are never taken out before their time: who rings asks whether it still matters."""

    def __init__(self) -> None:
        """None is set."""
        self._keys: dict[int, list[str]] = {}
        self._minutes: list[int] = []

    def add(self, at_ms: int, key: str) -> None:
        """Ring for `key` in the minute of `at_ms`."""
        minute = at_ms // MINUTE_MS
        keys = self._keys.get(minute)
        if keys is None:
            self._keys[minute] = [key]
            heapq.heappush(self._minutes, minute)
        else:
            keys.append(key)

    def rung(self, now_ms: int) -> list[str]:
        """The keys of every minute that has begun, taken out: some may be up to a minute early."""
        keys: list[str] = []
        while self._minutes and self._minutes[0] * MINUTE_MS <= now_ms:
            keys += self._keys.pop(heapq.heappop(self._minutes))
        return keys
