"""The pages of the gateway and of escalation: what comes in, what is decided."""

from deploy.generate.hop_rows import TENANT, consuming, processes
from deploy.generate.panels import Dashboard, Row, one, quantiles

GATEWAY = Dashboard(
    uid="handoff-gateway",
    title="Handoff: gateway",
    about="Webhooks in: accepted, refused, sent away to come again.",
    tenants="handoff_webhooks_total",
    rows=(
        Row(
            "Webhooks",
            (
                one(
                    "By outcome",
                    "accepted and ignored are 2xx; later asks to come again; refused is final.",
                    f"sum by (outcome) (rate(handoff_webhooks_total{{{TENANT}}}[$__rate_interval]))",
                    "{{outcome}}",
                    unit="reqps",
                    stacked=True,
                ),
                one(
                    "Not accepted, by reason",
                    "Per 10 minutes.",
                    f'sum by (reason) (increase(handoff_webhooks_total{{outcome=~"later|refused",{TENANT}}}[10m]))',
                    "{{reason}}",
                    stacked=True,
                ),
                quantiles(
                    "Time to answer",
                    "From the first byte to the answer; accepted includes the brokers' acknowledgement.",
                    "handoff_webhook_duration_seconds",
                    "outcome",
                ),
                one(
                    "By platform and tenant",
                    "A line that falls to zero is a platform that has switched our webhook off.",
                    f"sum by (platform, tenant) (rate(handoff_webhooks_total{{{TENANT}}}[$__rate_interval]))",
                    "{{platform}} {{tenant}}",
                    unit="reqps",
                ),
                one(
                    "Ignored on purpose",
                    "Pings, echoes, internal notes: no event. Per hour.",
                    "sum by (platform, reason) (increase(handoff_webhook_ignored_total[1h]))",
                    "{{platform}} {{reason}}",
                    stacked=True,
                ),
                one(
                    "Masked or removed",
                    "Card numbers, secrets, hidden characters. Per hour.",
                    'sum by (kind) (increase(handoff_redactions_total{hop="gateway"}[1h]))',
                    "{{kind}}",
                    stacked=True,
                ),
            ),
        ),
        Row(
            "Asked for",
            (
                one(
                    "Asked until",
                    "How far back the last search that got through lies, by connection.",
                    f"time() - max by (platform, tenant) (handoff_polled_until_timestamp_seconds{{{TENANT}}})",
                    "{{platform}} {{tenant}}",
                    unit="s",
                    steps=(600, 1800),
                ),
                one(
                    "Searches and reads by result",
                    "Per 10 minutes.",
                    f"sum by (platform, result) (increase(handoff_polls_total{{{TENANT}}}[10m])"
                    f" or increase(handoff_polled_reads_total{{{TENANT}}}[10m]))",
                    "{{platform}} {{result}}",
                    stacked=True,
                ),
                one(
                    "Events found by asking",
                    "That no webhook of the same process had told, per hour; with several gateways most are known.",
                    f"sum by (platform, tenant) (increase(handoff_polled_events_total{{{TENANT}}}[1h]))",
                    "{{platform}} {{tenant}}",
                ),
            ),
        ),
        processes("gateway", None, None),
    ),
)

ESCALATION = Dashboard(
    uid="handoff-escalation",
    title="Handoff: escalation",
    about="Decisions, and the state they are made from.",
    tenants="handoff_decisions_total",
    rows=(
        Row(
            "Decisions",
            (
                one(
                    "By verdict",
                    "Per second.",
                    f"sum by (verdict) (rate(handoff_decisions_total{{{TENANT}}}[$__rate_interval]))",
                    "{{verdict}}",
                    unit="ops",
                    stacked=True,
                ),
                one(
                    "Escalations by reason",
                    "Per hour.",
                    f"sum by (reason) (increase(handoff_escalations_total{{{TENANT}}}[1h]))",
                    "{{reason}}",
                    stacked=True,
                ),
                one(
                    "Escalations by group and priority",
                    "Per hour: what the helpdesk's queues get.",
                    f"sum by (group, priority) (increase(handoff_escalations_total{{{TENANT}}}[1h]))",
                    "{{group}} {{priority}}",
                    stacked=True,
                ),
                one(
                    "Episodes ended",
                    "Per hour, by outcome.",
                    f"sum by (outcome) (increase(handoff_episode_outcomes_total{{{TENANT}}}[1h]))",
                    "{{outcome}}",
                    stacked=True,
                ),
                one(
                    "Loops held back",
                    "Per hour, by brake.",
                    'sum by (brake) (increase(handoff_loop_brakes_total{hop="escalation"}[1h]))',
                    "{{brake}}",
                    stacked=True,
                ),
                one(
                    "Ticks",
                    "Silences whose time has come, per second.",
                    "sum(rate(handoff_ticks_total[$__rate_interval]))",
                    "ticks",
                    unit="ops",
                ),
            ),
        ),
        consuming("conversation.events"),
        Row(
            "State",
            (
                one(
                    "Conversations held", "By partition.", "sum by (partition) (handoff_state_records)", "{{partition}}"
                ),
                one(
                    "Bytes of state",
                    "Encoded, by partition: what a recovery has to read at least.",
                    "sum by (partition) (handoff_state_bytes)",
                    "{{partition}}",
                    unit="bytes",
                    stacked=True,
                ),
                one(
                    "Written to the state topic",
                    "Bytes per second.",
                    "sum(rate(handoff_changelog_bytes_total[$__rate_interval]))",
                    "bytes",
                    unit="bytes",
                ),
            ),
        ),
        processes("escalation", "conversation.events", "escalation.state"),
    ),
)
