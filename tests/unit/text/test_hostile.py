"""The work a text makes grows with its length alone.

CPU time, not the clock, and bounds some ten times what is measured: what these catch is the square of 30,000.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from agents.text.automatic import suspected
from agents.text.clean import clean
from agents.text.fingerprint import fingerprint, tokens
from agents.text.html import paragraphs
from agents.text.markdown import escape
from agents.text.mask import mask_bytes
from agents.text.plain import Format, detect

CHARS = 30_000
MARKDOWN_CHARS = 15_000
CPU_SECONDS = 4.0
SOUP_CHARS = 300_000
SOUP_CPU_SECONDS = 10.0

HTML = (
    *("<", "<a ", '<a "', "<a '\"", "<div>", "<div></span>", "<b x=1>", "<table>x", "<ul><li>", "<!--", "<!-- -->"),
    *("<script>", "<svg>", "<p><b x=1></i>", "<blockquote>", "<br>", "<td>", "<img src=x>", "<p>x", "<a href='x'>"),
    *("&", "&a", "&amp;", "&nbsp;", "x<y ", "data:a;base64,", "data:a;a"),
)
MARKDOWN = (
    "[",
    "![",
    "[a](http://",
    "**",
    "**a ",
    "*a_ ",
    "`",
    "``a",
    "> ",
    "- ",
    "|---|\n",
    "1. ",
    "# x\n",
    "\n",
    "<b>",
)
TEXT = (
    *("4", "4 ", "4242 ", "4242\n", "4\u200b", "\uff14 ", "DE89 ", "DE89", "+4", "0 ", "eyJ", "eyJaaaaaa.", "sk-"),
    *("-----BEGIN PRIVATE KEY-----", "bearer ", "password:", "password is ", "http://a:", "a:a@", "a@", "a.", "tel "),
    *(
        "cvv ",
        "\u200d",
        "\U0001f468\u200d",
        "a\u0301",
        "\u0301",
        "\x1b[",
        "\ud83d",
        "\\",
        "\\u0034",
        " \n",
        " ",
        "\t",
        "\n\n",
    ),
)


def _cpu_seconds(work: Callable[..., object], *args: object, **options: Any) -> float:
    start = time.process_time()
    work(*args, **options)
    return time.process_time() - start


@pytest.mark.parametrize(
    ("shape", "declared"), [*((shape, "html") for shape in HTML), *((shape, "markdown") for shape in MARKDOWN)]
)
def test_no_repetition_of_markup_makes_the_work_explode(shape: str, declared: Format) -> None:
    text = _repeated(shape, MARKDOWN_CHARS if declared == "markdown" else CHARS)
    assert _cpu_seconds(clean, text, declared=declared) < CPU_SECONDS
    assert _cpu_seconds(detect, text) < CPU_SECONDS


@pytest.mark.parametrize("shape", TEXT)
def test_no_repetition_of_text_makes_the_work_explode(shape: str) -> None:
    text = _repeated(shape, CHARS)
    assert _cpu_seconds(clean, text, mask_email=True, mask_phone=True, max_chars=CHARS) < CPU_SECONDS
    assert _cpu_seconds(clean, f"<pre>a{text}b", declared="html", max_chars=CHARS) < CPU_SECONDS
    assert _cpu_seconds(mask_bytes, text.encode("utf-8", "surrogatepass")) < CPU_SECONDS
    assert _cpu_seconds(paragraphs, f"a{text}b") < CPU_SECONDS
    assert _cpu_seconds(escape, f"a{text}b") < CPU_SECONDS
    assert _cpu_seconds(suspected, text, text) < CPU_SECONDS


def test_a_long_text_of_every_shape_is_worked_through() -> None:
    share = SOUP_CHARS // len((*HTML, *MARKDOWN, *TEXT))
    soup = "".join(_repeated(shape, share) for shape in (*HTML, *MARKDOWN, *TEXT))
    works: tuple[Callable[[str], object], ...] = (clean, paragraphs, escape, fingerprint, tokens)
    for work in works:
        assert _cpu_seconds(work, soup) < SOUP_CPU_SECONDS
    assert _cpu_seconds(suspected, soup, soup) < SOUP_CPU_SECONDS
    assert _cpu_seconds(mask_bytes, soup.encode("utf-8", "surrogatepass")) < SOUP_CPU_SECONDS


def _repeated(shape: str, chars: int) -> str:
    return (shape * (chars // len(shape) + 1))[:chars]


@pytest.mark.parametrize("shape", ["<div>", "<table><tr><td>", "<ul><li>", "<b x=1><p>", "<blockquote>", "<span></i>"])
def test_what_is_read_of_a_text_without_end_is_its_start(shape: str) -> None:
    cleaned = clean("first " + shape * 20_000 + "deep", declared="html")
    assert cleaned.text == "first\u2026"
    assert cleaned.redactions == {"truncated": 1}
