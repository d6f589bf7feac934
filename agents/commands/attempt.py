"""`handoff try`: one webhook body on one screen: events, decision, ticket, and what the customer reads."""

import argparse
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from agents.commands.options import add_config, add_tenant, settings_of
from agents.commands.pipe import connection_for, normalized, read_headers, read_input
from agents.commands.policies import compiled, read_policy
from agents.commands.render import account_for, draft_of
from agents.escalation.decision import Decision, Rules
from agents.escalation.replay import replay
from agents.helpdesks.first_screen import build
from agents.helpdesks.registry import NAMES as HELPDESKS
from agents.helpdesks.tags import tags
from agents.notifier.phrasebooks import Phrasebooks, load_shipped
from agents.notifier.wording import languages_for, promise_of, words_for
from agents.platforms.registry import NAMES
from agents.settings import Settings, TenantSettings
from streams.contracts.conversation_events import AnyEvent
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.notification_events import Opened, Ticket
from streams.ids import notification_id

_ROOM_BYTES = 8_000
MAX_TAG_CHARS = 80


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("try", help="show decision, ticket and customer message for one webhook body")
    parser.add_argument("platform", metavar="PLATFORM", help=f"one of: {', '.join(NAMES)}")
    parser.add_argument("--headers", metavar="FILE", help="the request's headers, as a JSON object")
    parser.add_argument("--policy", metavar="FILE", help="the policy (default: the tenant's, else the example)")
    parser.add_argument("--helpdesk", choices=HELPDESKS, help="default: the tenant's, else zendesk")
    add_config(parser)
    add_tenant(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the screen."""
    settings = settings_of(arguments)
    tenant = settings.tenants.get(arguments.tenant) or TenantSettings()
    policy = read_policy(arguments.policy or tenant.policy)
    rules = Rules(policy=compiled(policy, arguments.tenant), sha256=policy.sha256, mode="live")
    connection = connection_for(arguments.platform, arguments.tenant, settings)
    result = normalized(arguments.platform, read_input(), read_headers(arguments.headers), connection)
    print("EVENTS")
    for event in result.events:
        print(f"  {event.occurred_at:%Y-%m-%d %H:%M:%S}  {described(event)}")
    for reason in result.ignored:
        print(f"  ignored: {reason}")
    if not result.events:
        return 0
    steps = list(replay(result.events, lambda _tenant: rules, until=None))
    opened = [command for _, decision in steps for command in decision.commands if isinstance(command, OpenTicket)]
    print("\nDECISION")
    for text in _decision(opened, steps):
        print(f"  {text}")
    for command in opened:
        _show(command, settings, tenant, arguments.helpdesk)
    return 0


def described(event: AnyEvent) -> str:
    """One event in a few words."""
    if event.kind == "message":
        automatic = " (automatic)" if event.automatic else ""
        return f"{event.author}{automatic}: {' '.join(event.text.split())[:90]}"
    what = {
        "ai_outcome": "outcome",
        "control_changed": "holder",
        "ended": "by",
        "rated": "rating",
        "human_requested": "how",
    }.get(event.kind)
    return event.kind if what is None else f"{event.kind}: {getattr(event, what)}"


def _decision(opened: list[OpenTicket], steps: Iterable[tuple[AnyEvent, Decision]]) -> Iterable[str]:
    if not opened:
        verdicts = dict.fromkeys(decision.verdict for _, decision in steps)
        yield f"no escalation ({', '.join(verdicts)})"
        measured = {evidence.signal: evidence for _, decision in steps for evidence in decision.evidence}
        for evidence in measured.values():
            if evidence.value is not None and evidence.threshold is not None:
                yield f"  {evidence.signal}: {evidence.value}, would fire at {evidence.threshold}"
    for command in opened:
        yield f"escalate: {command.reason}"
        for evidence in command.evidence:
            if evidence.fired:
                yield f"  because of {evidence.signal}: {evidence.span or evidence.detail or evidence.value}"
        routing = command.routing
        yield f"  to {routing.group or 'the default group'}, priority {routing.priority} (route {routing.rule})"


def _show(command: OpenTicket, settings: Settings, tenant: TenantSettings, helpdesk: str | None) -> None:
    name = helpdesk or (tenant.helpdesk.name if tenant.helpdesk else "zendesk")
    text = build(draft_of(command), room_bytes=_ROOM_BYTES)
    print(f"\nTICKET ({name}: {account_for(command.tenant, name, settings).base_url})")
    print(f"  Subject: {text.subject}")
    print(f"  Tags: {', '.join(tags(command, max_chars=MAX_TAG_CHARS))}\n")
    print("\n".join(f"  {line}" for line in text.plain().splitlines()))
    print("\nTHE CUSTOMER READS")
    print(f"  {message(command, tenant, name)}")


def message(command: OpenTicket, tenant: TenantSettings, helpdesk: str) -> str:
    """What the customer is told once the ticket exists; its number is made up."""
    opened = Opened(
        notification_id=notification_id(command.escalation_id, "opened"),
        escalation_id=command.escalation_id,
        tenant=command.tenant,
        conversation_id=command.conversation_id,
        platform=command.platform,
        occurred_at=command.decided_at + timedelta(seconds=1),
        decided_at=command.decided_at,
        reason=command.reason,
        ticket=Ticket(id="12345", helpdesk=helpdesk),
        response=command.routing.response,
    )
    books = Phrasebooks(load_shipped())
    response = command.routing.response
    calendar = None
    if response is not None and response.calendar is not None:
        calendar = books.calendar(response.calendar, command.tenant, tenant)
    words = words_for(
        opened,
        books.book(tenant),
        languages=languages_for(command.locale, tenant.locales),
        brand=tenant.brand_name,
        promise=promise_of(response, calendar, opened.occurred_at),
        ask_for_address=command.customer.email is None,
        now=opened.occurred_at,
    )
    return words.notice.text
