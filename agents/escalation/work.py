"""One decision under way: what may be changed while it is made, and nothing else."""

from agents.escalation.decision import Decision, Measure, Rules
from agents.escalation.state import ConversationState, Head, StoredTurn
from streams.contracts.conversation_outcomes import EpisodeOutcome
from streams.contracts.escalation_commands import AnyCommand


class Work:
    """A copy of the head nobody else holds, what is being added to it, and the outputs so far.

    `ms` is the event's time. Turns and event-id hashes are values: they are replaced, never changed.
    """

    __slots__ = (
        "brakes",
        "commands",
        "event_id",
        "head",
        "measures",
        "ms",
        "offset",
        "outcomes",
        "rules",
        "seen",
        "turns",
    )

    def __init__(
        self, head: Head, state: ConversationState | None, event_id: str, ms: int, offset: int, rules: Rules
    ) -> None:
        """`head`: a copy of that of `state`, which is what was known before."""
        self.head = head
        self.turns: tuple[StoredTurn, ...] = () if state is None else state.turns
        self.seen = b"" if state is None else state.seen
        self.event_id = event_id
        self.ms = ms
        self.offset = offset
        self.rules = rules
        self.commands: list[AnyCommand] = []
        self.outcomes: list[EpisodeOutcome] = []
        self.measures: list[Measure] = []
        self.brakes: list[str] = []

    def decision(self, verdict: str, *, keep: bool = True) -> Decision:
        """What it came to; with `keep` false nothing is remembered."""
        return Decision(
            ConversationState(self.head, self.turns, self.seen) if keep else None,
            verdict,
            tuple(self.commands),
            tuple(self.outcomes),
            tuple(self.measures),
            tuple(self.brakes),
        )
