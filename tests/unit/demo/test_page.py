"""The page of `handoff demo --serve`: what it serves, to whom, and that its three files fit together."""

import re
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from agents.demo.page.routes import add_page_routes
from agents.demo.page.views import Entry, State, conversation_views
from tests.support.demo_state import filled_state
from tests.support.simulators import SUNSHINE_AUTH, ZENDESK_AUTH, Simulators, running

FOLDER = files("agents.demo.page")
HTML, CSS, JS = (FOLDER.joinpath(name).read_text("utf-8") for name in ("index.html", "style.css", "app.js"))


class Demo:
    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.shown: State = filled_state()

    async def state(self) -> State:
        return self.shown

    async def say(self, conversation_id: str, text: str) -> None:
        if conversation_id not in {one["key"] for one in self.shown["conversations"]}:
            raise KeyError(conversation_id)
        self.said.append((conversation_id, text))


class Page:
    def __init__(self, url: str, demo: Demo, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.demo = demo
        self._session = session

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
        async with self._session.get(self.url + path, headers=headers) as response:
            return response, await response.read()

    async def say(self, body: Any, **headers: str) -> int:
        async with self._session.post(f"{self.url}/_demo/say", json=body, headers=headers) as response:
            return response.status


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    demo, app = Demo(), web.Application()
    add_page_routes(app, demo)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield Page(f"http://127.0.0.1:{runner.addresses[0][1]}", demo, session)
    await runner.cleanup()


async def test_three_files_are_served_under_a_policy_that_allows_nothing_inline(page: Page) -> None:
    for path, media_type in (("/", "text/html"), ("/style.css", "text/css"), ("/app.js", "text/javascript")):
        response, body = await page.get(path)
        assert (response.status, response.content_type) == (200, media_type)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert len(body) > 1_000


async def test_the_state_is_sent_once_and_again_only_when_it_has_changed(page: Page) -> None:
    first, body = await page.get("/_demo/state")
    assert b"Maya Okafor" in body
    same, nothing = await page.get("/_demo/state", **{"If-None-Match": first.headers["ETag"]})
    assert (same.status, nothing) == (304, b"")
    page.demo.shown = {**page.demo.shown, "note": "changed"}
    changed, _ = await page.get("/_demo/state", **{"If-None-Match": first.headers["ETag"]})
    assert changed.status == 200


async def test_what_is_written_reaches_the_demo(page: Page) -> None:
    key = page.demo.shown["conversations"][0]["key"]
    assert await page.say({"conversation_id": key, "text": "  human please "}) == 202
    assert page.demo.said == [(key, "human please")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"conversation_id": "nobody", "text": "x"}, 404),
        ({"conversation_id": "intercom/acme/215470000000110", "text": "   "}, 422),
        ({"conversation_id": "intercom/acme/215470000000110", "text": "x" * 4_001}, 422),
        ({"text": "x"}, 422),
        (["x"], 422),
    ],
)
async def test_what_cannot_be_said_is_refused(page: Page, body: Any, status: int) -> None:
    assert await page.say(body) == status
    assert page.demo.said == []


async def test_other_sites_and_other_names_are_refused(page: Page) -> None:
    body = {"conversation_id": page.demo.shown["conversations"][0]["key"], "text": "x"}
    assert await page.say(body, Origin="https://evil.test") == 403
    assert await page.say(body, Origin=page.url) == 202
    rebound, _ = await page.get("/_demo/state", Host="evil.test")
    assert rebound.status == 403
    assert await page.say(body, **{"Content-Type": "text/plain"}) == 415


def test_nothing_comes_from_elsewhere_and_nothing_is_inline() -> None:
    outside = re.findall(r"https?://[^\s\"'<>)]+", HTML + CSS + JS)
    assert {url for url in outside if "www.w3.org/2000/svg" not in url} == set()
    assert re.search(r"<script(?![^>]*\bsrc=)", HTML) is None
    assert re.search(r"\son\w+=|<style|\sstyle=", HTML) is None
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|srcdoc", JS)


def test_the_script_finds_every_element_and_symbol_it_uses() -> None:
    ids = set(re.findall(r'\bid="([\w-]+)"', HTML))
    assert len(ids) == len(re.findall(r'\bid="([\w-]+)"', HTML)), "an id stands twice"
    assert set(re.findall(r'byId\("([\w-]+)"\)', JS)) | set(re.findall(r'\bdraw\("([\w-]+)"', JS)) <= ids
    stages = set(re.findall(r'^ {2}\["(\w+)", "', JS, re.MULTILINE))
    assert stages == {"event", "decision", "ticket", "notification", "session"}
    assert {f"i-{name}" for name in stages | {"spark", "person", "lock"}} <= ids


def test_labels_and_landmarks_are_there() -> None:
    assert '<html lang="en">' in HTML
    for needed in ('role="log"', 'aria-live="polite"', 'label class="visually-hidden" for="say"', 'class="skip"'):
        assert needed in HTML
    assert "prefers-reduced-motion" in CSS
    assert ":focus-visible" in CSS


def colours(theme: str) -> dict[str, str]:
    start = CSS.index(':root[data-theme="dark"]') if theme == "dark" else 0
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", CSS[start : CSS.index("}", start)]))


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *(("ink", ground) for ground in ("ground", "card", "sunken", "note", "ai-wash", "accent-wash")),
        *(("soft", ground) for ground in ("ground", "card", "sunken", "note")),
        *(("faint", ground) for ground in ("ground", "card", "sunken", "note")),
        *((tone, f"{tone}-wash") for tone in ("good", "warn", "bad", "ai")),
        ("warn", "note"),
        ("said-ink", "said"),
        ("accent-ink", "accent"),
    ],
)
def test_text_can_be_read_in_light_and_dark(theme: str, ink: str, ground: str) -> None:
    found = colours(theme)
    lighter, darker = sorted((luminance(found[ink]), luminance(found[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_the_two_places_that_define_dark_say_the_same() -> None:
    by_system = CSS[CSS.index("@media (prefers-color-scheme: dark)") : CSS.index(':root[data-theme="dark"]')]
    assert dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", by_system)) == colours("dark")


@pytest.fixture
async def simulators(tmp_path: Path) -> AsyncIterator[Simulators]:
    async with running(tmp_path) as found:
        yield found


async def test_what_the_simulators_know_becomes_what_the_page_shows(simulators: Simulators) -> None:
    customer = {"id": "c-1", "name": "Maya", "email": "maya@example.com"}
    say = {"author": "customer", "text": "charged twice"}
    await simulators.step("custom-llm", "s-1", customer=customer, say=say)
    await simulators.step("zendesk-sunco", "z-1", customer=customer, say=say)
    await simulators.step("intercom", "i-1", customer=customer, say=say)
    path = "/zendesk/acme/sc/v2/apps/app/conversations/z-1/passControl"
    await simulators.call("POST", path, {"switchboardIntegration": "zd:agentWorkspace"}, auth=SUNSHINE_AUTH)
    body = {
        "ticket": {
            "subject": "Charged twice",
            "priority": "high",
            "group_id": 360_002,
            "requester": {"name": "Maya", "email": "m@example.com"},
            "comment": {"html_body": "<p>x</p>", "public": False},
        }
    }
    made = await simulators.call("POST", "/zendesk/acme/api/v2/tickets", body, auth=ZENDESK_AUTH)
    llm = ("custom-llm", "acme", "s-1")
    entry: Entry = {"stage": "decision", "at": 1.0, "title": "Escalate"}
    state = (await simulators.call("GET", "/_state")).json
    views = conversation_views(
        state,
        tickets_of={llm: [("zendesk", made.json["ticket"]["id"])]},
        timelines={llm: [entry]},
        titles={llm: "Charged twice for July"},
    )
    shown = {view["key"]: view for view in views}
    own = shown["custom-llm/acme/s-1"]
    assert (own["title"], own["state"], own["timeline"]) == ("Charged twice for July", "with a person", [entry])
    assert [message["text"] for message in own["messages"]] == ["charged twice"]
    (ticket,) = own["tickets"]
    assert (ticket["subject"], ticket["group"], ticket["priority"]) == ("Charged twice", "Billing", "high")
    assert ticket["requester"] == {"name": "Maya", "email": "m@example.com", "phone": None}
    assert (ticket["comments"][0]["public"], ticket["comments"][0]["by_customer"]) == (False, False)
    assert [found["subject"] for found in shown["zendesk-sunco/acme/z-1"]["tickets"]] == ["Conversation with Maya"]
    assert shown["intercom/acme/i-1"]["state"] == "AI answers"
    assert shown["intercom/acme/i-1"]["title"] == "charged twice"
