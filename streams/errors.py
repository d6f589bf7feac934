"""The error families every hop tells apart at its boundary.

`InvalidRecord` goes to the dead letters and is never retried. `Retryable` is tried again, with a cap.
`Refused` is something a person asked for that cannot be done: one line, exit code 2.
Anything else ends the process, because going on would lose a record in silence.
"""


class HandoffError(Exception):
    """An error of ours, with a reason from a small vocabulary and no personal data in its text."""


class InvalidRecord(HandoffError):
    """A record that can never be processed. `reason` is a slug: it becomes a header and a metric label."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Keep `detail` free of values a customer typed: name fields and types, never contents."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Retryable(HandoffError):
    """A failure that may pass. `retry_after_seconds` is what the other side asked for, if it did."""

    def __init__(self, reason: str, *, retry_after_seconds: float | None = None, detail: str = "") -> None:
        """See the class."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class Refused(HandoffError):
    """What a person asked for must be refused; the text is the one line they see (exit code 2)."""
