"""The engine job: what an engine costs when the work itself is next to nothing."""

from collections.abc import Iterable
from itertools import islice

from tests.bench.contenders.lean import TURN
from tests.bench.contest import Contender, Job, canonical, held, python
from tests.bench.engine_job import NOTHING, Counted, command, count
from tests.bench.figures import Figure, Result, Setting, Table, Target
from tests.bench.kafka_streams import command_line as kafka_streams
from tests.bench.kafka_streams import missing as no_kafka_streams
from tests.bench.machine import BENCH
from tests.bench.ratios import drawn, figures, standings, tabled
from tests.bench.stream import Sent, stream
from tests.bench.workload import fed

name = "engine"
title = "The engine job"
about = (
    "Turns per conversation in windows of 15 minutes and the streak of answers with low confidence; a command when "
    "the streak gets to three; state to a changelog topic. Handoff runs its own batch path with this in place of its "
    "decision. The bare loop keeps a dict and flushes the changelog every 1,000 events: the floor."
)
TARGETS = {
    "faust": Target(25.0),
    "quix": Target(2.0),
    "kafka-streams": Target(1.1),
    "bare": Target(1.0),
}
CPU_TARGETS = {"bare": Target(1.7, at_most=True)}
QUIX = BENCH / "venv" / "bin" / "python"


def _no_quix() -> str | None:
    return None if QUIX.exists() else "`.bench/venv` is missing; `make bench` makes it where PyPI can be reached"


def expected(events: int) -> list[str]:
    """The commands of the first so many events."""
    return replayed(islice(stream(events), events))


def replayed(records: Iterable[Sent]) -> list[str]:
    """The commands of `records`, by a dict and nothing else."""
    states: dict[bytes, Counted] = {}
    told = []
    for sent in records:
        turn = TURN.decode(sent.value)
        states[sent.key], fires = count(states.get(sent.key, NOTHING), sent.timestamp_ms, turn.author, turn.confidence)
        if fires:
            told.append(canonical(command(turn.conversation_id, turn.event_id, states[sent.key][1])))
    return told


JOB = Job(
    "engine",
    (
        Contender("handoff", "Handoff", python("handoff", "engine")),
        Contender("bare", "bare loop", python("bare")),
        Contender("kafka-streams", "Kafka Streams", kafka_streams, without=no_kafka_streams),
        Contender("quix", "Quix Streams", python("quix", interpreter=str(QUIX)), without=_no_quix),
        Contender("faust", "plain Faust", python("plain_faust"), short=True),
    ),
    expected,
)


async def run(setting: Setting, quick: bool) -> Result:  # the seam's signature
    """Feed what is not there yet, and run."""
    sizes = await fed(setting, quick=quick)
    return standings(await held(JOB, setting, sizes))


def rows(result: Result) -> list[Figure]:
    """Ratios with their targets."""
    return figures(result, TARGETS, CPU_TARGETS)


def tables(result: Result) -> list[Table]:
    """A row per contender."""
    return [tabled(result)]


def pictures(result: Result) -> dict[str, str]:
    """Rate and CPU, a bar per contender."""
    return drawn(name, title, result)
