"""How hard one helpdesk account may be called: token bucket, Retry-After, circuit breaker. Pure: time is an argument.

One per tenant and account, so that one tenant's outage or quota holds nobody else.
"""

from dataclasses import dataclass, field

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 10.0
MAX_OPEN_SECONDS = 60.0


@dataclass(frozen=True)
class Closed:
    """No call now, and why; not before `seconds` from now."""

    reason: str
    seconds: float


@dataclass
class Bucket:
    """A token bucket that hands out waits. `hold` keeps all calls back, as a 429 with Retry-After demands."""

    per_second: float
    burst: float
    _tokens: float = field(init=False)
    _at: float = field(default=0.0, init=False)
    _held_until: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Full at the start."""
        self._tokens = self.burst

    def wait(self, now: float) -> float:
        """Seconds until the next call may go, were it asked for now."""
        self._fill(now)
        missing = max(1.0 - self._tokens, 0.0) / self.per_second
        return max(missing, self._held_until - now, 0.0)

    def take(self, now: float) -> float:
        """Take a token; returns how long to wait before the call."""
        wait = self.wait(now)
        self._tokens -= 1.0
        return wait

    def hold(self, now: float, seconds: float) -> None:
        """No call for `seconds`."""
        self._held_until = max(self._held_until, now + seconds)

    def _fill(self, now: float) -> None:
        self._tokens = min(self.burst, self._tokens + max(now - self._at, 0.0) * self.per_second)
        self._at = max(self._at, now)


@dataclass
class Breaker:
    """Opens after failures in a row; then lets one probe through, and waits longer each time that fails too."""

    _failures: int = 0
    _open_until: float = 0.0
    _open_for: float = 0.0
    _probing_since: float | None = None

    def admit(self, now: float, *, probe_seconds: float) -> float | None:
        """None: call. Else the seconds to stay away. A probe that says nothing for `probe_seconds` is given up."""
        if self._open_for == 0.0:
            return None
        if now < self._open_until:
            return self._open_until - now
        if self._probing_since is not None and now - self._probing_since < probe_seconds:
            return probe_seconds - (now - self._probing_since)
        self._probing_since = now
        return None

    def good(self) -> None:
        """The other side answered as it should."""
        self._failures, self._open_for, self._open_until, self._probing_since = 0, 0.0, 0.0, None

    def bad(self, now: float) -> None:
        """It did not answer, or with a fault of its own."""
        self._failures += 1
        if self._probing_since is not None or (self._open_for == 0.0 and self._failures >= FAILURES_TO_OPEN):
            self._open_for = min(max(self._open_for * 2, OPEN_SECONDS), MAX_OPEN_SECONDS)
            self._open_until = now + self._open_for
            self._probing_since = None

    def state(self, now: float) -> int:
        """0 closed, 1 half open, 2 open."""
        if self._open_for == 0.0:
            return 0
        return 2 if now < self._open_until else 1


@dataclass
class Limits:
    """Bucket and breaker of one account. `patience_seconds`: a longer wait is refused instead of waited for."""

    bucket: Bucket
    patience_seconds: float
    probe_seconds: float
    breaker: Breaker = field(default_factory=Breaker)

    def admit(self, now: float) -> float | Closed:
        """How long to wait before the call, or why there is none."""
        stay_away = self.breaker.admit(now, probe_seconds=self.probe_seconds)
        if stay_away is not None:
            return Closed("breaker_open", stay_away)
        wait = self.bucket.wait(now)
        if wait > self.patience_seconds:
            return Closed("rate_limited", wait)
        return self.bucket.take(now)

    def answered(self, now: float, status: int, retry_after_seconds: float | None) -> None:
        """An answer came. 429 is a limit, no fault; 5xx is one."""
        if status == 429:
            self.bucket.hold(now, retry_after_seconds if retry_after_seconds is not None else 1.0)
        elif status == 503 and retry_after_seconds is not None:
            self.bucket.hold(now, retry_after_seconds)
        if status >= 500:
            self.breaker.bad(now)
        else:
            self.breaker.good()

    def silent(self, now: float) -> None:
        """No answer came."""
        self.breaker.bad(now)
