"""What can be configured: small frozen groups, resolved once in the composition root and passed down.

`agents.settings_file` reads them from `handoff.yaml`. Secrets are `SecretStr`, given as `env:NAME` or
`file:/path`. `mode`, `share`, `kill_switch`, limits and secrets reload without a restart; the rest does not.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from streams.contracts.base import TenantId

Positive = Annotated[int, Field(gt=0)]

_ENDPOINT = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[^\s?#@]*)?")


class Group(BaseModel):
    """A group of settings: frozen, and strict about keys, so that a typo is an error. An id may be a bare number."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, coerce_numbers_to_str=True)


class KafkaSettings(Group):
    """The brokers."""

    bootstrap_servers: str = Field(default="127.0.0.1:9092", description="host:port, comma separated")
    security: dict[str, SecretStr] = Field(
        default_factory=dict, description="librdkafka's `security.protocol`, `sasl.*`, `ssl.*`; values may be secrets"
    )
    group_protocol: Literal["consumer", "cooperative-sticky"] = Field(
        default="cooperative-sticky", description="`consumer` (KIP-848) needs Kafka 4.0 or newer"
    )
    session_timeout_ms: Positive = Field(default=45_000, description="of the classic protocol and of Faust")
    instance_id: str | None = Field(default=None, description="static membership; the pod's name in Kubernetes")
    replication_factor: Positive = Field(default=3, description="of topics that `handoff topics apply` creates")
    min_insync_replicas: Positive = 2
    embedded: bool = Field(default=False, description="the mock broker of the demo and of tests; never production")


class GatewaySettings(Group):
    """The webhook intake."""

    host: str = "0.0.0.0"  # noqa: S104 # a service behind an ingress; the admin listener stays on loopback
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    public_url: str | None = Field(
        default=None, description="the address under which senders reach the gateway; `handoff doctor` prints it"
    )
    max_body_bytes: Positive = 1_048_576
    max_json_depth: Positive = 64
    produce_timeout_seconds: Annotated[float, Field(gt=0, le=20)] = Field(
        default=4.0, description="without an acknowledgement in this time the sender is asked to come again"
    )
    max_in_flight: Positive = Field(
        default=2_000, description="requests at once; past it senders are asked to come again"
    )
    max_in_flight_bytes: Positive = Field(default=128 * 1024 * 1024, description="their bodies together, likewise")
    body_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        default=5.0, description="for a body to arrive whole"
    )
    idle_seconds: Annotated[float, Field(gt=0)] = Field(
        default=75.0, description="a silent connection is closed then; longer than the proxy in front keeps its own"
    )


class EscalationSettings(Group):
    """The Faust worker."""

    app_id: str = "handoff-escalation"
    max_in_flight_bytes: Positive = 64 * 1024 * 1024
    stall_timeout_seconds: Positive = Field(default=60, description="no progress with work waiting: liveness fails")
    tick_check_seconds: Annotated[float, Field(gt=0)] = 1.0


class TicketingSettings(Group):
    """The helpdesk side."""

    concurrency_per_account: Positive = 16
    calls_per_second: Annotated[float, Field(gt=0)] = Field(default=10.0, description="per helpdesk account")
    call_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    transcript_timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 5.0
    park_after_seconds: Annotated[float, Field(gt=0)] = Field(
        default=60.0, description="a helpdesk away for longer: its commands are parked"
    )
    parked_retry_seconds: Annotated[float, Field(gt=0)] = 30.0
    max_transcript_turns: Positive = 500
    look_up_first_after_seconds: Annotated[float, Field(gt=0)] = Field(
        default=600.0, description="the first of two empty look-ups that allow a new key"
    )
    look_up_again_after_seconds: Annotated[float, Field(gt=0)] = 300.0


class SmtpSettings(Group):
    """Outgoing mail."""

    host: str
    port: Annotated[int, Field(gt=0, le=65_535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 15.0


class NotifierSettings(Group):
    """The customer's side."""

    concurrency: Positive = Field(default=16, description="calls at once to one platform of one tenant")
    call_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 8.0
    give_up_after_seconds: Annotated[float, Field(gt=0)] = Field(
        default=900.0, description="news whose channel stays away for longer go to the dead letters, and are counted"
    )
    smtp: SmtpSettings | None = None


class AdminSettings(Group):
    """Health and metrics of each process, on a listener of its own."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(default=9464, description="0: any free port")


class OutboundSettings(Group):
    """Which hosts may be called. Hosted helpdesks and chat platforms are allowed by pattern already."""

    allow_hosts: tuple[str, ...] = Field(
        default=(), description="systems of your own, by exact host name, with a port where it is not 443; https alone"
    )
    private_hosts: tuple[str, ...] = Field(
        default=(), description="likewise, and their addresses may be private ones of your own network"
    )
    attachment_hosts: tuple[str, ...] = Field(default=(), description="hosts that attachments are copied from")
    allow_loopback: bool = Field(default=False, description="demo and tests alone")
    max_attachment_bytes: Positive = 10 * 1024 * 1024


class ErasureSettings(Group):
    """`handoff erase`."""

    key: SecretStr | None = Field(
        default=None,
        description="hashes what is kept of an erased conversation; 16 characters or more, and the same for good",
    )


class TracingSettings(Group):
    """OpenTelemetry traces, over OTLP/HTTP. Without an endpoint, here or in OTEL_EXPORTER_OTLP_ENDPOINT: none."""

    endpoint: str | None = Field(
        default=None,
        description="the collector's address, to which `/v1/traces` is added; wins over the environment's",
    )
    headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="sent along, such as a key; values may be secrets"
    )

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not _ENDPOINT.fullmatch(value):
            raise ValueError("http(s)://host:port is expected; a user, a password or a query has no place in it")
        return value


class PlatformSettings(Group):
    """One chat platform of one tenant."""

    secrets: tuple[SecretStr, ...] = Field(default=(), description="webhook secrets; several while rotating")
    own_ids: frozenset[str] = Field(default=frozenset(), description="our admin, bot and app ids: their echo is ours")
    tokens: dict[str, SecretStr] = Field(default_factory=dict, description="outbound credentials by name")
    options: dict[str, Any] = Field(default_factory=dict, description="the platform's own settings")
    mask_email: bool = False
    mask_phone: bool = False


class HelpdeskSettings(Group):
    """The tenant's helpdesk account."""

    name: Literal["zendesk", "freshdesk"]
    base_url: str
    tokens: dict[str, SecretStr] = Field(default_factory=dict)
    groups: dict[str, int] = Field(default_factory=dict, description="the policy's group names as the helpdesk's ids")
    options: dict[str, Any] = Field(default_factory=dict)
    first_comment: Literal["public", "private"] | None = Field(
        default=None, description="none: the helpdesk adapter's own default, explained in its docstring"
    )


class LimitSettings(Group):
    """Brakes. Above them work is parked or refused for a while, never lost in silence."""

    webhooks_per_second: Positive = 200
    tickets_per_hour: Positive = 500
    notices_per_conversation: Positive = 6


class CalendarSettings(Group):
    """Business hours of a group, in its own time zone. `hours`: mon…sun to `HH:MM-HH:MM`, several per day."""

    timezone: str = "UTC"
    hours: dict[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], tuple[str, ...]] = Field(default_factory=dict)
    holidays: tuple[str, ...] = Field(default=(), description="ISO dates")


class EmailSettings(Group):
    """What the tenant's mails look like."""

    from_address: str
    from_name: str | None = None
    null_sender: bool = Field(
        default=True,
        description="envelope sender `<>`, as RFC 3834 asks of automatic mail; off where a relay refuses it",
    )


class TenantSettings(Group):
    """One brand."""

    mode: Literal["observe", "live"] = Field(default="observe", description="observe decides and touches nobody")
    share: Annotated[float, Field(ge=0, le=1)] = Field(default=1.0, description="of conversations that are live")
    kill_switch: bool = Field(default=False, description="no outside call is made; commands are parked")
    brand_name: str = "Support"
    locales: tuple[str, ...] = ("en",)
    platforms: dict[str, PlatformSettings] = Field(default_factory=dict)
    helpdesk: HelpdeskSettings | None = None
    policy: str | None = Field(default=None, description="path of the policy file; none: the shipped example")
    open_tickets: Literal["attach", "new", "new_and_link"] = Field(
        default="attach", description="what an escalation does when the customer has an open ticket of ours"
    )
    limits: LimitSettings = LimitSettings()
    calendars: dict[str, CalendarSettings] = Field(default_factory=dict)
    templates: str | None = Field(default=None, description="path of a file with the tenant's own wording")
    email: EmailSettings | None = None


class Settings(Group):
    """Everything in `handoff.yaml`."""

    kafka: KafkaSettings = KafkaSettings()
    gateway: GatewaySettings = GatewaySettings()
    escalation: EscalationSettings = EscalationSettings()
    ticketing: TicketingSettings = TicketingSettings()
    notifier: NotifierSettings = NotifierSettings()
    admin: AdminSettings = AdminSettings()
    outbound: OutboundSettings = OutboundSettings()
    tracing: TracingSettings = TracingSettings()
    erasure: ErasureSettings = ErasureSettings()
    tenants: dict[TenantId, TenantSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _loopback_only_without_production(self) -> "Settings":
        if self.outbound.allow_loopback and not self.kafka.embedded and self.kafka.replication_factor > 1:
            raise ValueError("outbound.allow_loopback is for the demo and tests, not beside a replicated Kafka")
        return self


class TenantBook:
    """The tenants as they are now. Hops ask it anew for each record, so that a reload takes effect."""

    def __init__(self, tenants: Mapping[str, TenantSettings]) -> None:
        """Start with `tenants`."""
        self._tenants = dict(tenants)

    def get(self, tenant: str) -> TenantSettings | None:
        """The tenant's settings now, or None where there is none of that name."""
        return self._tenants.get(tenant)

    def names(self) -> tuple[str, ...]:
        """All tenants, in the file's order."""
        return tuple(self._tenants)

    def replace(self, tenants: Mapping[str, TenantSettings]) -> tuple[str, ...]:
        """Take over the reloadable part of `tenants`: mode, share, kill switch, limits, secrets and tokens.

        The rest stays as at the start, the list of tenants included: all four hops have to know a tenant before
        the first of them takes its events. Returns those that differ in it and wait for a restart.
        """
        waiting = [name for name in tenants if name not in self._tenants]
        for name, old in self._tenants.items():
            new = tenants.get(name)
            if new is not None:
                self._tenants[name] = _reloaded(old, new)
            if self._tenants[name] != new:
                waiting.append(name)
        return tuple(sorted(waiting))


def _reloaded(old: TenantSettings, new: TenantSettings) -> TenantSettings:
    platforms = {
        name: settings.model_copy(update={"secrets": new.platforms[name].secrets, "tokens": new.platforms[name].tokens})
        if name in new.platforms
        else settings
        for name, settings in old.platforms.items()
    }
    helpdesk = old.helpdesk
    if helpdesk is not None and new.helpdesk is not None:
        helpdesk = helpdesk.model_copy(update={"tokens": new.helpdesk.tokens})
    update = {
        "mode": new.mode,
        "share": new.share,
        "kill_switch": new.kill_switch,
        "limits": new.limits,
        "platforms": platforms,
        "helpdesk": helpdesk,
    }
    return old.model_copy(update=update)
