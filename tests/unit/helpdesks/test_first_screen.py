"""The first screen says what an agent needs, in the same bytes for the same draft."""

from dataclasses import replace

from agents.helpdesks.first_screen import build
from streams.contracts.escalation_commands import Evidence
from streams.contracts.people import Attachment
from tests.support.drafts import VISITOR, draft, turn

ROOM = 60_000


def test_the_sections_stand_in_the_agents_order() -> None:
    text = build(draft(), room_bytes=ROOM)
    assert [section.heading for section in text.screen] == [
        "What the customer wants",
        "What the AI answered last",
        "Why this came to a person",
        "Key data",
        "Chat",
        "Files",
    ]
    assert text.screen[0].text == "I was charged twice for my July invoice. Order #5521 & #5522"
    assert text.screen[2].text == "The customer asked for a person: “human please”."


def test_an_empty_conversation_still_makes_a_ticket() -> None:
    empty = draft((), customer=VISITOR, evidence=(), attributes={}, intent=None, channel=None, route={})
    text = build(empty, room_bytes=ROOM)
    assert text.subject == "Conversation handed over from chat"
    assert text.screen[0].text == "The customer wrote nothing."
    assert text.screen[1].text == "The AI gave no answer."
    assert text.public_words is None
    assert text.rest is None


def test_public_words_are_the_customers_own_short_and_without_links() -> None:
    spam = draft((turn("customer", "Pay at https://evil.example/x now. " + "order 7 is late " * 200),))
    words = build(spam, room_bytes=ROOM).public_words
    assert words is not None
    assert len(words) <= 1000
    assert "evil" not in words


def test_files_are_named_without_their_addresses() -> None:
    files = (Attachment(url="https://f.example/token=s3cret", name="a.png", media_type="image/png", size_bytes=9000),)
    text = build(draft(attachments=files), room_bytes=ROOM).screen[-1].text
    assert text.startswith("a.png (image/png, 8 kB); invoice.pdf (application/pdf)\n")
    assert "s3cret" not in text


def test_what_finds_no_room_is_a_file() -> None:
    long = draft(tuple(turn("customer", f"turn {at} " + "x" * 2000, at) for at in range(60)))
    text = build(long, room_bytes=ROOM)
    assert text.rest is not None
    assert text.rest.name == "transcript.txt"
    kept = text.rest.content.decode()
    shown = "\n".join(entry.text for entry in text.transcript)
    assert all(f"turn {at} " in kept or f"turn {at} " in shown for at in range(60))
    assert "turn 59 " in shown


def test_the_rest_is_capped_at_a_whole_character() -> None:
    huge = draft(tuple(turn("customer", "ü" * 32_000, at) for at in range(100)))
    rest = build(huge, room_bytes=ROOM).rest
    assert rest is not None
    assert len(rest.content) <= 4 * 1024 * 1024
    rest.content.decode()


def test_our_own_link_is_bare_and_those_of_others_are_code() -> None:
    html = build(draft((turn("customer", "see https://evil.example/x order 7"),)), room_bytes=ROOM).screen_html()
    assert "<p>https://chat.example/c/4711</p>" in html
    assert html.count("evil.example") == html.count("<code>https://evil.example/x</code>") == 2


def test_what_a_conversation_is_about_is_evidence_without_being_a_signal() -> None:
    about = Evidence(signal="intent", fired=False, value="billing", span="charged", detail="known by words")
    text = build(draft(evidence=(about,)), room_bytes=ROOM).evidence[0].text
    assert text == "intent: “billing”; known by words; words “charged”"


def test_equal_drafts_give_equal_texts() -> None:
    assert build(draft(), room_bytes=ROOM) == build(draft(), room_bytes=ROOM)


def test_a_text_is_made_once_of_a_draft_and_anew_of_a_changed_one() -> None:
    made = draft((turn("customer", "broken"),))
    text = build(made, room_bytes=60_000)
    assert build(made, room_bytes=60_000) is text
    assert build(made, room_bytes=60_000, subject_prefix="Follow-up: ").subject == f"Follow-up: {text.subject}"
    changed = replace(made, turns=(turn("customer", "still broken"),))
    assert "still broken" in build(changed, room_bytes=60_000).screen_html()


def test_the_plain_form_reads_like_the_ticket() -> None:
    plain = build(draft(), room_bytes=ROOM).plain()
    assert plain.startswith("What the customer wants\n> I was charged twice")
    assert plain.endswith("human please\n[file: invoice.pdf (application/pdf)]\n")


def test_evidence_names_signals_policy_and_ids() -> None:
    there = draft()
    sections = {section.heading: section.text for section in build(there, room_bytes=ROOM, group_missing=True).evidence}
    assert "low_confidence: did not fire; measured 1 answers in a row, limit 2" in sections["Signals"]
    assert "the ticket stands in the default group" in sections["Decision"]
    assert there.command.escalation_id in sections["Ids"]
    assert there.command.policy in sections["Ids"]
