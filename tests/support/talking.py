"""A conversation told turn by turn to the pure decision, with its ticks made on the way."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agents.escalation.decide import decide
from agents.escalation.decision import Decision, Rules
from agents.escalation.moments import to_ms
from agents.escalation.replay import tick_for
from agents.escalation.state import ConversationState
from agents.policy.compiled import compile_policy
from agents.policy.loading import load
from streams.contracts.conversation_events import EVENT, AnyEvent
from streams.contracts.conversation_outcomes import EpisodeOutcome
from streams.contracts.escalation_commands import AppendToTicket, Mode, OpenTicket

START = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
EXAMPLE = Path("agents/policy/example.yaml").read_text()

SIMPLE = """
version: 1
locales: [en, de]
episode: {idle: 4h}
phrases:
  legal: {en: [my lawyer, lawsuit], de: [anwalt*]}
rules:
  - reason: human_requested
  - reason: platform_escalated
  - reason: unresolved
  - reason: low_confidence
    confidence_below: 0.5
    answers: 2
  - reason: too_many_turns
    turns: 4
    within: 10m
  - reason: repetition
  - reason: trigger_phrase
    phrases: [legal]
  - reason: silence
    action: record
    after: 15m
topics:
  - name: billing
    intents: [billing]
    words: {en: [invoice, charged twice]}
  - name: technical
    tags: [bug]
    attributes: {area: [device]}
    words: {en: [crash*, error]}
routing:
  - name: billing
    when: {topic: billing}
    group: Billing
    priority: high
    response: {within: 4h, calendar: business_hours}
  - name: technical
    when: {topic: technical}
    group: Tier 2
  - name: default
    group: Support
"""


def rules(text: str = SIMPLE, mode: Mode = "live", tenant: str = "acme", **more: Any) -> Rules:
    """The rules of a policy text."""
    policy = compile_policy(load(text, "policy.yaml"), tenant)
    return Rules(policy, hashlib.sha256(text.encode()).hexdigest(), mode, **more)


SIMPLE_RULES = rules()


def event(number: str | int, kind: str, at: float = 0, **fields: Any) -> AnyEvent:
    """An event `at` seconds after `START`; `number` makes its id."""
    body = {
        "event_id": f"e{number}" if isinstance(number, int) else number,
        "tenant": "acme",
        "conversation_id": "c1",
        "platform": "intercom",
        "kind": kind,
        "occurred_at": START + timedelta(seconds=at),
    }
    return EVENT.validate_python(body | fields)


@dataclass
class Talk:
    """One conversation. Every method folds one event `at` seconds after `START` and returns its decision."""

    rules: Rules = SIMPLE_RULES
    common: dict[str, Any] = field(default_factory=dict)
    state: ConversationState | None = None
    decisions: list[Decision] = field(default_factory=list)
    offset: int = 0

    def fold(self, what: AnyEvent) -> Decision:
        """Fold one event at the next offset."""
        self.offset += 1
        decision = decide(self.state, what, self.offset, self.rules)
        self.state = decision.state
        self.decisions.append(decision)
        return decision

    def tell(self, kind: str, at: float, **fields: Any) -> Decision:
        """Fold an event of that kind; its id is the number of the decision, unless given."""
        number = fields.pop("event_id", f"e{len(self.decisions)}")
        return self.fold(event(number, kind, at, **(self.common | fields)))

    def customer(self, text: str, at: float, **fields: Any) -> Decision:
        """The customer writes."""
        return self.tell("message", at, author="customer", text=text, **fields)

    def ai(self, text: str, at: float, confidence: float | None = None, **fields: Any) -> Decision:
        """The AI answers."""
        return self.tell("message", at, author="ai", text=text, confidence=confidence, **fields)

    def human(self, text: str, at: float, **fields: Any) -> Decision:
        """A human agent writes."""
        return self.tell("message", at, author="human", text=text, **fields)

    def verdict(self, outcome: str, at: float, **fields: Any) -> Decision:
        """The platform judges."""
        return self.tell("ai_outcome", at, outcome=outcome, **fields)

    def ended(self, by: str, at: float, **fields: Any) -> Decision:
        """The session ends."""
        return self.tell("ended", at, by=by, **fields)

    def control(self, holder: str, at: float, **fields: Any) -> Decision:
        """Somebody else takes over."""
        return self.tell("control_changed", at, holder=holder, **fields)

    def pass_time(self, until: float) -> list[Decision]:
        """Fold every tick due up to `until` seconds after `START`."""
        made = []
        limit = to_ms(START) + int(until * 1000)
        while self.state is not None and (tick := tick_for(self.state)) is not None and to_ms(tick.due_at) <= limit:
            made.append(self.fold(tick))
        return made

    @property
    def verdicts(self) -> list[str]:
        """Of all decisions so far."""
        return [decision.verdict for decision in self.decisions]

    @property
    def opened(self) -> list[OpenTicket]:
        """Commands to open a ticket, in order."""
        return [c for d in self.decisions for c in d.commands if isinstance(c, OpenTicket)]

    @property
    def appended(self) -> list[AppendToTicket]:
        """Commands to append, in order."""
        return [c for d in self.decisions for c in d.commands if isinstance(c, AppendToTicket)]

    @property
    def outcomes(self) -> list[EpisodeOutcome]:
        """Outcome records, in order."""
        return [outcome for d in self.decisions for outcome in d.outcomes]
