"""What one decision costs: µs of this process's CPU time per event, by kind, on the policy shipped as an example.

    .venv/bin/python -m tests.bench.decision [--profile] [--growth] [--rounds N]

The stream is seeded: customers and AIs take turns in five languages and a little Japanese, 20 to 600 characters,
with identity, verdicts, ratings and ends in between; about one event in a hundred escalates. Every figure is the best
of the rounds, so that a busy machine disturbs it little.
"""

import argparse
import cProfile
import gc
import pstats
import random
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from time import process_time_ns

from pydantic import BaseModel

from agents.escalation.decide import decide
from agents.escalation.decision import Rules
from agents.escalation.fold import Folded, Folder
from agents.escalation.live import Live, PartitionState
from agents.escalation.state import ConversationState
from agents.escalation.state_records import records_of
from agents.policy.compiled import compile_policy
from agents.policy.loading import load
from streams.codec import decode, encode
from streams.contracts.conversation_events import (
    EVENT,
    AiOutcome,
    AnyEvent,
    Ended,
    Identified,
    Message,
    Rated,
)
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.people import Customer
from streams.ids import conversation_key
from streams.kafka.record import Record

START = datetime(2026, 7, 6, 9, tzinfo=UTC)
CONVERSATIONS = 400

SENTENCES = {
    "en": (
        "Hi, I ordered two lamps last week and only one was in the box.",
        "Could you tell me which documents you need for that?",
        "I’ve tried it twice, and the app shows the same page again.",
        "Thank you, I will check the label and come back to you.",
        "You can change the address under settings until the evening before.",
        "The transfer usually takes two to three working days, depending on the bank.",
        "Is the second filter part of the set?",
        "My order number is 48213 and it was placed on Monday.",
    ),
    "de": (
        "Guten Tag, ich habe vor einer Woche zwei Lampen bestellt, es kam aber nur eine an.",
        "Welche Unterlagen brauchen Sie dafür noch?",
        "Leider öffnet sich die Seite nicht, obwohl ich es mehrfach versucht habe.",
        "Die Überweisung dauert in der Regel zwei bis drei Werktage.",
        "Sie können die Adresse bis zum Vorabend in den Einstellungen ändern.",
        "Gilt der Gutschein mit dem Code 4711 noch für größere Geräte?",
    ),
    "es": (
        "Hola, pedí dos lámparas la semana pasada y solo venía una en la caja.",
        "¿Qué documentos necesitan para eso?",
        "He probado varias veces y la página sigue igual.",
        "La transferencia suele tardar de dos a tres días laborables, según el banco.",
        "Puede cambiar la dirección en los ajustes hasta la noche anterior.",
    ),
    "fr": (
        "Bonjour, j’ai commandé deux lampes la semaine dernière et il n’y en avait qu’une dans le carton.",
        "De quels documents avez-vous besoin pour cela ?",
        "J'ai essayé plusieurs fois, mais la page reste la même.",
        "Le virement prend en général deux à trois jours ouvrés, selon la banque.",
        "Vous pouvez changer l'adresse dans les réglages jusqu'à la veille au soir.",
    ),
    "pt": (
        "Olá, encomendei dois candeeiros na semana passada e só vinha um na caixa.",
        "Que documentos são precisos para isso?",
        "Já tentei várias vezes e a página continua igual.",
        "A transferência demora normalmente dois a três dias úteis.",
    ),
    "ja": (
        "先週ランプを二つ注文しましたが、箱には一つしか入っていませんでした。",
        "そのためにはどの書類が必要ですか。",
        "住所は前日の夜まで設定で変更できます。",
    ),
}
LANGUAGES = ("en", "en", "en", "de", "de", "es", "es", "fr", "fr", "pt", "ja")


def _text(rnd: random.Random, language: str) -> str:
    wanted = min(560, max(20, int(rnd.lognormvariate(4.7, 0.7))))
    parts: list[str] = []
    while sum(map(len, parts)) + len(parts) < wanted:
        parts.append(rnd.choice(SENTENCES[language]))
    words = " ".join(parts).split(" ")
    for at, word in enumerate(words):  # people seldom say the same thing three times: that would escalate
        if len(word) > 3 and word.isalpha() and rnd.random() < 0.75:
            words[at] = word + rnd.choice("aeionrst") + rnd.choice("aeionrst")
    return " ".join(words) + (" 🙂" if rnd.random() < 0.04 else "")


def _conversation(rnd: random.Random, number: int, turns: int) -> list[AnyEvent]:
    language = rnd.choice(LANGUAGES)
    moment = START + timedelta(seconds=rnd.randrange(3_000))
    events: list[AnyEvent] = []

    def base(name: str) -> dict[str, object]:
        return {
            "event_id": f"platform:conversation-{number}:{name}{len(events)}",
            "tenant": "acme",
            "conversation_id": f"conversation-{number}",
            "platform": "custom-llm",
            "occurred_at": moment,
            "channel": "web",
            "locale": language,
        }

    for turn in range(turns):
        moment += timedelta(seconds=rnd.uniform(3, 12) if turn % 2 else rnd.lognormvariate(5.6, 0.7))
        by_ai = turn % 2 == 1
        fields = base("m") | {"author": "ai" if by_ai else "customer", "text": _text(rnd, language)}
        if by_ai:
            fields["confidence"] = round(rnd.uniform(0.1, 0.4) if rnd.random() < 0.03 else rnd.uniform(0.6, 0.99), 3)
        elif turn == 0:
            fields["customer"] = Customer(id=f"visitor-{number}", name="Kim Doe", email="kim.doe@example.com")
        events.append(Message(**fields))
        if rnd.random() < 0.03:
            events.append(Identified(**base("i"), attributes={"order": str(rnd.randrange(10**6)), "plan": "pro"}))
    if rnd.random() < 0.3:
        events.append(AiOutcome(**base("o"), outcome="resolved"))
    if rnd.random() < 0.2:
        events.append(Rated(**base("r"), rating=rnd.randrange(1, 6)))
    if rnd.random() < 0.5:
        events.append(Ended(**base("e"), by="system" if rnd.random() < 0.1 else "customer"))
    return events


def stream(seed: int = 7, conversations: int = CONVERSATIONS) -> list[AnyEvent]:
    """The events of many conversations, in the order of their time."""
    rnd = random.Random(seed)
    events = [e for n in range(conversations) for e in _conversation(rnd, n, 2 + int(rnd.lognormvariate(1.8, 0.6)))]
    return sorted(events, key=lambda event: event.occurred_at)


def kind_of(event: AnyEvent) -> str:
    """`customer`, `ai`, or the event's kind."""
    return event.author if isinstance(event, Message) else event.kind


def shipped_rules(text: str) -> Rules:
    """A policy file's rules, live."""
    return Rules(compile_policy(load(text, "example.yaml"), "acme"), "0" * 64, mode="live")


def best(rounds: int, run: Callable[[], object]) -> int:
    """Nanoseconds of CPU time, the least of the rounds."""
    least = None
    for _ in range(rounds):
        gc.collect()
        gc.disable()
        begun = process_time_ns()
        run()
        spent = process_time_ns() - begun
        gc.enable()
        least = spent if least is None else min(least, spent)
    return least or 0


def played(events: list[AnyEvent], rules: Rules) -> dict[str, ConversationState | None]:
    """All of it decided, as the worker does."""
    states: dict[str, ConversationState | None] = {}
    for offset, event in enumerate(events):
        key = event.conversation_id
        states[key] = decide(states.get(key), event, offset, rules).state
    return states


def after_each(events: list[AnyEvent], rules: Rules) -> tuple[list[ConversationState], list[BaseModel]]:
    """The state each event leaves behind, and all that is to be sent."""
    states: dict[str, ConversationState | None] = {}
    left: list[ConversationState] = []
    made: list[BaseModel] = []
    for offset, event in enumerate(events):
        key = event.conversation_id
        decision = decide(states.get(key), event, offset, rules)
        states[key] = decision.state
        left += [decision.state] if decision.state is not None else []
        made += (*decision.commands, *decision.outcomes)
    return left, made


def _run(each: Iterator[object]) -> None:
    """Let go of each at once, as its user does: what is kept costs more to make."""
    deque(each, maxlen=0)


def _tickets(made: list[BaseModel]) -> int:
    return sum(isinstance(each, OpenTicket) for each in made)


def _unwritten(states: list[ConversationState]) -> Iterator[Live]:
    """Each with its newest event still to be written, as where no two events of a conversation come in one pass."""
    for state in states:
        live = Live(state.head.conversation_id, 0)
        live.state, live.applied_offset = state, state.head.applied_offset
        live.chunked_to = live.applied_offset - 1
        yield live


def folded(records: list[Record], rules: Rules) -> Folded:
    """All of it as the worker folds it: decoded, decided, commands encoded."""
    folder, state, found = Folder(decide, lambda _tenant: rules, 1), PartitionState(0), Folded()
    folder.fold(state, records, found)
    return found


def by_kind(events: list[AnyEvent], rules: Rules, rounds: int) -> list[tuple[str, int, float]]:
    """Kind, number of events and µs per event: each event is decided again from the state it met."""
    met: list[tuple[str, ConversationState | None, AnyEvent, int]] = []
    states: dict[str, ConversationState | None] = {}
    for offset, event in enumerate(events):
        state = states.get(event.conversation_id)
        met.append((kind_of(event), state, event, offset))
        states[event.conversation_id] = decide(state, event, offset, rules).state
    met.sort(key=lambda item: item[0])
    rows = []
    for kind, group in groupby(met, key=lambda item: item[0]):
        items = list(group)

        def run(items: list[tuple[str, ConversationState | None, AnyEvent, int]] = items) -> None:
            for _, state, event, offset in items:
                decide(state, event, offset, rules)

        rows.append((kind, len(items), best(rounds, run) / len(items) / 1000))
    return rows


def _show(what: str, micros: float, note: str = "") -> None:
    print(f"{what:<34} {micros:8.2f} µs {note}")  # noqa: T201 -- a bench prints


def _main_figures(events: list[AnyEvent], rules: Rules, rounds: int) -> None:
    encoded = [encode(event) for event in events]
    size = len(events)
    records = [
        Record("events", 0, offset, conversation_key(event.tenant, event.conversation_id).encode(), value)
        for offset, (event, value) in enumerate(zip(events, encoded, strict=True))
    ]

    def decoding() -> None:
        for value in encoded:
            decode(EVENT, value)

    for kind, count, micros in by_kind(events, rules, rounds):
        _show(f"decide {kind}", micros, f"({count})")
    made, commands = after_each(events, rules)
    _show("decode", best(rounds, decoding) / size / 1000, f"({sum(map(len, encoded)) // size} bytes)")
    deciding = best(rounds, lambda: played(events, rules)) / size / 1000
    _show("decide, all in order", deciding, f"({size} events, {CONVERSATIONS} conversations)")
    sending = best(rounds, lambda: _run(encode(c) for c in commands)) / size / 1000
    _show("encode commands and outcomes", sending, f"({len(commands)}, {_tickets(commands)} tickets)")
    storing = best(rounds, lambda: _run(records_of(live) for live in _unwritten(made))) / size / 1000
    _show("encode state after every event", storing)
    _show("the shipped fold", best(rounds, lambda: folded(records, rules)) / size / 1000)


def _growth(example: str, rounds: int) -> None:
    rnd = random.Random(3)
    rules = shipped_rules(example)
    long = [e for e in _conversation(rnd, 1, 402) if isinstance(e, Message)]
    states: list[ConversationState | None] = [None]
    for offset, event in enumerate(long):
        states.append(decide(states[-1], event, offset, rules).state)
    for turns in (1, 20, 200, 400):
        pair = range(turns, turns + 2)

        def run(pair: range = pair) -> None:
            for _ in range(500):
                for at in pair:
                    decide(states[at], long[at], at, rules)

        _show(f"decide at turn {turns}", best(rounds, run) / 1000 / 1000)
    events = stream(conversations=100)
    for count in (1, 10, 100):
        own = "".join(f"  - reason: own_{n}\n    when: {{phrases: [own_{n}]}}\n" for n in range(count))
        lists = "".join(f"  own_{n}:\n    en: [purple elephant {n}, zebra {n} crossing]\n" for n in range(count))
        grown = example.replace("rules:\n", "rules:\n" + own, 1).replace(
            "phrases:\n  call_me", f"phrases:\n{lists}  call_me"
        )
        more = shipped_rules(grown)
        _show(
            f"decide with {count} rules more",
            best(rounds, partial(played, events, more)) / len(events) / 1000,
        )
    for count in (100, 1_000, 4_000):
        many = stream(conversations=count)
        _show(
            f"decide, {count} conversations",
            best(max(1, rounds // 3), partial(played, many, rules)) / len(many) / 1000,
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", default="agents/policy/example.yaml")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    example = Path(given.policy).read_text(encoding="utf-8")
    rules, events = shipped_rules(example), stream()
    _main_figures(events, rules, given.rounds)
    if given.growth:
        _growth(example, given.rounds)
    if given.profile:
        profile = cProfile.Profile()
        profile.runcall(played, events, rules)
        pstats.Stats(profile).sort_stats("tottime").print_stats(32)


if __name__ == "__main__":
    main()
