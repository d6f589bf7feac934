"""What ticketing does every few minutes: reconcile, tidy its ledgers, show what is in doubt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.observability import catalogue
from agents.observability.metrics import Metrics
from agents.settings import TenantBook
from agents.ticketing.handler import Owned
from agents.ticketing.reconcile import reconcile

EVERY_SECONDS = 120.0
FIRST_LOOK_BACK = timedelta(hours=24)
LOOK_BACK = timedelta(hours=1)
TIDY_EVERY = timedelta(hours=1)


@dataclass
class Rounds:
    """One process'. `owned` are its partitions at that moment."""

    owned: Callable[[], Mapping[int, Owned]]
    tenants: TenantBook
    metrics: Metrics
    _looked: set[str] = field(default_factory=set)
    _tidied_at: datetime | None = None

    async def go(self) -> None:
        """One round. A tenant that observes, or whose kill switch is on, is left alone."""
        owned = dict(self.owned())
        if not owned:
            return
        for partition, each in owned.items():
            begun = [intent.written_at for intent in each.worker.ledger.open_intents()]
            self.metrics.set(catalogue.OPEN_INTENTS, len(begun), partition=str(partition))
            oldest = min(begun).timestamp() if begun else 0.0
            self.metrics.set(catalogue.OLDEST_INTENT, oldest, partition=str(partition))
        await self._reconcile(owned)
        now = next(iter(owned.values())).world.now()
        if self._tidied_at is None or now - self._tidied_at >= TIDY_EVERY:
            self._tidied_at = now
            for each in owned.values():
                await each.worker.tidy()

    async def _reconcile(self, owned: Mapping[int, Owned]) -> None:
        world = next(iter(owned.values())).world
        ledgers = [each.worker.ledger for each in owned.values()]
        for name in self.tenants.names():
            tenant, desk = self.tenants.get(name), world.desk(name)
            if tenant is None or desk is None or tenant.mode != "live" or tenant.kill_switch:
                continue
            back = LOOK_BACK if name in self._looked else FIRST_LOOK_BACK
            await reconcile(world, ledgers, desk, world.now() - back)
            self._looked.add(name)
