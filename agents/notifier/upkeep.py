"""What the notifier does beside its records: says that it lives, tries what waits, sweeps its ledger."""

import asyncio
from dataclasses import dataclass

from agents.notifier.attempts import Connection
from agents.notifier.deferral import Deferral
from agents.notifier.gates import Gates
from agents.notifier.reach import Surroundings
from agents.observability import catalogue
from streams.kafka.lease import BEAT_SECONDS

ROUND_SECONDS = 5.0
"""Between two rounds over what waits."""

SWEEP_SECONDS = 3600.0


@dataclass(frozen=True)
class Upkeep:
    """Endless tasks. One that ends by an error has to end the process."""

    around: Surroundings
    deferral: Deferral
    gates: Gates

    async def beats(self) -> None:
        """Notice when the process did not run."""
        while True:
            self.around.lease.beat(self.around.clock.monotonic())
            await self.around.clock.sleep(BEAT_SECONDS)

    async def rounds(self) -> None:
        """Try what waits, each connection at its own pace: one that hangs holds up no other."""
        under_way: dict[Connection, asyncio.Task[None]] = {}
        try:
            while True:
                await self.around.clock.sleep(ROUND_SECONDS)
                for connection in [name for name, task in under_way.items() if task.done()]:
                    under_way.pop(connection).result()
                for connection in self.deferral.connections():
                    if connection not in under_way:
                        under_way[connection] = asyncio.create_task(self.deferral.round_of(connection))
                self._show_gates()
        finally:
            for task in under_way.values():
                task.cancel()
            await asyncio.gather(*under_way.values(), return_exceptions=True)

    async def sweeps(self) -> None:
        """Take out of the ledger what nobody can ask for any more."""
        while True:
            await self.around.clock.sleep(SWEEP_SECONDS)
            count = await self.around.ledger.sweep(self.around.clock.now())
            self.around.log.info("ledger.swept", records=count)

    def _show_gates(self) -> None:
        for (tenant, name), gate in self.gates.all():
            self.around.metrics.set(catalogue.CHANNEL_AWAY, float(gate.away), platform=name, tenant=tenant)
