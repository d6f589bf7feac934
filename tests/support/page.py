"""The demo's page over what a finished demo left, as pictures and as what a browser made of it.

`python -m tests.support.page` takes the pictures again: those of the README, and those the tests compare with.
`--record URL` first keeps the state of a `handoff demo --serve` that has played to its end and serves there.
"""

import argparse
import asyncio
import base64
import json
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from agents.demo.page.routes import add_page_routes
from agents.demo.page.views import State
from tests.support.browser import Browser, Tab, Theme, running
from tests.support.tools import ROOT, found

GOLDEN = ROOT / "tests" / "golden" / "page"
STATE = GOLDEN / "state.json"
FONTS = GOLDEN / "fonts.json"
SHOWN = "intercom/acme/215470000000201"
LIKE = "conversation=" + SHOWN


@dataclass(frozen=True)
class Shot:
    """A picture: of which file, in which window."""

    file: str
    width: int
    height: int
    theme: Theme
    query: str = LIKE


COMPARED = (
    Shot("tests/golden/page/wide-light.png", 1280, 900, "light"),
    Shot("tests/golden/page/wide-dark.png", 1280, 900, "dark"),
    Shot("tests/golden/page/narrow-light.png", 360, 1400, "light"),
)
SHIPPED = (
    Shot("deploy/pictures/chat.png", 470, 820, "light", f"pane=chat&{LIKE}"),
    Shot("deploy/pictures/ticket.png", 620, 820, "light", f"pane=ticket&{LIKE}"),
    Shot("deploy/pictures/page.png", 1500, 950, "light"),
)


def recorded() -> State:
    """What the page was told at the end of a demo."""
    state: State = json.loads(STATE.read_text("utf-8"))
    return state


class _Finished:
    """A demo in which nothing happens any more."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def state(self) -> State:
        return self._state

    async def say(self, conversation_id: str, text: str) -> None:
        raise KeyError(conversation_id)


@asynccontextmanager
async def serving(state: State) -> AsyncIterator[str]:
    """The page on a free loopback port; its address."""
    app = web.Application()
    add_page_routes(app, _Finished(state))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def opened(browser: Browser, url: str, shot: Shot, css: str = "") -> AsyncIterator[Tab]:
    """The page, drawn, with `css` of a test after its own."""
    async with browser.tab() as tab:
        await tab.open(f"{url}/?{shot.query}", width=shot.width, height=shot.height, theme=shot.theme)
        await tab.until("document.querySelectorAll('#list .row').length > 0 && document.fonts.status === 'loaded'")
        await tab.value(
            "(() => { const more = new CSSStyleSheet(); "
            f"more.replaceSync({json.dumps(css)}); document.adoptedStyleSheets = [more]; }})()"
        )
        await tab.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
        yield tab


async def fonts(tab: Tab) -> list[float]:
    """How wide the page's fonts make a sentence, in pixels: who has the same ones sees the same picture."""
    widths: list[float] = await tab.value("""
(() => {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  const mono = getComputedStyle(document.querySelector(".tags li") ?? document.body).fontFamily;
  const face = getComputedStyle(document.body).fontFamily;
  return [`400 14px ${face}`, `650 14px ${face}`, `400 12px ${mono}`].map((font) => {
    context.font = font;
    return Math.round(context.measureText("Zwölf Boxkämpfer jagen Viktor quer über den Deich, 0123456789").width);
  });
})()
""")
    return widths


_COMPARE = """
(async () => {
  const CELL = 20, FAR = 16;
  const load = (data) => new Promise((done, fail) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => fail(new Error("no picture"));
    image.src = "data:image/png;base64," + data;
  });
  const cells = (image) => {
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.width, image.height).data;
    const wide = Math.ceil(image.width / CELL), made = [];
    for (let y = 0; y < image.height; y++) for (let x = 0; x < image.width; x++) {
      const cell = made[Math.floor(y / CELL) * wide + Math.floor(x / CELL)] ??= [0, 0, 0, 0];
      for (let c = 0; c < 3; c++) cell[c] += pixels[4 * (y * image.width + x) + c];
      cell[3] += 1;
    }
    return made.map(([r, g, b, n]) => [r / n, g / n, b / n]);
  };
  const [one, other] = [await load(%s), await load(%s)];
  if (one.width !== other.width || one.height !== other.height) return 1;
  const [a, b] = [cells(one), cells(other)];
  const far = a.filter((cell, at) => cell.some((value, c) => Math.abs(value - b[at][c]) > FAR));
  return far.length / a.length;
})()
"""


async def difference(browser: Browser, one: bytes, other: bytes) -> float:
    """The share of a picture's squares of 20 pixels whose mean colour is another one; 1.0 for another size."""
    async with browser.tab() as tab:
        given = (json.dumps(base64.b64encode(picture).decode()) for picture in (one, other))
        share: float = await tab.value(_COMPARE % tuple(given))
        return share


async def _take(program: str) -> None:
    async with serving(recorded()) as url, running(program) as browser:
        for shot in (*COMPARED, *SHIPPED):
            async with opened(browser, url, shot) as tab:
                (ROOT / shot.file).write_bytes(await tab.picture())
                if shot == COMPARED[0]:
                    FONTS.write_text(json.dumps(await fonts(tab)) + "\n")


def _record(url: str) -> None:
    with urllib.request.urlopen(f"{url}/_demo/state") as answer:  # noqa: S310 # a demo on this machine
        state: Any = json.load(answer)
    STATE.parent.mkdir(parents=True, exist_ok=True)
    STATE.write_text(json.dumps(state, ensure_ascii=False, indent=1) + "\n", "utf-8")


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description="take the pictures of the demo's page again")
    parser.add_argument("--record", metavar="URL", help="of a demo that serves its page")
    arguments = parser.parse_args()
    program = found("chromium")
    if program is None:
        raise SystemExit("chromium is missing: apt-get install chromium")
    if arguments.record:
        _record(arguments.record.rstrip("/"))
    asyncio.run(_take(program))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
