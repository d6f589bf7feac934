"""The pages of ticketing and of the notifier: what goes out."""

from deploy.generate.hop_rows import TENANT, consuming, processes
from deploy.generate.panels import Dashboard, Panel, Query, Row, one, quantiles

TICKETING = Dashboard(
    uid="handoff-ticketing",
    title="Handoff: ticketing",
    about="From command to ticket, and the helpdesks on the other side.",
    tenants="handoff_helpdesk_calls_total",
    rows=(
        Row(
            "Tickets",
            (
                one(
                    "By result",
                    "Per hour.",
                    f"sum by (helpdesk, result) (increase(handoff_tickets_total{{{TENANT}}}[1h]))",
                    "{{helpdesk}} {{result}}",
                    stacked=True,
                ),
                one(
                    "Parked",
                    "Commands put aside per hour, by tenant and reason.",
                    f"sum by (tenant, reason) (increase(handoff_parked_total{{{TENANT}}}[1h]))",
                    "{{tenant}} {{reason}}",
                    stacked=True,
                ),
                one(
                    "Waiting on the parked topic",
                    "Now.",
                    "sum by (partition) (handoff_parked_records)",
                    "{{partition}}",
                ),
                one(
                    "Degraded",
                    "Minimal tickets in the default group, per hour: the routing names what the helpdesk has not.",
                    f"sum by (helpdesk, tenant) (increase(handoff_tickets_degraded_total{{{TENANT}}}[1h]))",
                    "{{helpdesk}} {{tenant}}",
                ),
                Panel(
                    "Open and in doubt",
                    "Actions begun whose outcome is not known yet, and how doubts were resolved (per hour).",
                    (
                        Query("sum(handoff_open_intents_records)", "open"),
                        Query("sum by (resolution) (increase(handoff_in_doubt_total[1h]))", "{{resolution}}"),
                    ),
                ),
                one(
                    "Second tickets",
                    "Per hour; must be zero.",
                    "sum by (helpdesk) (increase(handoff_duplicate_tickets_total[1h]))",
                    "{{helpdesk}}",
                    steps=(1,),
                ),
            ),
        ),
        Row(
            "Helpdesks",
            (
                one(
                    "Calls by answer",
                    "Per second.",
                    f"sum by (tenant, code_class) (rate(handoff_helpdesk_calls_total{{{TENANT}}}[$__rate_interval]))",
                    "{{tenant}} {{code_class}}",
                    unit="reqps",
                    stacked=True,
                ),
                quantiles("Time per call", "By operation.", "handoff_helpdesk_call_duration_seconds", "operation"),
                quantiles(
                    "Waited before a call",
                    "`busy` for a free slot, `rate_limited` for the calls per second.",
                    "handoff_helpdesk_line_duration_seconds",
                    "reason",
                ),
                one(
                    "Breakers",
                    "0 closed, 1 half open, 2 open.",
                    f"max by (helpdesk, tenant) (handoff_breaker_state{{{TENANT}}})",
                    "{{helpdesk}} {{tenant}}",
                    steps=(1, 2),
                ),
                one(
                    "Quota left",
                    "What the helpdesk says is left of its rate limit.",
                    f"min by (helpdesk, tenant) (handoff_helpdesk_ratelimit_remaining{{{TENANT}}})",
                    "{{helpdesk}} {{tenant}}",
                ),
                one(
                    "Retries",
                    "Per 10 minutes, by reason.",
                    'sum by (reason) (increase(handoff_retries_total{hop="ticketing"}[10m]))',
                    "{{reason}}",
                    stacked=True,
                ),
                one(
                    "Transcripts fetched",
                    "From chat platforms, per 10 minutes, by answer.",
                    'sum by (code_class) (increase(handoff_platform_calls_total{operation="transcript"}[10m]))',
                    "{{code_class}}",
                    stacked=True,
                ),
            ),
        ),
        consuming("escalation.commands"),
        processes("ticketing", "escalation.commands", "escalation.ledger"),
    ),
)

NOTIFIER = Dashboard(
    uid="handoff-notifier",
    title="Handoff: notifier",
    about="What the customer hears, and when.",
    rows=(
        Row(
            "Towards the customer",
            (
                quantiles(
                    "Times",
                    "From the decision until the customer knows that a person is coming (told), and has the number "
                    "(notice). told has ten seconds.",
                    "handoff_end_to_end_seconds",
                    "step",
                    'step=~"told|notice"',
                    steps=(10,),
                ),
                one(
                    "Steps by result",
                    "Replies, mails, closings; per 10 minutes.",
                    "sum by (step, result) (increase(handoff_notices_total[10m]))",
                    "{{step}} {{result}}",
                    stacked=True,
                ),
                one(
                    "Waiting for a channel",
                    "News that wait for a platform or the mail server to come back.",
                    "handoff_deferred_notices_records",
                    "{{instance}}",
                ),
                one(
                    "Channels away",
                    "1: away.",
                    "max by (platform, tenant) (handoff_channel_away_state)",
                    "{{platform}} {{tenant}}",
                    steps=(1,),
                ),
                one(
                    "Calls to platforms",
                    "Per 10 minutes, by answer.",
                    'sum by (code_class) (increase(handoff_platform_calls_total{operation!="transcript"}[10m]))',
                    "{{code_class}}",
                    stacked=True,
                ),
                one(
                    "Retries",
                    "Per 10 minutes, by reason.",
                    'sum by (reason) (increase(handoff_retries_total{hop="notifier"}[10m]))',
                    "{{reason}}",
                    stacked=True,
                ),
            ),
        ),
        consuming("notification.events"),
        processes("notifier", "notification.events", "notification.ledger"),
    ),
)
