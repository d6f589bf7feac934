"""A token bucket per tenant; time is an argument."""

from dataclasses import dataclass


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class RateLimit:
    """So many per second and tenant, with a burst of two seconds' worth."""

    def __init__(self) -> None:
        """All buckets are full."""
        self._buckets: dict[str, _Bucket] = {}

    def allow(self, tenant: str, per_second: int, now_seconds: float) -> bool:
        """Take one token; False when there is none. Tenants are known names, so the buckets are bounded."""
        burst = per_second * 2.0
        bucket = self._buckets.get(tenant)
        if bucket is None:
            bucket = self._buckets[tenant] = _Bucket(burst, now_seconds)
        elapsed = max(0.0, now_seconds - bucket.filled_at)
        bucket.tokens = min(burst, bucket.tokens + elapsed * per_second)
        bucket.filled_at = now_seconds
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True
