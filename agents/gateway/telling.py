"""What the sender is answered, and what is counted and logged of it: slugs and ids, never contents."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from aiohttp import web

from agents.gateway.intake import Accepted, Refusal
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.platforms.port import StatusCodes
from streams.clock import Clock

MAX_LOGGED_IDS = 20
_SERVER = {"Server": "handoff"}
_HEADERS = web.Response(headers={"Content-Type": "application/json; charset=utf-8"} | _SERVER).headers
"""Which software of which version answers is nobody's business."""


class Sender(NamedTuple):
    """Whose request it is. Only configured names get here, so that labels stay bounded."""

    platform: str
    tenant: str
    codes: StatusCodes
    started: float
    """When it came, on the clock's monotonic scale."""


class Teller:
    """Makes the answers."""

    def __init__(self, clock: Clock, metrics: Metrics, log: Log) -> None:
        """Every answer is counted once."""
        self._clock = clock
        self._metrics = metrics
        self._log = log

    def nobody(self, refusal: Refusal) -> web.Response:
        """The path names no platform or tenant of ours; what it names is not repeated anywhere."""
        sender = Sender("unknown", "unknown", StatusCodes(), self._clock.monotonic())
        return self.refused(sender, refusal)

    def accepted(self, sender: Sender, read: Accepted) -> web.Response:
        """Everything is on the brokers."""
        outcome = "accepted" if read.events or read.answer is not None else "ignored"
        self._count(sender, outcome, "")
        for reason in read.ignored:
            self._metrics.count(catalogue.EVENTS_IGNORED, platform=sender.platform, reason=reason)
        for event in read.events:
            self._metrics.count(catalogue.EVENTS, hop="gateway", kind=event.kind)
            for kind, number in event.redactions.items():
                self._metrics.count(catalogue.REDACTIONS, number, hop="gateway", kind=kind)
        self._log.info(
            "webhook.accepted",
            platform=sender.platform,
            tenant=sender.tenant,
            events=len(read.events),
            event_ids=[event.event_id for event in read.events[:MAX_LOGGED_IDS]],
            ignored=sorted(set(read.ignored)),
        )
        if read.answer is not None:
            return answered(read.answer, sender.codes.accepted)
        return _response(
            b'{"accepted": %d, "ignored": %d}' % (len(read.events), len(read.ignored)), sender.codes.accepted
        )

    def refused(self, sender: Sender, refusal: Refusal) -> web.Response:
        """Never to be sent again as it is."""
        self._count(sender, "refused", refusal.reason)
        self._log.warning("webhook.refused", platform=sender.platform, tenant=sender.tenant, reason=refusal.reason)
        body = {"error": refusal.reason} | ({"detail": refusal.detail} if refusal.detail else {})
        return answered(body, refusal.status)

    def too_many(self, sender: Sender) -> web.Response:
        """Above the tenant's rate: again later, and slower."""
        self._count(sender, "refused", "rate_limited")
        self._log.warning("webhook.refused", platform=sender.platform, tenant=sender.tenant, reason="rate_limited")
        return _again(sender.codes, sender.codes.too_many, "rate_limited")

    def later(self, sender: Sender, reason: str, *, hang_up: bool = False) -> web.Response:
        """Ask for the same request again, in the way this sender understands."""
        self._count(sender, "later", reason)
        response = _again(sender.codes, sender.codes.retry_later, reason)
        if hang_up:
            response.force_close()
        return response

    def failed(self, sender: Sender, error: Exception) -> web.Response:
        """A fault of ours: told by its type alone, its text may hold anything."""
        self._log.error("webhook.failed", platform=sender.platform, tenant=sender.tenant, error=type(error).__name__)
        return self.later(sender, "internal_error")

    def _count(self, sender: Sender, outcome: str, reason: str) -> None:
        self._metrics.count(
            catalogue.WEBHOOKS, platform=sender.platform, tenant=sender.tenant, outcome=outcome, reason=reason
        )
        seconds = self._clock.monotonic() - sender.started
        self._metrics.observe(catalogue.WEBHOOK_SECONDS, seconds, platform=sender.platform, outcome=outcome)


def _again(codes: StatusCodes, status: int, reason: str) -> web.Response:
    response = answered({"error": reason}, status)
    if codes.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(codes.retry_after_seconds)
    return response


def answered(told: Mapping[str, Any], status: int) -> web.Response:
    """A response in JSON, which says nothing of the software it comes from."""
    return _response(json.dumps(told).encode(), status)


def empty(status: int) -> web.Response:
    """A response without a body."""
    return web.Response(status=status, headers=_SERVER)


def _response(body: bytes, status: int) -> web.Response:
    return web.Response(body=body, status=status, headers=_HEADERS)


def not_found() -> web.Response:
    """The path is none of ours."""
    return answered({"error": "not_found"}, 404)


def not_allowed(methods: Sequence[str]) -> web.Response:
    """The path is one of ours, the method is none it takes."""
    response = answered({"error": "method_not_allowed"}, 405)
    response.headers["Allow"] = ", ".join(methods)
    return response
