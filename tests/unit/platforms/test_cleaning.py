"""Images a body shows, and texts of any field made safe."""

import time

import pytest

from agents.platforms.cleaning import Cleaning, inline_images


def test_the_images_of_a_body_each_once_and_only_those_of_the_web() -> None:
    html = (
        '<p>see <img src="https://a.example/1.png"><IMG SRC=https://a.example/1.png>'
        '<img src="data:image/png;base64,AA"><img src="cid:1"><img><img src="https://a.example/2.png?x=1&amp;y=2">'
    )
    assert [image.url for image in inline_images(html)] == [
        "https://a.example/1.png",
        "https://a.example/2.png?x=1&y=2",
    ]
    assert inline_images("no <image> here") == ()


@pytest.mark.parametrize("piece", ["<!--", "<img ", "<", "&", "</", "<?", "<![CDATA[", '<img a="'])
def test_a_hostile_body_is_read_in_bounded_time(piece: str) -> None:
    started = time.perf_counter()
    inline_images("<img>" + piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - started < 5.0


def test_values_of_attributes_are_masked_where_they_are_texts_or_long_figures() -> None:
    cleaned = Cleaning().attributes({"a": "4242 4242 4242 4242", "b": 4242424242424242, "c": 17, "d": True, "e": "x"})
    assert "4242 4242" not in str(cleaned["a"])
    assert cleaned["b"] != 4242424242424242
    assert (cleaned["c"], cleaned["d"], cleaned["e"]) == (17, True, "x")


def test_a_line_is_one_line_and_blank_is_none() -> None:
    assert Cleaning().line("a\n b\t\u202ec") == "a b c"
    assert Cleaning().line(" \n ") is None
    assert Cleaning(mask_email=True).line("m@example.com") != "m@example.com"
