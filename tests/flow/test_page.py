"""The demo's page in a real browser, over what a finished demo left: what it looks like, says, and never does."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from agents.demo.scenarios import LAST_ACT, ROWS, Row
from tests.support.browser import Browser, Theme, running
from tests.support.page import COMPARED, FONTS, Shot, difference, fonts, opened, recorded, serving
from tests.support.tools import ROOT, need

pytestmark = [pytest.mark.tools, pytest.mark.asyncio(loop_scope="module")]

ALIKE = 0.01
"""Of a picture's squares of 20 pixels, so many may have another mean colour where the fonts are the same."""

ALIKE_IN_OTHER_FONTS = 0.18
"""Other fonts wrap lines elsewhere; what holds then is the outline, and all that is asked of the document."""

THEMES: tuple[Theme, ...] = ("light", "dark")
WINDOWS = [
    Shot("", width, height, theme) for width, height in ((360, 740), (768, 1024), (1280, 900)) for theme in THEMES
]
OTHER_FONTS = ("DejaVu Serif", "DejaVu Sans", "Liberation Sans")
NO_STYLESHEET = "/* none */"
BROKEN = {
    "no stylesheet": NO_STYLESHEET,
    "panes one below the other": ".board { display: block !important }",
    "no ticket": ".ticket { visibility: hidden }",
    "bubbles without their colours": ".words > .said { background: none !important; color: inherit !important }",
    "dark where it is light": ":root { --card: #161e1d !important; --ground: #0e1413 !important }",
    "a list that takes the page": ".board { grid-template-columns: 700px 1fr 1fr !important }",
    "a ticket that cannot be told from its note": ".comment.private { background: none !important }",
}
ENDED = {"resolved by the AI": "ended by the AI", "observed only": "AI answers"}
PANES = ("stages", "ticket", "log")
LIST = """
[...document.querySelectorAll("#list .row")].map((row) => {
  row.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
  const parts = [".row-top strong", ".row-title", ".row-foot .pill"].map((which) => row.querySelector(which));
  const seen = (part) => {
    const { left, top, width, height } = part.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    return width > 0 && height > 0 && part.innerText.trim() !== "" && row.contains(hit);
  };
  return { key: row.dataset.key, title: parts[1].innerText, state: parts[2].innerText, visible: parts.every(seen) };
})
"""
STICKING_OUT = """
[...document.querySelectorAll("body *")].filter((one) => {
  if (one.closest(".visually-hidden, .skip, svg, #list")) return false;
  const box = one.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
}).map((one) => `${one.tagName}.${one.className}`)
"""
PALE = """
(() => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const grounds = (one) => (one ? [...grounds(one.parentElement), getComputedStyle(one).backgroundColor] : []);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  let looked_at = 0;
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
    if (!text || !one.checkVisibility() || one.closest(".visually-hidden, .skip, svg")) continue;
    looked_at += 1;
    const behind = grounds(one), style = getComputedStyle(one);
    const [dark, light] = [luminance(over([...behind, style.color])), luminance(over(behind))].sort((a, b) => a - b);
    const large = parseFloat(style.fontSize) >= 24;
    if ((light + 0.05) / (dark + 0.05) < (large ? 3 : 4.5)) found.push(`${text.slice(0, 60)}: ${style.color}`);
  }
  return { looked_at, found };
})()
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with running(need("chromium")) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page() -> AsyncIterator[str]:
    async with serving(recorded()) as url:
        yield url


@dataclass(frozen=True)
class Seen:
    """What the page came to in one window."""

    width: int
    document_width: int
    listed: list[dict[str, Any]]
    sticking_out: list[str]
    pale: dict[str, Any]
    complaints: list[str]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=WINDOWS, ids=lambda shot: f"{shot.width}-{shot.theme}"
)
async def seen(browser: Browser, page: str, request: pytest.FixtureRequest) -> Seen:
    shot: Shot = request.param
    async with opened(browser, page, shot) as tab:
        width = await tab.value("document.documentElement.scrollWidth")
        looks = [await tab.value(script) for script in (STICKING_OUT, PALE, LIST)]
        return Seen(shot.width, width, looks[2], looks[0], looks[1], tab.complaints)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(browser: Browser, page: str) -> tuple[bytes, list[float]]:
    """The page as it is, on this machine."""
    return await picture(browser, page, COMPARED[0])


def scenarios() -> dict[str, Row]:
    """By their key on the page."""
    return {f"{row.shown_on or row.platform}/{row.account}/{row.conversation_id}": row for row in (*ROWS, LAST_ACT)}


async def picture(browser: Browser, page: str, shot: Shot, css: str = "") -> tuple[bytes, list[float]]:
    """And how wide its fonts are."""
    async with opened(browser, page, shot, css) as tab:
        if css == NO_STYLESHEET:
            await tab.value("document.styleSheets[0].disabled = true")
        return await tab.picture(), await fonts(tab)


@pytest.mark.parametrize("shot", COMPARED, ids=lambda shot: shot.file.rpartition("/")[2])
async def test_it_looks_as_it_did(browser: Browser, page: str, shot: Shot) -> None:
    taken, widths = await picture(browser, page, shot)
    same_fonts = widths == json.loads(FONTS.read_text())
    share = await difference(browser, (ROOT / shot.file).read_bytes(), taken)
    said = f"{share:.1%} of {shot.file} look different" + ("" if same_fonts else ", drawn in other fonts")
    assert share <= (ALIKE if same_fonts else ALIKE_IN_OTHER_FONTS), f"{said}; if that is meant: make pictures"


@pytest.mark.parametrize("font", OTHER_FONTS)
async def test_a_machine_with_other_fonts_is_told_from_a_broken_page(
    browser: Browser, page: str, whole: tuple[bytes, list[float]], font: str
) -> None:
    usual, widths = whole
    other, other_widths = await picture(browser, page, COMPARED[0], f":root {{ --face: '{font}' !important }}")
    if widths == other_widths:
        pytest.skip(f"{font} is what this machine draws the page in, or it is missing")
    assert await difference(browser, usual, other) <= ALIKE_IN_OTHER_FONTS


async def test_the_same_page_is_the_same_picture(browser: Browser, page: str, whole: tuple[bytes, list[float]]) -> None:
    again, _ = await picture(browser, page, COMPARED[0])
    assert await difference(browser, whole[0], again) == 0


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_page_is_noticed(
    browser: Browser, page: str, whole: tuple[bytes, list[float]], what: str
) -> None:
    broken, _ = await picture(browser, page, COMPARED[0], BROKEN[what])
    assert await difference(browser, whole[0], broken) > 2 * ALIKE


async def test_every_conversation_is_in_the_list_and_tells_how_it_ended(seen: Seen) -> None:
    rows = scenarios()
    assert {each["key"] for each in seen.listed} == set(rows)
    for each in seen.listed:
        row = rows[each["key"]]
        assert each["visible"], row.label
        assert each["title"] == row.label[:1].upper() + row.label[1:]
        wanted = "with a person" if row.ending.tickets else ENDED[row.label]
        assert each["state"] == wanted, row.label


async def test_nothing_sticks_out_and_nothing_is_complained_about(seen: Seen) -> None:
    assert seen.document_width == seen.width
    assert seen.sticking_out == []
    assert seen.complaints == []


async def test_every_word_can_be_read(seen: Seen) -> None:
    assert seen.pale["looked_at"] > 100
    assert seen.pale["found"] == []


async def test_every_conversation_shows_its_decision_its_ticket_and_what_the_customer_read(
    browser: Browser, page: str
) -> None:
    state = {each["key"]: each for each in recorded()["conversations"]}
    async with opened(browser, page, COMPARED[0]) as tab:
        for key, row in scenarios().items():
            await tab.value(f"document.querySelector(`[data-key='{key}']`).click()")
            said = {name: await tab.value(f"document.getElementById('{name}').innerText") for name in PANES}
            reason = (row.ending.reason or "").replace("_", " ")
            assert ("Escalate: " + reason in said["stages"]) == (row.ending.reason is not None), row.label
            numbers = [str(ticket["id"]) for ticket in state[key]["tickets"]]
            assert len(numbers) == row.ending.tickets
            assert [number for number in numbers if f"#{number}" not in said["ticket"]] == []
            assert ("No ticket" in said["ticket"]) == (not numbers), row.label
            unread = [
                each["text"] for each in state[key]["messages"] if _words(each["text"]) not in _words(said["log"])
            ]
            assert unread == [], row.label
        assert tab.complaints == []


async def test_what_is_too_wide_too_pale_or_wrong_is_found(browser: Browser, page: str) -> None:
    css = ".note { color: #d0d6d3 !important } .ticket-head { width: 2000px }"
    async with opened(browser, page, WINDOWS[0], css) as tab:
        assert await tab.value(STICKING_OUT) != []
        assert [each for each in (await tab.value(PALE))["found"] if "conversations" in each] != []
        await tab.value("setTimeout(() => { throw new Error('on purpose') }, 0)")
        await tab.until("true")
        await tab.value("console.error('on purpose')")
        assert len(tab.complaints) == 2
        await tab.value("fetch('/nowhere')")
        assert len(tab.complaints) == 3


def _words(text: str) -> str:
    return " ".join(text.split())
