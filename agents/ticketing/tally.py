"""What the steps see, as metrics and log lines. The only place of this hop that counts."""

from datetime import datetime

from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.ticketing.ledger import CREATES
from streams.contracts.escalation_ledger import Outcome
from streams.contracts.notification_events import AnyNotification

HOP = "ticketing"
_STEPS = {"accepted": "accepted", "opened": "ticket", "attached": "ticket"}


class Tally:
    """Counts and writes; never fails."""

    def __init__(self, metrics: Metrics, log: Log) -> None:
        """Both are the process'."""
        self._metrics = metrics
        self._log = log

    def saw(self, event: str, partition: int, fields: dict[str, str]) -> None:
        """One thing that happened in a partition."""
        count = self._metrics.count
        if event == "command":
            self._command(partition, fields)
        elif event == "retry":
            count(catalogue.RETRIES, hop=HOP, reason=fields["reason"])
        elif event == "in_doubt":
            self._log.warning("ticketing.in_doubt", partition=partition, **fields)
        elif event == "resolved":
            count(catalogue.IN_DOUBT, helpdesk=fields["helpdesk"], resolution=fields["how"])
            self._log.info("ticketing.resolved", partition=partition, **fields)
        elif event == "degraded":
            count(catalogue.DEGRADED, helpdesk=fields["helpdesk"], tenant=fields["tenant"])
            self._log.warning("ticketing.degraded", partition=partition, **fields)
        elif event == "duplicate_tickets":
            count(catalogue.DUPLICATE_TICKETS, helpdesk=fields["helpdesk"])
            self._log.error("ticketing.duplicate_tickets", partition=partition, **fields)
        elif event in {"transcript", "transcript_failed"}:
            code = fields.get("reason", "2xx")
            count(catalogue.PLATFORM_CALLS, platform=fields["platform"], operation="transcript", code_class=code)
        else:
            self._log.warning(f"ticketing.{event}", partition=partition, **fields)

    def _command(self, partition: int, fields: dict[str, str]) -> None:
        """The canonical line of one command."""
        outcome = fields["outcome"]
        self._metrics.count(catalogue.RECORDS, topic="escalation.commands", outcome=outcome)
        if outcome == "parked":
            self._metrics.count(catalogue.PARKED, tenant=fields["tenant"], reason=fields["detail"])
        write = self._log.warning if outcome in {"dead", "parked"} else self._log.info
        write("ticketing.command", partition=partition, **fields)

    def outcome(self, outcome: Outcome) -> None:
        """An OUTCOME is on the ledger."""
        if outcome.action in CREATES or outcome.action.startswith("follow_up:"):
            self._metrics.count(
                catalogue.TICKETS, helpdesk=outcome.helpdesk, tenant=outcome.tenant, result=outcome.result
            )

    def notified(self, notification: AnyNotification, now: datetime) -> None:
        """A notification is on its topic."""
        step = _STEPS.get(notification.kind)
        if step is not None:
            seconds = max((now - notification.decided_at).total_seconds(), 0.0)
            self._metrics.observe(catalogue.END_TO_END, seconds, step=step)
