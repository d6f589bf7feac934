"""The demo without any process: the simulators' own webhook bodies, normalised and decided, at set times."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.commands.policies import compiled, read_policy
from agents.demo.scenarios import Row
from agents.demo.setting import Ports, configuration, policy_text, simulator_settings
from agents.demo.simulators import chat_side
from agents.demo.simulators.chat_side.step import Step
from agents.demo.simulators.store import Store
from agents.escalation.decision import Rules
from agents.escalation.replay import replay
from agents.gateway.intake import connection_of
from agents.platforms.port import Connection, Delivery
from agents.platforms.registry import inbound
from agents.settings import Settings
from agents.settings_file import parse
from streams.contracts.conversation_events import AnyEvent
from streams.contracts.escalation_commands import OpenTicket

START = datetime(2026, 7, 13, 10, 0, tzinfo=UTC)
TURN_SECONDS = 2
PORTS = Ports(gateway=1, simulators=2, smtp=3, admin={})


def settings() -> Settings:
    """The demo's configuration."""
    return parse(configuration(PORTS, "unused:1", "unused.yaml", embedded=True), "the demo")


def connection(row: Row) -> Connection:
    """The row's tenant on its platform."""
    found = connection_of(row.account, row.platform, settings().tenants[row.account])
    assert found is not None
    return found


def events(row: Row, folder: Path) -> Iterator[AnyEvent]:
    """What the webhooks of a row become, a turn every `TURN_SECONDS`."""
    store = Store(folder / "story.db")
    account = simulator_settings(PORTS.gateway).account(row.account)
    for number, beat in enumerate(row.beats):
        at = START + timedelta(seconds=number * TURN_SECONDS)
        with store.transaction():
            webhooks = chat_side.play(
                store,
                account,
                row.platform,
                row.account,
                row.conversation_id,
                Step.model_validate(beat.step),
                base_url="http://127.0.0.1:2",
                at=at.timestamp(),
            )
        for webhook in webhooks:
            headers = {name.lower(): value for name, value in webhook.headers.items()}
            delivery = Delivery(webhook.body, headers, at)
            yield from inbound(row.platform).normalize(delivery, json.loads(webhook.body), connection(row)).events
    store.close()


def opened(row: Row, folder: Path) -> list[OpenTicket]:
    """The tickets the row's events ask for, with ten minutes of silence at the end."""
    text = policy_text(read_policy(None).text)
    policy = compiled(type(read_policy(None))("policy.yaml", text), row.account)
    rules = Rules(policy=policy, sha256="0" * 64, mode="live")
    until = START + timedelta(seconds=len(row.beats) * TURN_SECONDS + 600)
    steps = replay(events(row, folder), lambda _tenant: rules, until=until)
    return [command for _, decision in steps for command in decision.commands if isinstance(command, OpenTicket)]
