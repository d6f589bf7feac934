"""What one event costs as transcripts get longer, conversations more and policies larger."""

import asyncio
import gc
import json
import math
import random
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import thread_time_ns

from agents.collector import calm_collector
from agents.commands.policies import PolicyText, compiled, read_policy
from agents.escalation.decide import decide
from agents.escalation.decision import Rules
from agents.escalation.fold import Folded, Folder
from agents.escalation.live import PartitionState
from streams.kafka.record import Record
from tests.bench.figures import Figure, Result, Setting, Table, Target
from tests.bench.sentences import ANSWERS, ASKS
from tests.bench.stream import START_MS, TENANT

name = "growth"
title = "How the cost of an event grows"
about = (
    "CPU time of one event in the shipped fold (decode, decide, encode commands), with everything in memory. Half of "
    "the events are a customer's and half an AI's; their texts differ. Long conversations "
    "have escalated, so half of their turns cost a command too."
)
TURNS, QUICK_TURNS = (1, 10, 50, 100, 200), (1, 10, 50)
CONVERSATIONS, QUICK_CONVERSATIONS = (1_000, 10_000, 100_000), (1_000, 10_000)
RULES = (1, 10, 100)
WHAT = {
    "turns": "turns of the transcript",
    "conversations": "live conversations",
    "rules": "rules more, two phrases each",
}
Point = dict[str, float]


def steepest(points: list[Point]) -> float:
    """The highest exponent of growth between neighbouring sizes: 0 is flat, 1 is linear."""
    return max(
        math.log(after["micros"] / before["micros"]) / math.log(after["size"] / before["size"])
        for before, after in pairwise(points)
    )


def larger_policy(example: str, rules: int) -> str:
    """The example with so many rules before its own, each with a list of two phrases that nobody says."""
    own = "".join(f"  - reason: own_{n}\n    when: {{phrases: [own_{n}]}}\n" for n in range(rules))
    lists = "".join(f"  own_{n}:\n    en: [purple elephant {n}, zebra {n} crossing]\n" for n in range(rules))
    return example.replace("\nrules:\n", "\nrules:\n" + own, 1).replace("\nphrases:\n", "\nphrases:\n" + lists, 1)


def _rules(text: str) -> Rules:
    policy = PolicyText("grown", text)
    return Rules(policy=compiled(policy, TENANT), sha256=policy.sha256, mode="live")


class Talks:
    """One partition and the records that go into it."""

    def __init__(self, rules: Rules) -> None:
        self._rnd = random.Random(5)
        self._folder = Folder(decide, lambda _tenant: rules, 1)
        self._state = PartitionState(0)
        self._offset = 0

    def record(self, conversation: int, turn: int) -> Record:
        """The next record: a turn of that conversation."""
        by_ai, own = turn % 2 == 1, f"conv-{conversation:08d}"
        at = datetime.fromtimestamp(START_MS / 1000, UTC) + timedelta(seconds=30 * turn)
        body: dict[str, object] = {
            "kind": "message",
            "event_id": f"{own}-{turn:03d}",
            "tenant": TENANT,
            "conversation_id": own,
            "occurred_at": at.isoformat(timespec="milliseconds"),
            "locale": "en",
            "author": "ai" if by_ai else "customer",
            "text": self._text((ANSWERS if by_ai else ASKS)["en"]),
        }
        if by_ai:
            body["confidence"] = round(self._rnd.uniform(0.7, 0.99), 3)
        self._offset += 1
        return Record("events", 0, self._offset, f"{TENANT}|{own}".encode(), json.dumps(body).encode())

    def _text(self, bank: tuple[str, ...]) -> str:
        """People seldom say the same thing three times: that would escalate."""
        words = self._rnd.choice(bank).format(n=self._rnd.randrange(10_000, 99_999)).split(" ")
        ends = "aeionrst"
        return " ".join(
            w + self._rnd.choice(ends) + self._rnd.choice(ends) if len(w) > 3 and w.isalpha() else w for w in words
        )

    def fold(self, records: list[Record]) -> Point:
        """Microseconds of CPU time an event, and outputs an event. Raises when a record is refused."""
        folded = Folded()
        began = thread_time_ns()
        self._folder.fold(self._state, records, folded)
        spent = thread_time_ns() - began
        if folded.dead:
            raise SystemExit(f"{len(folded.dead)} events were refused: {folded.dead[0][1]}")
        return {"micros": spent / len(records) / 1000, "outputs": len(folded.outputs) / len(records)}


def _grown(rules: Rules, conversations: int, turns: int, timed: int) -> Point:
    """The next two turns of `timed` conversations, after all of them had so many."""
    talks = Talks(rules)
    for turn in range(turns):
        talks.fold([talks.record(number, turn) for number in range(conversations)])
    gc.collect()
    chosen = random.Random(6).sample(range(conversations), timed)
    return talks.fold([talks.record(number, turn) for turn in (turns, turns + 1) for number in chosen])


def _best(size: int, rounds: int, rules: Rules, conversations: int, turns: int, timed: int) -> Point:
    found = [_grown(rules, conversations, turns, timed) for _ in range(rounds)]
    return {"size": size} | min(found, key=lambda point: point["micros"])


def measured(quick: bool) -> dict[str, list[Point]]:
    """Points of each of `WHAT`, the least of the rounds."""
    example = read_policy(None).text
    rules, rounds = _rules(example), 2 if quick else 3
    few = 30 if quick else 100
    return {
        "turns": [_best(n, rounds, rules, few, n, few) for n in (QUICK_TURNS if quick else TURNS)],
        "conversations": [
            _best(n, 1 if n > 10_000 else rounds, rules, n, 2, 1_000)
            for n in (QUICK_CONVERSATIONS if quick else CONVERSATIONS)
        ],
        "rules": [_best(n, rounds, _rules(larger_policy(example, n)), 300, 4, 300) for n in RULES],
    }


async def run(setting: Setting, quick: bool) -> Result:  # the seam's signature
    """Measure in a fresh process, whose collector is set as a worker's is."""
    setting.say("folding ever longer, ever more, under ever larger policies")
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.more.growth", "quick" if quick else "full"), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    if child.returncode:
        raise SystemExit(f"the folding process ended with {child.returncode}")
    found: Result = json.loads(out)
    return found


def rows(result: Result) -> list[Figure]:
    """How steep it gets anywhere, and the whole way."""
    found = []
    for slug, what in WHAT.items():
        points = result[slug]
        first, last = points[0], points[-1]
        found.append(
            Figure(f"steepest growth with {what} (0 flat, 1 linear)", steepest(points), "", Target(1, at_most=True))
        )
        found.append(
            Figure(
                f"an event at {last['size']:,} {what}, against {first['size']:,}", last["micros"] / first["micros"], "×"
            )
        )
    return found


def tables(result: Result) -> list[Table]:
    """A row per point."""
    cells = tuple(
        (f"{point['size']:,} {what}", f"{point['micros']:.1f}", f"{point['outputs']:.2f}")
        for slug, what in WHAT.items()
        for point in result[slug]
    )
    return [Table(("with", "CPU µs an event", "commands an event"), cells, "The least of the rounds.")]


if __name__ == "__main__":
    calm_collector()
    sys.stdout.write(json.dumps(measured(sys.argv[1] == "quick")) + "\n")
