"""THE MAP: every topic, its key, contract, partitions, cleanup, retention, writers and readers.

Code, `handoff topics`, the generated documents, the deploy files and the tests read it. Nothing else names a topic.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from streams.contracts.conversation_events import EVENT
from streams.contracts.conversation_outcomes import OUTCOME
from streams.contracts.erasures import ERASURE
from streams.contracts.escalation_commands import COMMAND
from streams.contracts.escalation_ledger import LEDGER
from streams.contracts.notification_events import NOTIFICATION
from streams.contracts.notification_ledger import STEP
from streams.contracts.policy_versions import POLICY_VERSION

Hop = Literal["gateway", "escalation", "ticketing", "notifier", "platform team", "redrive", "erase"]
Cleanup = Literal["delete", "compact"]

PARTITIONS = 12
"""Of every topic keyed by conversation, fixed for life: more means new topics and a migration."""

DAY_MS = 24 * 60 * 60 * 1000
TEN_MINUTES_MS = 10 * 60 * 1000
MAX_COMPACTION_LAG_MS = 7 * DAY_MS
"""What a tombstone has replaced is cleaned away after so long, however little else has changed: an erasure counts on
it (https://kafka.apache.org/documentation/#topicconfigs_max.compaction.lag.ms)."""
SEGMENT_BYTES = 64 * 1024 * 1024
MAX_RECORD_BYTES = 1_048_576
"""What the broker takes. Our own cap before producing is lower: `streams.kafka.producer.MAX_VALUE_BYTES`."""


@dataclass(frozen=True)
class Topic:
    """One topic. `adapter` decodes its values; None means raw bytes of another topic (dead letters, state)."""

    name: str
    about: str
    key: str
    adapter: TypeAdapter[Any] | None
    cleanup: Cleanup
    retention_ms: int | None
    writers: tuple[Hop, ...]
    readers: tuple[Hop, ...]
    partitions: int = PARTITIONS
    config: dict[str, str] = field(default_factory=dict)

    @property
    def dead(self) -> str:
        """The name of this topic's dead letters."""
        return f"{self.name}.dead"

    def broker_config(self) -> dict[str, str]:
        """The topic configuration a broker is given, in Kafka's own words."""
        config = {"cleanup.policy": self.cleanup, "max.message.bytes": str(MAX_RECORD_BYTES)}
        if self.retention_ms is not None:
            config["retention.ms"] = str(self.retention_ms)
        return config | self.config


_QUICK_COMPACTION = {
    "min.compaction.lag.ms": str(TEN_MINUTES_MS),
    "segment.ms": str(TEN_MINUTES_MS),
    "segment.bytes": str(SEGMENT_BYTES),
    "max.compaction.lag.ms": str(MAX_COMPACTION_LAG_MS),
}
"""Recovery reads these topics from the start: short segments keep what it reads close to what is alive."""

BY_CONVERSATION = "tenant|conversation_id"

CONVERSATION_EVENTS = Topic(
    name="conversation.events",
    about="what happened in a conversation",
    key=BY_CONVERSATION,
    adapter=EVENT,
    cleanup="delete",
    retention_ms=14 * DAY_MS,
    writers=("gateway", "platform team", "escalation", "redrive", "erase"),
    readers=("escalation",),
)
ESCALATION_COMMANDS = Topic(
    name="escalation.commands",
    about="open a ticket, or append to it: reason, evidence, context, routing",
    key=BY_CONVERSATION,
    adapter=COMMAND,
    cleanup="delete",
    retention_ms=14 * DAY_MS,
    writers=("escalation", "redrive"),
    readers=("ticketing",),
)
ESCALATION_PARKED = Topic(
    name="escalation.commands.parked",
    about="commands whose helpdesk has been away for more than a minute, order kept",
    key=BY_CONVERSATION,
    adapter=COMMAND,
    cleanup="delete",
    retention_ms=30 * DAY_MS,
    writers=("ticketing",),
    readers=("ticketing",),
)
CONVERSATION_OUTCOMES = Topic(
    name="conversation.outcomes",
    about="how an episode ended: facts, so that deflection can be redefined later",
    key=BY_CONVERSATION,
    adapter=OUTCOME,
    cleanup="delete",
    retention_ms=400 * DAY_MS,
    writers=("escalation",),
    readers=(),
)
ESCALATION_LEDGER = Topic(
    name="escalation.ledger",
    about="what ticketing is about to do, and what came of it",
    key="tenant|conversation_id|escalation_id|action_id|intent, …|outcome|ticket_id",
    adapter=LEDGER,
    cleanup="compact",
    retention_ms=None,
    writers=("ticketing", "erase"),
    readers=("ticketing",),
    config=_QUICK_COMPACTION,
)
NOTIFICATION_EVENTS = Topic(
    name="notification.events",
    about="accepted, opened, attached, delayed, failed: for the customer and for anyone who listens",
    key=BY_CONVERSATION,
    adapter=NOTIFICATION,
    cleanup="delete",
    retention_ms=14 * DAY_MS,
    writers=("ticketing", "redrive"),
    readers=("notifier",),
)
NOTIFICATION_LEDGER = Topic(
    name="notification.ledger",
    about="what the customer has been told, which session is closed",
    key="tenant|conversation_id|notification_id|step|intent, …|step|outcome, …|notification_id|deferred",
    adapter=STEP,
    cleanup="compact",
    retention_ms=None,
    writers=("notifier", "erase"),
    readers=("notifier",),
    config=_QUICK_COMPACTION,
)
POLICY_VERSIONS = Topic(
    name="policy.versions",
    about="every policy text that ever decided",
    key="sha256 of the text",
    adapter=POLICY_VERSION,
    cleanup="compact",
    retention_ms=None,
    writers=("escalation",),
    readers=(),
    partitions=1,
)
ESCALATION_STATE = Topic(
    name="escalation.state",
    about="the state of live conversations: heads, and chunks of turns and event-id hashes",
    key="tenant|conversation_id|h, …|c|first-last",
    adapter=None,
    cleanup="compact",
    retention_ms=None,
    writers=("escalation",),
    readers=("escalation",),
    config=_QUICK_COMPACTION,
)
ERASURES = Topic(
    name="erasures",
    about="which conversations' dead letters may not go back, under a keyed hash",
    key="HMAC-SHA-256 of tenant|conversation_id under `erasure.key`",
    adapter=ERASURE,
    cleanup="compact",
    retention_ms=None,
    writers=("erase",),
    readers=("redrive",),
    partitions=1,
)


def _dead_letters_of(topic: Topic, hop: Hop) -> Topic:
    return Topic(
        name=topic.dead,
        about=f"records of `{topic.name}` that could not be processed, headers kept, `dlq-*` headers added",
        key="as the record",
        adapter=None,
        cleanup="delete",
        retention_ms=30 * DAY_MS,
        writers=(hop,),
        readers=("redrive",),
    )


CONVERSATION_EVENTS_DEAD = _dead_letters_of(CONVERSATION_EVENTS, "escalation")
ESCALATION_COMMANDS_DEAD = _dead_letters_of(ESCALATION_COMMANDS, "ticketing")
NOTIFICATION_EVENTS_DEAD = _dead_letters_of(NOTIFICATION_EVENTS, "notifier")

TOPICS: tuple[Topic, ...] = (
    CONVERSATION_EVENTS,
    ESCALATION_COMMANDS,
    ESCALATION_PARKED,
    CONVERSATION_OUTCOMES,
    ESCALATION_LEDGER,
    NOTIFICATION_EVENTS,
    NOTIFICATION_LEDGER,
    POLICY_VERSIONS,
    ESCALATION_STATE,
    ERASURES,
    CONVERSATION_EVENTS_DEAD,
    ESCALATION_COMMANDS_DEAD,
    NOTIFICATION_EVENTS_DEAD,
)
"""In the order of the flow; dead letters last."""
