"""Rows that the pages of several hops share."""

from deploy.generate.panels import Row, one, quantiles

TENANT = 'tenant=~"$tenant"'
"""Narrows to what the page's choice of tenants says."""


def consuming(topic: str) -> Row:
    """Rate, errors, duration and backlog of a consumer of `topic`."""
    here = f'topic="{topic}"'
    return Row(
        f"Records of {topic}",
        (
            one(
                "Records by outcome",
                "Finished per second.",
                f"sum by (outcome) (rate(handoff_records_total{{{here}}}[$__rate_interval]))",
                "{{outcome}}",
                unit="ops",
                stacked=True,
            ),
            quantiles(
                "Time per record", "From taking it to being done.", "handoff_record_duration_seconds", "topic", here
            ),
            one(
                "Dead letters",
                "Per 10 minutes, by reason.",
                f'sum by (reason) (increase(handoff_dead_letters_total{{topic="{topic}.dead"}}[10m]))',
                "{{reason}}",
                stacked=True,
            ),
            one(
                "Lag in seconds, by partition",
                "How long the next record of each has been waiting.",
                f"time() - (max by (partition) (handoff_lag_timestamp_seconds{{{here}}}) > 0)",
                "{{partition}}",
                unit="s",
                steps=(30, 300),
            ),
            one(
                "In flight",
                "Records taken and not finished, by process.",
                f"handoff_in_flight_records{{{here}}}",
                "{{instance}}",
            ),
            one(
                "Oldest in flight",
                "Since when the longest one has been under way.",
                f"time() - (handoff_oldest_in_flight_timestamp_seconds{{{here}}} > 0)",
                "{{instance}}",
                unit="s",
            ),
        ),
    )


def processes(hop: str, topic: str | None, recovers: str | None) -> Row:
    """Membership, recovery, event loop."""
    panels = [
        one(
            "Event loop lag",
            "How late the loop last was; a busy loop answers health late as well.",
            f'handoff_event_loop_lag_seconds{{hop="{hop}"}}',
            "{{instance}}",
            unit="s",
            steps=(0.5, 1),
        ),
        one(
            "Up since",
            "Time since each process started.",
            f'(time() - handoff_start_timestamp_seconds) * on (job, instance) handoff_build_info{{hop="{hop}"}}',
            "{{instance}}",
            unit="s",
        ),
    ]
    if topic is not None:
        panels.append(
            one(
                "Partitions held",
                "By process; twelve together.",
                f'handoff_assigned_partitions{{topic="{topic}"}}',
                "{{instance}}",
                stacked=True,
            )
        )
    if recovers is not None:
        panels.append(
            quantiles(
                "Recovery",
                f"Reading {recovers} when a partition is taken over; so long it stands still.",
                "handoff_recovery_duration_seconds",
                "topic",
                f'topic="{recovers}"',
            )
        )
    return Row("Processes", tuple(panels))
