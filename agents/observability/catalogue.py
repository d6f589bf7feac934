"""Every metric of every process. Nothing else creates one; `deploy/metrics.md` is generated from here."""

from agents.observability.declare import FAST_SECONDS, SLOW_SECONDS, Metric

BUILD = Metric("handoff_build_info", "gauge", "Always 1; the labels say what runs.", ("version", "hop"))
STARTED = Metric("handoff_start_timestamp_seconds", "gauge", "When this process started.")
READY = Metric("handoff_ready_state", "gauge", "1: assigned and recovered, as /readyz says; 0: not yet.")
ALIVE = Metric("handoff_alive_state", "gauge", "1: able to make progress, as /healthz says; 0: only a restart helps.")
WEBHOOKS = Metric(
    "handoff_webhooks_total",
    "counter",
    "Webhook requests, by what became of them.",
    ("platform", "tenant", "outcome", "reason"),
)
WEBHOOK_SECONDS = Metric(
    "handoff_webhook_duration_seconds", "histogram", "From the first byte to the answer.", ("platform", "outcome")
)
POLLS = Metric(
    "handoff_polls_total",
    "counter",
    "Searches for what a platform has not told (done, retry, refused, failed).",
    ("platform", "tenant", "result"),
)
POLLED_UNTIL = Metric(
    "handoff_polled_until_timestamp_seconds",
    "gauge",
    "Everything that changed before has been asked for.",
    ("platform", "tenant"),
)
POLLED_READS = Metric(
    "handoff_polled_reads_total",
    "counter",
    "Conversations read again (told, nothing_new, retry, refused, gave_up, failed).",
    ("platform", "tenant", "result"),
)
POLLED_EVENTS = Metric(
    "handoff_polled_events_total",
    "counter",
    "Events that no webhook of this process had told.",
    ("platform", "tenant"),
)
EVENTS_IGNORED = Metric(
    "handoff_webhook_ignored_total",
    "counter",
    "Things in a body that are certain to be no event.",
    ("platform", "reason"),
)
REDACTIONS = Metric("handoff_redactions_total", "counter", "What was masked or removed.", ("hop", "kind"))
EVENTS = Metric("handoff_events_total", "counter", "Conversation events, by kind.", ("hop", "kind"))
RECORDS = Metric(
    "handoff_records_total", "counter", "Records handled, by outcome (done, dead, duplicate).", ("topic", "outcome")
)
RECORD_SECONDS = Metric(
    "handoff_record_duration_seconds",
    "histogram",
    "From taking a record to being done with it.",
    ("topic",),
    SLOW_SECONDS,
)
END_TO_END = Metric(
    "handoff_end_to_end_seconds",
    "histogram",
    "From the event that decided to the named step: command and accepted are on their topics, the customer is told "
    "that a person is coming, the ticket is there, the customer has its number (notice).",
    ("step",),
    SLOW_SECONDS,
    from_start=(("command",), ("accepted",), ("told",), ("ticket",), ("notice",)),
)
DEAD_LETTERS = Metric("handoff_dead_letters_total", "counter", "Records sent to the dead letters.", ("topic", "reason"))
FUSE = Metric("handoff_dead_letter_fuse_state", "gauge", "1: the fuse has tripped and the consumer stands.", ("topic",))
RETRIES = Metric("handoff_retries_total", "counter", "Attempts made again.", ("hop", "reason"))
IN_FLIGHT = Metric("handoff_in_flight_records", "gauge", "Records taken and not finished.", ("topic",))
OLDEST_IN_FLIGHT = Metric(
    "handoff_oldest_in_flight_timestamp_seconds", "gauge", "When the oldest unfinished record was taken.", ("topic",)
)
LAST_PROGRESS = Metric(
    "handoff_last_progress_timestamp_seconds", "gauge", "When a record was last finished.", ("topic", "partition")
)
LAG_RECORDS = Metric("handoff_lag_records", "gauge", "Records behind the end.", ("topic", "partition"))
LAG_TIMESTAMP = Metric(
    "handoff_lag_timestamp_seconds",
    "gauge",
    "Create time of the next unprocessed record; 0: none waits.",
    ("topic", "partition"),
)
PARTITIONS = Metric("handoff_assigned_partitions", "gauge", "Partitions this process holds.", ("topic",))
REBALANCES = Metric("handoff_rebalances_total", "counter", "Partition changes.", ("topic", "change"))
RECOVERY_SECONDS = Metric(
    "handoff_recovery_duration_seconds",
    "histogram",
    "Reading ledger or state of a partition.",
    ("topic",),
    SLOW_SECONDS,
    from_start=(("escalation.state",), ("escalation.ledger",), ("notification.ledger",)),
)
DECISIONS = Metric("handoff_decisions_total", "counter", "Decisions, by verdict.", ("tenant", "verdict"))
ESCALATIONS = Metric(
    "handoff_escalations_total", "counter", "Escalations decided.", ("tenant", "reason", "group", "priority", "mode")
)
OUTCOMES = Metric("handoff_episode_outcomes_total", "counter", "Episodes ended, by outcome.", ("tenant", "outcome"))
BRAKES = Metric("handoff_loop_brakes_total", "counter", "Events held back so that no loop starts.", ("hop", "brake"))
DUPLICATES = Metric("handoff_duplicates_absorbed_total", "counter", "Repeats that changed nothing.", ("hop",))
STATE_KEYS = Metric("handoff_state_records", "gauge", "Conversations held in state.", ("partition",))
STATE_BYTES = Metric("handoff_state_bytes", "gauge", "Bytes of encoded state held.", ("partition",))
CHANGELOG_BYTES = Metric("handoff_changelog_bytes_total", "counter", "Bytes written to the state topic.")
TICKS = Metric("handoff_ticks_total", "counter", "Due times written as ticks.")
HELPDESK_CALLS = Metric(
    "handoff_helpdesk_calls_total", "counter", "Calls to helpdesks.", ("helpdesk", "tenant", "operation", "code_class")
)
HELPDESK_SECONDS = Metric(
    "handoff_helpdesk_call_duration_seconds", "histogram", "Duration of a call.", ("helpdesk", "operation")
)
HELPDESK_LINE_SECONDS = Metric(
    "handoff_helpdesk_line_duration_seconds",
    "histogram",
    "What a call waited in line before: `busy` for a free slot, `rate_limited` for the calls per second.",
    ("helpdesk", "reason"),
    buckets=(*FAST_SECONDS, 20.0),
)
RATE_REMAINING = Metric(
    "handoff_helpdesk_ratelimit_remaining", "gauge", "What the helpdesk says is left.", ("helpdesk", "tenant")
)
BREAKER = Metric("handoff_breaker_state", "gauge", "0 closed, 1 half open, 2 open.", ("helpdesk", "tenant"))
TICKETS = Metric(
    "handoff_tickets_total", "counter", "Tickets, by how they came about.", ("helpdesk", "tenant", "result")
)
DEGRADED = Metric(
    "handoff_tickets_degraded_total", "counter", "Minimal tickets in the default group.", ("helpdesk", "tenant")
)
PARKED = Metric("handoff_parked_total", "counter", "Commands parked.", ("tenant", "reason"))
PARKED_KEYS = Metric("handoff_parked_records", "gauge", "Commands that wait on the parked topic.", ("partition",))
OPEN_INTENTS = Metric(
    "handoff_open_intents_records", "gauge", "Helpdesk actions begun whose outcome is not known yet.", ("partition",)
)
OLDEST_INTENT = Metric(
    "handoff_oldest_open_intent_timestamp_seconds",
    "gauge",
    "When the oldest helpdesk action was begun whose outcome is not known yet; 0: none.",
    ("partition",),
)
IN_DOUBT = Metric(
    "handoff_in_doubt_total", "counter", "Calls whose outcome had to be looked up.", ("helpdesk", "resolution")
)
DUPLICATE_TICKETS = Metric(
    "handoff_duplicate_tickets_total",
    "counter",
    "Second tickets for one escalation that were found.",
    ("helpdesk",),
    from_start=(("zendesk",), ("freshdesk",)),
)
NOTICES = Metric("handoff_notices_total", "counter", "Steps towards the customer.", ("platform", "step", "result"))
DEFERRED_NOTICES = Metric(
    "handoff_deferred_notices_records", "gauge", "Notifications that wait for a channel that is away."
)
CHANNEL_AWAY = Metric(
    "handoff_channel_away_state", "gauge", "1: this chat platform, or the mail server, is away.", ("platform", "tenant")
)
PLATFORM_CALLS = Metric(
    "handoff_platform_calls_total", "counter", "Calls to chat platforms.", ("platform", "operation", "code_class")
)
SPANS = Metric(
    "handoff_spans_total",
    "counter",
    "Spans of traces, by what became of them (exported, queue_full, not_delivered); all zero where tracing is off.",
    ("result",),
    from_start=(("exported",), ("queue_full",), ("not_delivered",)),
)
LOOP_LAG = Metric("handoff_event_loop_lag_seconds", "gauge", "How late the event loop last was.", ("hop",))
CONFIG_RELOADS = Metric(
    "handoff_config_reloads_total",
    "counter",
    "Reloads of the configuration (done, refused).",
    ("result",),
    from_start=(("done",), ("refused",)),
)
CONFIG_IN_USE = Metric(
    "handoff_config_in_use_state", "gauge", "1: the file as it stands is in use; 0: it was refused, the former one is."
)
