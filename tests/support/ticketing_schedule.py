"""Schedules of the ticketing simulation: a scenario, a seed, faults at chosen points; run until all is quiet.

A schedule is a pure function of its seed and its faults: `run(Plan(seed=17))` is the same history every time.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from random import Random

from agents.helpdesks.port import TicketRef
from agents.settings import LimitSettings, TenantSettings
from agents.ticketing.reconcile import reconcile
from streams import ids
from streams.codec import encode
from streams.contracts.escalation_commands import AppendToTicket, OpenTicket, Routing
from streams.contracts.people import Attachment, Customer, Turn
from streams.kafka.lease import Slept
from streams.kafka.record import Record
from tests.support.ticketing_helpdesk import Database, Ticket
from tests.support.ticketing_sim import EPOCH, LIVE, Simulation
from tests.support.ticketing_world import SESSION_SECONDS, Process

MAX_STEPS = 60_000
KINDS = ("crash", "crash", "zombie", "rebalance", "leave", "lost", "jump", "away", "kill_switch")
DRAIN_SECONDS = 12.0
MAX_LIVES = 20


class NeverQuiet(AssertionError):
    """The schedule did not come to an end."""


@dataclass(frozen=True)
class Fault:
    """At the given step: crash, zombie, rebalance, lost, jump or away (the helpdesk)."""

    step: int
    kind: str
    amount: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What is simulated. Everything that is not fixed here follows from `seed`."""

    seed: int
    faults: tuple[Fault, ...] | None = None
    keyed: bool | None = None
    broken: frozenset[str] = frozenset()
    scenario: str | None = None
    trouble: float | None = None


@dataclass
class Ran:
    """A schedule that came to an end, for the checker."""

    sim: Simulation
    scenario: str
    escalations: dict[str, list[str]]
    steps: int = 0
    points: list[str] = field(default_factory=list)

    def command_of(self, record: Record) -> str:
        return f"{record.key.decode()}@{record.offset}"


SCENARIOS = (
    "plain",
    "appends",
    "two",
    "capped",
    "repeated",
    "closing",
    "degraded",
    "refused",
    "attach",
    "lost_ledger",
    "messaging",
    "held_by_people",
    "files",
    "observe",
)
FILES = ("invoice", "private")
TENANTS = {
    "observe": TenantSettings(mode="observe"),
    "capped": TenantSettings(mode="live", limits=LimitSettings(tickets_per_hour=1)),
    "attach": TenantSettings(mode="live", open_tickets="attach"),
}


def plan_of(seed: int) -> Plan:
    """A schedule at random."""
    return Plan(seed)


def run(plan: Plan) -> Ran:
    """Run a schedule to its end."""
    random = Random(plan.seed)
    scenario = plan.scenario or random.choice(SCENARIOS)
    sim, ran = _prepare(plan, random, scenario)
    faults = list(_faults(random) if plan.faults is None else plan.faults)
    if scenario == "lost_ledger":  # adopting a ticket stands on one look-up: it is as good as that answers
        sim.trouble, faults = 0.0, [fault for fault in faults if fault.kind != "away"]
    if scenario == "messaging":
        # A clock that jumps within seconds of a handover, while its ticket does not show yet, can make the customer's
        # other open chat look like it: both tickets are theirs, and nothing marks the difference. Not promised.
        faults = [fault for fault in faults if fault.kind != "jump"]
    _Run(sim, ran, faults).to_the_end()
    return ran


def _prepare(plan: Plan, random: Random, scenario: str) -> tuple[Simulation, Ran]:
    keyed = random.random() < 0.6 if plan.keyed is None else plan.keyed
    database = Database(keyed, lag=timedelta(seconds=random.choice((0, 0, 5, 40))))
    database.degrade = scenario == "degraded"
    database.refuse = scenario == "refused"
    if scenario == "closing":
        database.closes_after = timedelta(seconds=random.choice((0.1, 30, 200)))
    sim = Simulation(random, database, broken=plan.broken, tenant=TENANTS.get(scenario, LIVE))
    sim.messaging = scenario in {"messaging", "held_by_people"}
    sim.trouble = random.choice((0.0, 0.1, 0.4, 0.8)) if plan.trouble is None else plan.trouble
    sim.calm_from = random.choice((60.0, 600.0, 8_000.0)) if sim.trouble else 0.0
    if scenario == "attach":
        database.tickets["1"] = Ticket("1", "another", "e0", EPOCH - timedelta(hours=3))
        sim.open_tickets.append(TicketRef("1", escalation_id="another"))
    if scenario == "messaging":  # the ticket of another chat of the same customer, touched a minute ago
        database.tickets["1"] = Ticket("1", "messaging", "e0", EPOCH - timedelta(minutes=1))
    if scenario == "held_by_people":
        database.people_hold = True
        database.tickets["1"] = Ticket("1", "messaging", "e0", EPOCH - timedelta(minutes=1))
    escalations: dict[str, list[str]] = {}
    appends = {"plain": 0, "refused": 1, "observe": 1}.get(scenario, 3)
    for name in ("c1", "c2") if scenario in {"two", "capped"} else ("c1",):
        values, escalation_id, events = commands(name, appends, FILES if scenario == "files" else ())
        escalations[escalation_id] = events
        if scenario == "lost_ledger":
            database.tickets["1"] = Ticket("1", escalation_id, "e0", EPOCH - timedelta(hours=3))
            sim.open_tickets.append(TicketRef("1", escalation_id=escalation_id))
        _produce(sim, name, values, repeat=0.5 if scenario == "repeated" else 0.05)
    return sim, Ran(sim, scenario, escalations)


def _produce(sim: Simulation, name: str, values: tuple[bytes, ...], *, repeat: float) -> None:
    """The commands in order; some are written twice, at once or later, as a restarted writer does."""
    log = sim.brokers.commands
    for number, value in enumerate(values):
        again = [values[sim.random.randrange(number + 1)]] if sim.random.random() < repeat else []
        for each in (value, *again):
            log.append(Record("commands", 0, len(log), f"acme|{name}".encode(), each))


@lru_cache
def commands(name: str, appends: int, files: tuple[str, ...] = ()) -> tuple[tuple[bytes, ...], str, list[str]]:
    """(the encoded commands of one escalation, its id, the ids of the events it appends)."""
    escalation_id = ids.escalation_id("acme", name, "e0")
    shared = {
        "tenant": "acme",
        "conversation_id": name,
        "platform": "direct",
        "escalation_id": escalation_id,
        "episode": "e0",
        "mode": "live",
        "decided_at": EPOCH,
        "customer": Customer(id="u1"),
    }
    opening = OpenTicket(
        **shared,
        action_id=ids.action_id(escalation_id, "open"),
        reason="human_requested",
        evidence=(),
        policy="p",
        routing=Routing(rule="default"),
        turns=(Turn(event_id="e0", occurred_at=EPOCH, author="customer", text="a person, please"),),
        attachments=tuple(Attachment(url=f"https://files.invalid/{each}", name=each) for each in files),
    )
    values = [encode(opening)]
    events = []
    for number in range(1, appends + 1):
        event_id = f"e{number}"
        turn = Turn(event_id=event_id, occurred_at=EPOCH + timedelta(seconds=number), author="customer", text="more")
        action_id = ids.action_id(escalation_id, f"append:{event_id}")
        values.append(encode(AppendToTicket(**shared, action_id=action_id, turn=turn)))
        events.append(event_id)
    return tuple(values), escalation_id, events


def _faults(random: Random) -> list[Fault]:
    """None to four faults, within what a schedule usually takes; the clock jumps once at most.

    (Two jumps within a minute would make both waits between look-ups pass at once: that is not promised.)
    """
    faults: list[Fault] = []
    for _ in range(random.choice((0, 1, 1, 2, 3, 4))):
        kind = random.choice(KINDS)
        if kind == "jump" and any(fault.kind == "jump" for fault in faults):
            continue
        amount = {
            "zombie": random.choice((60.0, 100.0, 600.0)),
            "jump": random.choice((-3600.0, -20.0, 20.0, 3600.0, 7300.0)),
            "away": random.choice((30.0, 120.0, 900.0, 9_000.0)),
            "crash": random.choice((0.0, 5.0, 50.0)),
            "kill_switch": random.choice((10.0, 1_000.0)),
        }.get(kind, 0.0)
        faults.append(Fault(random.randrange(140), kind, amount))
    return sorted(faults, key=lambda fault: fault.step)


class _Run:
    """One schedule under way."""

    def __init__(self, sim: Simulation, ran: Ran, faults: list[Fault]) -> None:
        self.sim = sim
        self.ran = ran
        self.faults = faults
        self.lives = 0
        self.skew_seconds = 0.0
        self.processes: list[Process] = []
        self.starts_at: float | None = None
        self.start()

    def start(self) -> None:
        self.lives += 1
        self.starts_at = None
        self.processes.append(Process(self.sim, f"p{self.lives}", self.skew_seconds))

    @property
    def owner(self) -> Process:
        return self.processes[-1]

    def to_the_end(self) -> None:
        while self.ran.steps < MAX_STEPS:
            if self.faults and self.faults[0].step <= self.ran.steps:
                self.inflict(self.faults.pop(0))
            if not self.step():
                return
            self.ran.steps += 1
        raise NeverQuiet(f"{self.ran.scenario}: {self.sim.history[-20:]}")

    def inflict(self, fault: Fault) -> None:
        sim, owner = self.sim, self.owner
        sim.history.append(f"-- {fault.kind} {fault.amount:g} at step {self.ran.steps}, {sim.time:.1f} s")
        if fault.kind == "away":
            sim.away_until = sim.time + fault.amount
            sim.was_away = True
        elif fault.kind == "kill_switch":
            sim.switched_off_until = sim.time + fault.amount
            sim.tenant = sim.tenant.model_copy(update={"kill_switch": True})
        elif fault.kind == "jump":
            self.skew_seconds += fault.amount
            sim.jumped = True
            owner.skew_seconds += fault.amount
        elif owner.alive and owner.resumes_at is None and not owner.leaving:
            if fault.kind == "zombie":
                self.excuse(owner)
                owner.lease.beat(sim.time)
                owner.resumes_at = sim.time + fault.amount
                self.starts_at = sim.time + SESSION_SECONDS
                return
            if fault.kind == "leave":
                owner.leaving = True
                owner.leaves_at = sim.time + DRAIN_SECONDS
                return
            if fault.kind == "rebalance":
                owner.commit()
            owner.die()
            self.starts_at = sim.time + fault.amount

    def excuse(self, owner: Process) -> None:
        """Stopped between its check and its send: the one window that a call without a key cannot close."""
        for _, _, lane in owner.lanes():
            if lane.at.label.endswith(".window"):
                self.sim.excused.add(lane.records[0].key.decode())

    def step(self) -> bool:
        """One thing happens; False: nothing is left to happen."""
        sim = self.sim
        sim.carry_out_late()
        if sim.switched_off_until is not None and sim.switched_off_until <= sim.time:
            sim.switched_off_until = None
            sim.tenant = sim.tenant.model_copy(update={"kill_switch": False})
        choices = self.choices()
        if choices:
            act = sim.random.choice(choices)
            act()
            return True
        return self.let_time_pass()

    def choices(self) -> list:  # type: ignore[type-arg] # callables of any kind
        found = []
        if self.starts_at is not None and self.starts_at <= self.sim.time:
            return [self.start]
        for process in self.processes:
            if not process.alive:
                continue
            if process.resumes_at is not None:
                if process.resumes_at <= self.sim.time:
                    return [lambda process=process: self.wake(process)]
                continue
            found.extend(self.choices_of(process))
        return found

    def choices_of(self, process: Process) -> list:  # type: ignore[type-arg]
        if process.boot.running is not None:
            return [lambda: self.booting(process)]
        found: list = []  # type: ignore[type-arg]
        if process is not self.owner:
            if process.lost_at <= self.sim.time:
                return [lambda: self.end(process)]
            if "no_lease" not in self.sim.broken:
                found.append(lambda: self.end(process))  # its own watch finds the gap, if no lane of it is faster
        if process.leaving and (process.leaves_at <= self.sim.time or not process.lanes()):
            return [lambda: self.left(process)]
        for feed, key, lane in process.lanes():
            if lane.at.wake_at <= self.sim.time or (process.leaving and lane.at.label == "sleep"):
                found.append(lambda feed=feed, key=key, lane=lane: self.advance(process, feed, key, lane))
        if process.leaving:
            return found
        brokers = self.sim.brokers
        if process.commands.position < len(brokers.commands):
            found.append(lambda: process.take(process.commands))
        if process.parked.position < len(brokers.parked):
            found.append(lambda: process.take(process.parked))
        if found and self.sim.random.random() < 0.1:
            found.append(process.commit)
        return found

    def left(self, process: Process) -> None:
        """Drained, or cut off at the end of its time; what is finished is committed either way."""
        process.commit()
        process.die()
        self.starts_at = self.sim.time

    def booting(self, process: Process) -> None:
        assert process.boot.running is not None
        try:
            process.boot.running.send(None)
        except StopIteration:
            process.boot.running = None
        except Slept:
            self.end(process)

    def advance(self, process: Process, feed: object, key: bytes, lane: object) -> None:
        process.advance(feed, key, lane)  # type: ignore[arg-type]
        if process is self.owner:
            self.ran.points.append(lane.at.label)  # type: ignore[attr-defined]
        if not process.alive:
            self.end(process)

    def end(self, process: Process) -> None:
        """A process has ended by itself; an owner is started again."""
        process.die()
        if process is self.owner:
            self.starts_at = self.sim.time
        else:
            self.processes.remove(process)

    def wake(self, process: Process) -> None:
        """A zombie goes on where it was stopped; the first thing it may manage is an old commit."""
        process.resumes_at = None
        process.lost_at = self.sim.time + 5.0
        self.sim.history.append(f"-- {process.name} wakes up, {self.sim.time:.1f} s")
        if self.sim.random.random() < 0.5:
            process.commit()

    def let_time_pass(self) -> bool:
        """Go to the next moment at which anything happens."""
        times = [due for due, _ in self.sim.late]
        if self.starts_at is not None:
            times.append(self.starts_at)
        if self.sim.switched_off_until is not None:
            times.append(self.sim.switched_off_until)
        for process in self.processes:
            if not process.alive:
                continue
            if process.resumes_at is not None:
                times.append(process.resumes_at)
            else:
                times.extend(lane.at.wake_at for _, _, lane in process.lanes())
                if process is not self.owner:
                    times.append(process.lost_at)
                if process.leaving:
                    times.append(process.leaves_at)
        if times:
            self.sim.time = max(min(times), self.sim.time)
            return True
        if self.faults:
            self.inflict(self.faults.pop(0))
            return True
        self.owner.commit()
        if self.sim.brokers.committed_parked < len(self.sim.brokers.parked) and self.lives < MAX_LIVES:
            self.owner.die()  # a zombie moved the parked offset back: the next life sees it all again
            self.start()
            return True
        self.reconcile()
        return False

    def reconcile(self) -> None:
        """A round of the reconciler, in calm."""
        sim = self.sim
        sim.time += 300.0
        sim.calm_from = sim.away_until = 0.0
        worker = self.owner.worker
        desk = worker.world.desk("acme")
        assert desk is not None
        round_ = reconcile(worker.world, [worker.ledger], desk, EPOCH)
        try:
            while True:
                sim.time = max(sim.time, round_.send(None).wake_at)
        except StopIteration:
            return
