"""The real job: the whole decision as shipped."""

from itertools import islice

from agents.escalation.live import Live
from tests.bench.contenders.bare_real import decided, shipped_rules
from tests.bench.contest import Contender, Job, Sizes, canonical, held, python
from tests.bench.feed import sizes_bytes
from tests.bench.figures import Figure, Result, Setting, Table, Target
from tests.bench.ratios import HANDOFF, drawn, figures, standings, tabled
from tests.bench.stream import stream
from tests.bench.workload import fed

name = "real"
title = "The real job"
about = (
    "The decision as shipped: contracts decoded, duplicates known, every signal measured, the transcript kept. The "
    "bare loop and plain Faust call the very same function and keep state in the same encoding; neither orders "
    "commands before state, so neither survives a crash without loss."
)
TARGETS = {"bare": Target(0.9)}


def expected(events: int) -> list[str]:
    """The commands and outcomes of the first so many events, by the decision alone.

    Offsets only order a conversation's events: its place in the stream serves as well as its place in a partition.
    """
    rules = shipped_rules()
    lives: dict[bytes, Live] = {}
    told = []
    for offset, sent in enumerate(islice(stream(events), events)):
        live = lives.get(sent.key)
        if live is None:
            live = lives[sent.key] = Live(sent.key.decode(), 0)
        told += [canonical(value) for value in decided(live, sent.value, offset, rules)]
    return told


JOB = Job(
    "real",
    (
        Contender("handoff", "Handoff", python("handoff", "real"), short=True),
        Contender("bare", "bare loop", python("bare_real"), short=True),
        Contender("faust", "plain Faust", python("plain_faust_real"), short=True),
    ),
    expected,
    weighed=True,
)


async def run(setting: Setting, quick: bool) -> Result:  # the seam's signature
    """Feed what is not there yet, and run."""
    sizes = await fed(setting, quick=quick, whole=False)
    outcomes = await held(JOB, setting, Sizes(sizes.short_events, sizes.short_events))
    taken_in = sizes_bytes((sent.key, sent.value) for sent in islice(stream(sizes.short_events), sizes.short_events))
    written = next((outcome.state_bytes for outcome in outcomes if outcome.contender.slug == HANDOFF), None)
    return standings(outcomes) | {"bytes_in": taken_in, "state_bytes": written, "events": sizes.short_events}


def rows(result: Result) -> list[Figure]:
    """Ratios with their targets, and what goes to the state topic."""
    return figures(result, TARGETS, {}) + _changelog(result)


def _changelog(result: Result) -> list[Figure]:
    """Keys and values as written, before the producer compresses them. Results of older runs have none."""
    written = result.get("state_bytes")
    if not written:
        return []
    return [
        Figure("changelog bytes against bytes in", written / result["bytes_in"], "×", Target(1.3, at_most=True)),
        Figure("changelog of one event", written / result["events"], "bytes"),
    ]


def tables(result: Result) -> list[Table]:
    """A row per contender."""
    return [tabled(result)]


def pictures(result: Result) -> dict[str, str]:
    """Rate and CPU, a bar per contender."""
    return drawn(name, title, result)
