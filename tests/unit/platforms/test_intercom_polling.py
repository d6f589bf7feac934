"""Intercom's asking half: pages that survive changes meanwhile, limits, and whether a workspace is polled."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.outbound import HttpRequest, HttpResponse
from agents.platforms.intercom.options import options_of
from agents.platforms.intercom.polling import IntercomPolling
from agents.platforms.intercom.search import PER_PAGE
from agents.platforms.polling import Allowance, Changed
from tests.support.deliveries import connection
from tests.support.http import FakeHttp, answer
from tests.support.intercom import CUSTOMER, T0, conversation, part

NOW = datetime.fromtimestamp(T0, UTC)
POLLING = IntercomPolling()


class Workspace:
    """Answers searches by page; the cursor is a number of conversations, so a change moves the pages."""

    def __init__(self, updated_at: Mapping[str, int]) -> None:
        self.updated_at = dict(updated_at)
        self.meanwhile: list[str] = []

    def handle(self, request: HttpRequest) -> HttpResponse:
        asked = json.loads(request.body or b"")
        after, before = (condition["value"] for condition in asked["query"]["value"][:2])
        found = sorted((at, name) for name, at in self.updated_at.items() if after < at < before)
        first = int(asked["pagination"].get("starting_after", 0))
        page = found[first : first + PER_PAGE]
        more = {"next": {"starting_after": str(first + PER_PAGE)}} if len(found) > first + PER_PAGE else {}
        if self.meanwhile:
            self.updated_at[self.meanwhile.pop()] = before + 1
        return answer(200, {"conversations": [{"id": name, "updated_at": at} for at, name in page], "pages": more})


async def changed(workspace: Workspace, **settings: Any) -> list[Changed]:
    to = connection("intercom", tokens={"access_token": "t"}, **settings)
    since, until = NOW - timedelta(hours=1), NOW
    return [one async for one in POLLING.changed_since(FakeHttp(workspace.handle), to, since, until)]


@given(st.lists(st.integers(-3500, -1), min_size=1, max_size=5), st.integers(1, 400))
async def test_every_conversation_of_all_pages_is_named_once(seconds: list[int], count: int) -> None:
    updated_at = {f"c{n}": T0 + seconds[n % len(seconds)] for n in range(count)}
    found = await changed(Workspace(updated_at))
    assert sorted(one.conversation_id for one in found) == sorted(updated_at)


async def test_what_changes_while_the_pages_are_read_hides_nothing_else() -> None:
    updated_at = {f"c{n:03}": T0 - 3000 + n for n in range(400)}
    workspace = Workspace(updated_at)
    workspace.meanwhile = ["c000", "c001", "c002"]
    found = {one.conversation_id for one in await changed(workspace)}
    assert found == set(updated_at)


async def test_a_snapshot_is_read_as_plain_text_whatever_notifications_are_written_in() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        assert request.url.endswith("?display_as=plaintext")
        return answer(200, conversation(part("p1", CUSTOMER, "Is 1 <b or a> 2?")))

    to = connection("intercom", tokens={"access_token": "t"}, options={"body_format": "html"})
    told = await POLLING.read(FakeHttp(handle), to, "1", NOW)
    assert "Is 1 <b or a> 2?" in [getattr(event, "text", None) for event in told.events]


def test_limits_are_read_and_nonsense_is_none() -> None:
    headers = {"x-ratelimit-remaining": "12", "x-ratelimit-limit": "166", "x-ratelimit-reset": str(T0)}
    assert POLLING.allowance(headers) == Allowance(12, 166, NOW)
    assert POLLING.allowance({}) is None
    assert POLLING.allowance({"x-ratelimit-remaining": "lots"}) is None
    odd = {"x-ratelimit-remaining": "0", "x-ratelimit-limit": "-1", "x-ratelimit-reset": "9" * 15}
    assert POLLING.allowance(odd) == Allowance(0, None, None)


@pytest.mark.parametrize(
    ("token", "enabled", "polled"),
    [("t", None, True), ("t", True, True), ("t", False, False), (None, None, False), (None, True, False)],
)
def test_a_workspace_is_polled_where_there_is_a_token_unless_it_is_switched_off(
    token: str | None, enabled: bool | None, polled: bool
) -> None:
    tokens = {} if token is None else {"access_token": token}
    to = connection("intercom", tokens=tokens, options={"poll": {"enabled": enabled}})
    assert (POLLING.options(to) is not None) is polled


@pytest.mark.parametrize(
    "poll", [{"every_seconds": 0}, {"overlap_seconds": 0}, {"look_back_seconds": 86_401}, {"reread": 1}]
)
def test_options_that_would_leave_gaps_or_are_misspelt_are_refused(poll: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        options_of({"poll": poll})
