"""What goes into a decision beside state and event, and what comes out of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from agents.escalation.state import ConversationState
from agents.policy.compiled import CompiledPolicy
from streams.contracts.base import Scalar
from streams.contracts.conversation_outcomes import EpisodeOutcome
from streams.contracts.escalation_commands import AnyCommand, Evidence, Mode

SEEN_BY_AGENTS = frozenset({"zendesk-sunco", "zendesk-events"})
"""Platforms on which, after the hand-over, agents work in the very chat the customer writes in."""

CUSTOMERS_UNHEARD = frozenset({"zendesk-ai-agents-advanced", "fin-agent-api"})
"""Platforms that tell what their AI answers and not what it was asked, until they hand over.

There an answer with a confidence opens an episode: somebody did ask. Elsewhere only a customer does.
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """The recorded inputs of a decision.

    `share` is the share of conversations that are live where `mode` is; the rest are observed.
    `own_sentences` are fixed parts of what our notices say, by which a quoted or echoed notice is known.
    """

    policy: CompiledPolicy
    sha256: str
    mode: Mode = "observe"
    share: float = 1.0
    own_sentences: tuple[str, ...] = ()
    seen_by_agents: frozenset[str] = SEEN_BY_AGENTS
    customers_unheard: frozenset[str] = CUSTOMERS_UNHEARD


class Measure(NamedTuple):
    """One signal as it was measured: `Evidence` before anyone has asked for it."""

    signal: str
    fired: bool
    value: Scalar = None
    threshold: Scalar = None
    event_ids: tuple[str, ...] = ()
    span: str | None = None
    detail: str | None = None

    def evidence(self) -> Evidence:
        """The same, as the contract has it."""
        return Evidence(
            signal=self.signal,
            fired=self.fired,
            value=self.value,
            threshold=self.threshold,
            event_ids=self.event_ids,
            span=self.span,
            detail=self.detail,
        )


@dataclass(slots=True)  # never changed, but not `frozen`: that makes building one several times as dear
class Decision:
    """What one event led to.

    `state` is the very object passed in when nothing has to be stored, and None when everything stored of the
    conversation can go. `verdict` is a slug. `brakes` are the loop brakes that applied, for counting.
    """

    state: ConversationState | None
    verdict: str
    commands: tuple[AnyCommand, ...] = ()
    outcomes: tuple[EpisodeOutcome, ...] = ()
    measures: tuple[Measure, ...] = ()
    brakes: tuple[str, ...] = field(default=())

    @property
    def due_ms(self) -> int | None:
        """When the conversation wants its next tick, in ms since the epoch; None: never."""
        return None if self.state is None else self.state.head.due_ms

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All that was measured, what fell short included."""
        return tuple(measure.evidence() for measure in self.measures)
