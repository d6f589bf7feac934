"""The first page anybody opens: is a customer waiting because of us?"""

from deploy.generate.panels import Dashboard, Panel, Query, Row, one, quantiles, stat

ACCEPTED = 'handoff_end_to_end_seconds_count{step="accepted"}'
TICKET_IN_TIME = 'handoff_end_to_end_seconds_bucket{step="ticket",le="60.0"}'
TOLD_IN_TIME = 'handoff_end_to_end_seconds_bucket{step="told",le="10.0"}'
MOVING = 'topic!="escalation.commands.parked"'

_WAITING = Row(
    "Is a customer waiting because of us?",
    (
        stat(
            "Without a ticket after 60 s",
            "Escalations of the last hour that had no ticket a minute after the decision. They have been told that a "
            "person is coming; no person sees them yet.",
            f"clamp_min(round(sum(increase({ACCEPTED}[1h])) - sum(increase({TICKET_IN_TIME}[1h]))), 0)",
            steps=(1, 5),
        ),
        stat(
            "Not told after 10 s",
            "Escalations of the last hour whose customer had not heard from us ten seconds after the decision. "
            "Customers nobody can reach count as well.",
            f"clamp_min(round(sum(increase({ACCEPTED}[1h])) - sum(increase({TOLD_IN_TIME}[1h]))), 0)",
            steps=(1, 5),
        ),
        stat(
            "Oldest record waiting",
            "How long the next record of the slowest partition has been waiting, parked commands apart.",
            f"(time() - min(handoff_lag_timestamp_seconds{{{MOVING}}} > 0)) or vector(0)",
            steps=(30, 300),
            unit="s",
        ),
        stat(
            "Commands parked",
            "They wait for a helpdesk, a cap or a switch. Their customers know that it takes longer.",
            "sum(handoff_parked_records) or vector(0)",
            steps=(1, 50),
        ),
        stat(
            "Notices waiting",
            "News that wait for a chat platform or the mail server to come back.",
            "sum(handoff_deferred_notices_records) or vector(0)",
            steps=(1, 50),
        ),
        stat(
            "Oldest action in doubt",
            "A helpdesk call whose outcome is not known yet. Minutes are ordinary where there are no idempotency keys.",
            "(time() - min(handoff_oldest_open_intent_timestamp_seconds > 0)) or vector(0)",
            steps=(1200, 1800),
            unit="s",
        ),
        stat(
            "Second tickets, 24 h",
            "Must be zero.",
            "round(sum(increase(handoff_duplicate_tickets_total[24h]))) or vector(0)",
            steps=(1,),
        ),
        stat(
            "Dead letters, 24 h",
            "Put aside with a reason; `handoff dead list`.",
            "round(sum(increase(handoff_dead_letters_total[24h]))) or vector(0)",
            steps=(1, 20),
        ),
        stat(
            "Hops running",
            "Of four.",
            "count(count by (hop) (handoff_build_info)) or vector(0)",
        ),
        stat(
            "Not ready, or not alive",
            "Processes whose partitions stand still.",
            "(count(handoff_ready_state == 0) or vector(0)) + (count(handoff_alive_state == 0) or vector(0))",
            steps=(1, 2),
        ),
        Panel(
            "Alerts",
            "What fires now; the runbooks are in deploy/runbooks.",
            (Query('ALERTS{alertname=~"Handoff.*",alertstate="firing"}'),),
            kind="table",
            width=8,
            height=5,
        ),
    ),
)

_TIMES = Row(
    "How long it takes, from the decision on",
    (
        quantiles(
            "Times by step",
            "command and accepted: on their topics. told: the customer knows that a person is coming. ticket: it is "
            "there. notice: the customer has its number.",
            "handoff_end_to_end_seconds",
            "step",
            width=12,
        ),
        Panel(
            "Objectives: burnt how fast",
            "1 spends the month's budget in a month; the pages come at 14.4 and at 6.",
            (
                Query("handoff:tickets_late:ratio_rate1h / 0.01", "tickets, 1 h"),
                Query("handoff:tickets_late:ratio_rate6h / 0.01", "tickets, 6 h"),
                Query("handoff:webhooks_not_accepted:ratio_rate1h / 0.001", "webhooks, 1 h"),
                Query("handoff:webhooks_not_accepted:ratio_rate6h / 0.001", "webhooks, 6 h"),
            ),
            width=12,
            steps=(6, 14.4),
        ),
    ),
)

_FLOW = Row(
    "What flows",
    (
        one(
            "Events in",
            "Conversation events accepted by the gateway, by kind.",
            'sum by (kind) (rate(handoff_events_total{hop="gateway"}[$__rate_interval]))',
            "{{kind}}",
            unit="ops",
            stacked=True,
        ),
        one(
            "Escalations by reason",
            "Decided, per hour; observing tenants included.",
            "sum by (reason, mode) (increase(handoff_escalations_total[1h]))",
            "{{reason}} ({{mode}})",
            stacked=True,
        ),
        one(
            "Tickets by result",
            "Per hour.",
            "sum by (helpdesk, result) (increase(handoff_tickets_total[1h]))",
            "{{helpdesk}} {{result}}",
            stacked=True,
        ),
        one(
            "Episodes ended, by outcome",
            "Facts about deflection: what the AI could and could not do alone. Per hour.",
            "sum by (outcome) (increase(handoff_episode_outcomes_total[1h]))",
            "{{outcome}}",
            stacked=True,
        ),
        one(
            "Loops held back",
            "What could have started a loop and did not, per hour.",
            "sum by (hop, brake) (increase(handoff_loop_brakes_total[1h]))",
            "{{hop}} {{brake}}",
            stacked=True,
        ),
        one(
            "Repeats absorbed",
            "Deliveries that came twice and changed nothing, per hour.",
            "sum by (hop) (increase(handoff_duplicates_absorbed_total[1h]))",
            "{{hop}}",
            stacked=True,
        ),
    ),
)

_LAG = Row(
    "Where it waits",
    (
        one(
            "Lag in seconds",
            "Of the partition that waits longest, by topic.",
            "time() - min by (topic) (handoff_lag_timestamp_seconds > 0)",
            "{{topic}}",
            unit="s",
            steps=(30, 300),
            width=12,
        ),
        one(
            "Lag in records",
            "All partitions together.",
            "sum by (topic) (handoff_lag_records)",
            "{{topic}}",
            width=12,
        ),
        one(
            "Processes",
            "By hop and version.",
            "count by (hop, version) (handoff_build_info)",
            "{{hop}} {{version}}",
        ),
        one(
            "Partition changes",
            "Each costs its partition the recovery time.",
            "sum by (topic, change) (increase(handoff_rebalances_total[5m]))",
            "{{topic}} {{change}}",
        ),
        one(
            "Dead letters",
            "Per 10 minutes, by reason.",
            "sum by (topic, reason) (increase(handoff_dead_letters_total[10m]))",
            "{{topic}} {{reason}}",
            stacked=True,
        ),
    ),
)

OVERVIEW = Dashboard(
    uid="handoff-overview",
    title="Handoff: overview",
    about="Is a customer waiting because of us? If so, since when, and behind what.",
    rows=(_WAITING, _TIMES, _FLOW, _LAG),
)
