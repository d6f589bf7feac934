"""What the simulated accounts look like: credentials, groups, webhooks, limits. All values are made up.

One `SimulatorSettings` serves any number of accounts: those named have settings of their own, every other account
name works too, with the settings of `default`.
"""

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Subscriber(_Frozen):
    """Where a simulated platform delivers its webhooks. Without a URL it delivers none."""

    url: str | None = None
    secret: str = "demo-webhook-secret"  # noqa: S105 - made up
    echoes: bool = True
    """Deliver what the API itself caused (our own replies and handovers) as the real platforms do."""


class ZendeskAccount(_Frozen):
    """Support, Messaging and AI agents of one Zendesk account."""

    client_id: str = "handoff"
    client_secret: str = "demo-zendesk-client-secret"  # noqa: S105 - made up
    token_email: str = "handoff@acme.example"  # noqa: S105 - made up
    api_token: str | None = "demo-zendesk-api-token"  # noqa: S105 - made up
    """The legacy credential; None as in accounts that can no longer have one."""
    allowed_scopes: str = "read write"
    agent_id: int = 380_000_000_001
    groups: dict[str, int] = {"Support": 360_001, "Billing": 360_002, "Tier 2": 360_003}
    default_group_id: int = 360_001
    brands: dict[str, int] = {"Acme": 350_001}
    forms: dict[str, int] = {"Default form": 340_001}
    field_ids: tuple[int, ...] = (4_422_761_977_114, 330_001, 330_002)
    """Custom ticket fields that exist. Unknown ones in a request are dropped without a word."""
    proactive_trigger: bool = True
    """"Notify requester of new proactive ticket" is active, as in a new account."""
    proactive_trigger_excludes: tuple[str, ...] = ()
    """Tags that keep that trigger from firing, as an administrator may have set."""
    requests_per_minute: int = 700
    ticket_updates_per_10_minutes: int = 30
    user_updates_per_minute: int = 5
    search_lag_seconds: float = 60.0
    sunshine_key_id: str = "app_5ebee0975ac5304b664a12fa"
    sunshine_secret: str = "demo-sunshine-secret"  # noqa: S105 - made up
    app_id: str | None = None
    """The Sunshine app; None takes any."""
    sunshine: Subscriber = Subscriber()
    events: Subscriber = Subscriber()
    ai_agents_key: str = "demo-ai-agents-key"
    ai_agents: Subscriber = Subscriber()


class FreshdeskAccount(_Frozen):
    """One Freshdesk account."""

    api_key: str = "demo-freshdesk-key"
    agent_id: int = 43_000_000_001
    groups: dict[str, int] = {"Support": 43_001, "Billing": 43_002, "Tier 2": 43_003}
    products: dict[str, int] = {"Acme": 43_101}
    field_names: tuple[str, ...] | None = None
    """Custom ticket fields that exist, `cf_` included; None takes any. Unknown ones are refused."""
    requests_per_minute: int = 700
    search_lag_seconds: float = 180.0
    lists_show_tags: bool = True
    """Sources differ on whether a list of tickets names their tags."""
    mails_requester: bool = True
    """The requester notification for new tickets is on and fires for tickets made by API."""


class IntercomAccount(_Frozen):
    """One Intercom workspace, Fin Agent API included."""

    token: str = "demo-intercom-token"  # noqa: S105 - made up
    app_id: str = "x9k2m1ab"
    app_package_code: str | None = "handoff-demo"
    admin_id: str = "8120055"
    admins: dict[str, str] = {"8120055": "Escalation Assistant", "8120077": "Priya N"}
    teams: dict[str, str] = {"5017691": "Support", "5017692": "Billing", "5017693": "Tier 2"}
    plain_text_webhooks: bool = True
    """As for apps on API 2.15 and newer; older ones get HTML."""
    requests_per_10_seconds: int = 1_666
    subscriber: Subscriber = Subscriber()
    fin: Subscriber = Subscriber()


class LlmAccount(_Frozen):
    """A company's own chat on a language model."""

    secret: str = "whsec_aGFuZG9mZi1kZW1vLXNlY3JldC0zMi1ieXRlcyE="  # noqa: S105 - made up
    """Signs both directions (Standard Webhooks)."""
    tolerance_seconds: float = 300.0
    dedupes: bool = True
    """Whether the app drops a webhook-id it has seen, as its contract asks. Off: sent twice is shown twice."""
    subscriber: Subscriber = Subscriber()


class AccountSettings(_Frozen):
    """One account name on every vendor."""

    zendesk: ZendeskAccount = ZendeskAccount()
    freshdesk: FreshdeskAccount = FreshdeskAccount()
    intercom: IntercomAccount = IntercomAccount()
    llm: LlmAccount = LlmAccount()


class SimulatorSettings(_Frozen):
    """All accounts, and how webhooks are delivered."""

    default: AccountSettings = AccountSettings()
    accounts: dict[str, AccountSettings] = {}
    webhook_timeout_seconds: float = 5.0
    webhook_retry_seconds: tuple[float, ...] = (0.5, 2.0, 5.0)
    """Waits before repeating a delivery that was not answered 2xx. Vendors wait longer; the order is theirs."""
    hold_limit_seconds: float = 300.0
    """No request is held or left hanging for longer."""

    def account(self, name: str) -> AccountSettings:
        """The settings of account `name`."""
        return self.accounts.get(name, self.default)
