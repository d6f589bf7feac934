"""One approved rendering per conversation of the demo and helpdesk.

`HANDOFF_WRITE_GOLDEN=1 pytest tests/contract/test_golden_demo.py` writes them anew; read the difference before you
commit it: it is what support agents will see.
"""

import json
import os
import re
from pathlib import Path

import pytest

from agents.commands.render import account_for, draft_of, requests_for
from agents.demo.scenarios import LAST_ACT, ROWS, Row
from agents.demo.setting import FRESHDESK_GROUPS, GROUPS
from agents.helpdesks.first_screen import build
from agents.helpdesks.registry import NAMES, helpdesks
from agents.settings import HelpdeskSettings, Settings, TenantSettings
from streams.clock import SystemClock
from tests.support.demo_story import opened

GOLDEN = Path("tests/golden/demo")
ESCALATING = [row for row in (*ROWS, LAST_ACT) if row.ending.reason is not None]
CASES = [(row, helpdesk) for row in ESCALATING for helpdesk in NAMES]


def named(row: Row, helpdesk: str) -> str:
    return f"{re.sub(r'[^a-z0-9]+', '_', row.label.lower()).strip('_')}.{helpdesk}"


def configured(row: Row, helpdesk: str) -> Settings:
    groups = GROUPS if helpdesk == "zendesk" else FRESHDESK_GROUPS
    desk = HelpdeskSettings.model_validate(
        {"name": helpdesk, "base_url": f"https://acme.{helpdesk}.com", "groups": groups}
    )
    return Settings(tenants={row.account: TenantSettings(helpdesk=desk)})


def rendering(row: Row, helpdesk: str, folder: Path) -> str:
    """What the agent reads, then the exact requests."""
    [command] = opened(row, folder)
    assert command.reason == row.ending.reason
    account = account_for(row.account, helpdesk, configured(row, helpdesk))
    text = build(draft_of(command), room_bytes=20_000)
    parts = [f"Subject: {text.subject}", "", text.plain(), ""]
    for action, request in requests_for(helpdesks(SystemClock())[helpdesk], account, command):
        body = json.dumps(json.loads(request.body), indent=2, ensure_ascii=False)
        parts += [f"--- {action}: {request.method} {request.path}", body]
    return "\n".join(parts) + "\n"


@pytest.mark.parametrize(("row", "helpdesk"), CASES, ids=[named(*case) for case in CASES])
def test_a_ticket_of_the_demo_is_rendered_as_approved(row: Row, helpdesk: str, tmp_path: Path) -> None:
    made = rendering(row, helpdesk, tmp_path)
    path = GOLDEN / f"{named(row, helpdesk)}.txt"
    if os.environ.get("HANDOFF_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_no_rendering_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {named(*case) for case in CASES}
