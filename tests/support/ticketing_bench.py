"""One worker over the simulated world, driven record by record, for tests of single steps."""

from collections.abc import Coroutine
from random import Random
from typing import Any

from agents.settings import TenantSettings
from streams.codec import encode
from streams.contracts.escalation_commands import AnyCommand
from streams.errors import InvalidRecord
from streams.kafka.record import Record
from tests.support.ticketing_helpdesk import Database
from tests.support.ticketing_sim import LIVE, Simulation
from tests.support.ticketing_world import Process


class Bench:
    """`script` names the fates of the next writes: ok, lost, late, gone, not_sent, failed_done, failed, limited."""

    def __init__(self, *script: str, keyed: bool = True, tenant: TenantSettings = LIVE, seed: int = 1) -> None:
        self.sim = Simulation(Random(seed), Database(keyed), tenant=tenant)
        self.sim.script = list(script)
        self.life()

    def life(self) -> None:
        """A new process; the old one is gone without a word."""
        self.process = Process(self.sim, "p", 0.0)
        assert self.process.boot.running is not None
        self.drive(self.process.boot.running)

    @property
    def tickets(self) -> dict[str, Any]:
        return self.sim.database.tickets

    @property
    def said(self) -> list[str]:
        return [news.kind for news in self.sim.brokers.notifications]

    @property
    def ledger(self) -> list[str]:
        """What was written to the ledger, in order: `intent open`, `outcome open`, `-` for a tombstone."""
        return [f"{entry.kind} {entry.action}" if entry else "-" for _, entry in self.sim.brokers.ledger]

    def drive(self, steps: Coroutine[Any, Any, None], *, until: str | None = None) -> bool:
        """Run to the end, or to the first point of that name; False where it was left there."""
        try:
            while True:
                point = steps.send(None)
                if point.label == until:
                    steps.close()
                    return False
                self.sim.time = max(self.sim.time, point.wake_at)
                self.sim.carry_out_late()
        except StopIteration:
            return True

    def take(self, command: AnyCommand, *, until: str | None = None) -> Record:
        """A command off its topic."""
        log = self.sim.brokers.commands
        record = Record(
            "commands", 0, len(log), f"{command.tenant}|{command.conversation_id}".encode(), encode(command)
        )
        log.append(record)
        self.play(record, until=until)
        return record

    def play(self, record: Record, *, until: str | None = None) -> None:
        self.drive(self.process.worker.take(record), until=until)

    def take_parked(self) -> Record:
        """The next record of the parked topic."""
        brokers = self.sim.brokers
        record = brokers.parked[brokers.committed_parked]
        brokers.committed_parked += 1
        self.drive(self.process.worker.take_parked(record))
        return record

    def drain(self) -> None:
        """The parked topic to its end."""
        while self.sim.brokers.committed_parked < len(self.sim.brokers.parked):
            self.take_parked()

    def dead(self, command: AnyCommand) -> InvalidRecord | None:
        """What makes a dead letter of the command; None: nothing does."""
        try:
            self.take(command)
        except InvalidRecord as error:
            return error
        return None
