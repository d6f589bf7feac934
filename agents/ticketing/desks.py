"""The helpdesk accounts of all tenants, each behind a bulkhead of its own."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil, inf

from agents.helpdesks.port import Helpdesk
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from agents.outbound import Http
from agents.settings import TenantBook, TicketingSettings
from agents.ticketing.accounts import account
from agents.ticketing.action import BUSY_SECONDS
from agents.ticketing.bulkhead import Bulkhead
from agents.ticketing.limits import Bucket, Limits
from agents.ticketing.line import Leaving, Line
from agents.ticketing.live_desk import LiveDesk
from streams.clock import Clock
from streams.kafka.lease import Lease

PATIENCE_SECONDS = 10.0
"""A longer wait for the token bucket is not waited for in place: the command is tried again later."""

LINE_SHARE = 1 / 3
"""Of the time after which a command is parked: a look-up is tried three times (`gather.ask`)."""


class Desks:
    """Asked anew for each command, so that reloaded credentials take effect; bulkheads last."""

    def __init__(  # each is one collaborator, named at the composition root
        self,
        helpdesks: Mapping[str, Helpdesk],
        tenants: TenantBook,
        settings: TicketingSettings,
        http: Http,
        clock: Clock,
        lease: Lease,
        metrics: Metrics,
        tracer: Tracer = OFF,
    ) -> None:
        """`helpdesks` are the adapters by name."""
        self._helpdesks = helpdesks
        self._tenants = tenants
        self._settings = settings
        self._http = http
        self._clock = clock
        self._lease = lease
        self._metrics = metrics
        self._tracer = tracer
        self._bulkheads: dict[tuple[str, str], Bulkhead] = {}

    def desk(self, tenant: str, since: datetime | None = None, leaving: Leaving | None = None) -> LiveDesk | None:
        """The tenant's helpdesk; None: none is configured. Whoever waits longest, `since` when, is served first."""
        settings = self._tenants.get(tenant)
        found = account(tenant, settings) if settings is not None else None
        helpdesk = self._helpdesks.get(found.helpdesk) if found is not None else None
        if found is None or helpdesk is None:
            return None
        call_seconds = self._settings.call_timeout_seconds
        return LiveDesk(
            helpdesk,
            found,
            self._bulkhead(tenant, found.helpdesk, found.base_url).at(since.timestamp() if since else inf, leaving),
            call_seconds=call_seconds,
            attempt_seconds=call_seconds + BUSY_SECONDS,
            tracer=self._tracer,
        )

    def _bulkhead(self, tenant: str, helpdesk: str, base_url: str) -> Bulkhead:
        made = self._bulkheads.get((tenant, base_url))
        if made is None:
            rate = self._settings.calls_per_second
            limits = Limits(
                Bucket(rate, burst=max(float(ceil(rate)), 1.0)),
                patience_seconds=PATIENCE_SECONDS,
                probe_seconds=self._settings.call_timeout_seconds + BUSY_SECONDS,
            )
            made = Bulkhead(
                http=self._http,
                limits=limits,
                slots=Line(self._settings.concurrency_per_account),
                clock=self._clock,
                lease=self._lease,
                metrics=self._metrics,
                tenant=tenant,
                helpdesk=helpdesk,
                busy_seconds=BUSY_SECONDS,
                line_seconds=self._settings.park_after_seconds * LINE_SHARE,
            )
            self._bulkheads[(tenant, base_url)] = made
        return made
