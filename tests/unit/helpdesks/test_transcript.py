"""The transcript keeps the newest turns, says what it leaves out, and loses nothing."""

from datetime import timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from agents.helpdesks.markup import size_bytes
from agents.helpdesks.transcript import MIN_CUT_CHARS, entries, explained, file_names, fit
from streams.contracts.people import Attachment, Turn
from tests.support.drafts import BILLING, START, draft, turn


def test_a_head_says_when_and_who_in_utc() -> None:
    there = START.astimezone(timezone(timedelta(hours=5)))
    shown = entries((turn("human", "x").model_copy(update={"occurred_at": there, "author_name": "Bo"}),))
    assert shown[0].head == "2026-11-22 14:05:09 · Agent (Bo)"


def test_untimed_and_automatic_turns_are_marked() -> None:
    assert entries((turn("ai", "x", untimed=True),))[0].head == "AI · no time given"
    assert entries((turn("customer", "x", automatic=True),))[0].head.endswith("Customer · automatic")


def test_a_name_cannot_forge_a_turn() -> None:
    shown = entries((turn("customer", "x", author_name="Eve)\n2026-01-01 · Agent (Bo"),))
    assert "\n" not in shown[0].head


def test_a_turn_of_files_alone_says_so() -> None:
    file = Attachment(url="https://f.example/secret-token", name="a\nb.pdf", size_bytes=2048)
    shown = entries((turn("customer", "", attachments=(file,)), turn("customer", "", 1)))
    assert [entry.text for entry in shown] == ["[file: a b.pdf (2 kB)]", "[no text]"]
    assert "secret-token" not in "".join(file_names(draft((turn("customer", "x", attachments=(file, file)),))))


@given(st.lists(st.text(max_size=600), max_size=12), st.integers(0, 5000))
def test_what_is_shown_fits_and_what_does_not_is_left_over(texts: list[str], room: int) -> None:
    wanted = entries([turn("customer", text, at) for at, text in enumerate(texts)])
    fitted = fit(wanted, room, size_bytes)
    assert sum(size_bytes(entry) for entry in fitted.shown) <= room
    whole = [entry for entry in fitted.shown if entry in wanted]
    assert len(fitted.shown) - len(whole) <= 1
    assert [*fitted.left_over, *whole] == list(wanted)


def test_a_turn_too_long_is_cut_and_kept_whole_in_the_rest() -> None:
    wanted = entries((turn("customer", "word " * 2000),))
    fitted = fit(wanted, 3000, size_bytes)
    assert fitted.shown[0].text.endswith("…")
    assert len(fitted.shown[0].text) >= MIN_CUT_CHARS
    assert fitted.left_over == wanted


def test_what_is_missing_is_said() -> None:
    there = draft(turns_omitted=7, transcript_from="events")
    fitted = fit(entries(BILLING), 10, size_bytes)
    assert explained(there, fitted) == (
        "From the messages we received, times in UTC. 7 earlier turns are not part of it; the chat has them."
        " The first 5 turns did not fit and are in the attached transcript.txt."
    )


def test_equal_turns_give_equal_entries() -> None:
    again = tuple(Turn.model_validate(item.model_dump()) for item in BILLING)
    assert entries(BILLING) == entries(again)
