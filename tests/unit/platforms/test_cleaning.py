"""Structured data and inline images on their way into an event."""

import time

import pytest

from agents.platforms.cleaning import Cleaning, inline_images

CARD = "4111111111111111"


@pytest.mark.parametrize("key", ["note", "order_id", "dataCapture.ticketField.4422761977114"])
def test_a_card_number_is_masked_under_any_key(key: str) -> None:
    [value] = Cleaning().attributes({key: CARD}).values()
    assert CARD not in str(value)


def test_an_id_that_only_counts_high_stays_an_id() -> None:
    passes_by_chance = "4222222222222"  # 13 digits, valid by Luhn
    assert Cleaning().attributes({"ticket_id": passes_by_chance}) == {"ticket_id": passes_by_chance}
    assert Cleaning().attributes({"remark": passes_by_chance}) != {"remark": passes_by_chance}


def test_images_are_found_in_broken_markup_in_bounded_time() -> None:
    started = time.process_time()
    found = inline_images('<img src="https://a.example/1.png">' + "<img <!--" * 20_000)
    assert [image.url for image in found] == ["https://a.example/1.png"]
    assert time.process_time() - started < 20.0
