"""What the checker reads, the fault plan, and text in the vendors' forms."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.demo.simulators.chats import Chat, Session, marker_in
from agents.demo.simulators.faults import Fault, FaultPlan
from agents.demo.simulators.formats import (
    helpdesk_markup,
    hex_id,
    iso_milliseconds,
    iso_seconds,
    markup_of,
    markup_of_markdown,
    text_of,
)
from agents.demo.simulators.store import Records, Store, TicketRecord


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "s.db")


def test_a_transaction_that_fails_leaves_nothing_and_a_nested_one_is_part_of_it(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            store.next_id("n", 1)
            with store.transaction():
                store.next_id("n", 1)
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert store.next_id("n", 5) == 5


def test_counters_begin_where_they_are_told_and_count_on(store: Store) -> None:
    assert [store.next_id("a", 10_401), store.next_id("a", 10_401), store.next_id("b", 1)] == [10_401, 10_402, 1]


def test_messages_are_numbered_without_gaps_per_conversation(store: Store) -> None:
    chat = Chat(store, "custom-llm", "acme")
    for session_id in ("s-1", "s-2"):
        chat.open(Session(session_id), 1.0)
    seqs = [
        chat.add_message(session_id, f"m{number}", author="customer", text="x", at=2.0)
        for number, session_id in enumerate(["s-1", "s-2", "s-1", "s-1"])
    ]
    assert seqs == [1, 1, 2, 3]


def test_a_reader_sees_what_is_committed_and_can_write_nothing(store: Store) -> None:
    records = Records(store.path)
    Chat(store, "intercom", "acme").open(Session("1"), 1.0)
    assert records.conversation("intercom", "acme", "1") is not None
    assert records.conversation("intercom", "globex", "1") is None
    with pytest.raises(FileNotFoundError):
        Records(f"{store.path}.missing")
    records.close()


@pytest.mark.parametrize(
    ("external_id", "tags", "fields", "carried"),
    [
        ("e-1", (), {}, True),
        (None, ("handoff_e-1",), {}, True),
        (None, (), {"cf_handoff": "e-1"}, True),
        (None, ("handoff_e-12",), {"cf_handoff": "e-11"}, False),
        ("e-12", (), {}, False),
    ],
)
def test_a_ticket_carries_an_id_in_searchable_places_only(
    external_id: str | None, tags: tuple[str, ...], fields: dict[str, str], *, carried: bool
) -> None:
    doc = {"custom_fields": fields, "description": "e-1"}
    ticket = TicketRecord("zendesk", "acme", 1, external_id, 1, "s", "new", None, 1, tags, None, 0.0, doc, ())
    assert ticket.carries("e-1") is carried


def test_of_several_faults_the_oldest_fires_and_the_others_wait(store: Store) -> None:
    plan = FaultPlan(store)
    for kind in ("slow", "empty"):
        plan.add(Fault.model_validate({"kind": kind, "operation": "zendesk.*"}))
    assert plan.take("freshdesk.create_ticket", "acme", b"") is None
    taken = [plan.take("zendesk.create_ticket", "acme", b"") for _ in range(3)]
    assert [fault.kind if fault else None for fault in taken] == ["slow", "empty", None]


def test_what_has_an_effect_is_what_the_kind_says() -> None:
    kinds = {kind: Fault.model_validate({"kind": kind}).has_effect for kind in ("slow", "status", "empty", "html_200")}
    assert kinds == {"slow": True, "status": False, "empty": True, "html_200": False}


def test_markers_are_found_in_metadata_by_their_key() -> None:
    assert marker_in({"handoff": "n-1", "ticket": "7"}) == "n-1"
    assert marker_in({"ticket": "7"}) is None
    assert marker_in(None) is None


def test_times_and_ids_have_the_vendors_forms() -> None:
    assert iso_seconds(1_783_764_000.9) == "2026-07-11T10:00:00Z"
    assert iso_milliseconds(1_783_764_000.25) == "2026-07-11T10:00:00.250Z"
    assert hex_id(255, "5f74c7d8") == "5f74c7d800000000000000ff"


def test_text_keeps_the_lines_of_its_markup() -> None:
    assert text_of("<p>One<br>two &amp; three</p><ul><li>a</li><li>b</li></ul><style>x</style>") == (
        "One\ntwo & three\n\n- a\n- b"
    )


def test_markdown_shows_links_and_keeps_html_as_text() -> None:
    assert markup_of_markdown("a\n<b> [x](https://y.test)") == (
        '<p>a<br>\n&lt;b&gt; <a href="https://y.test">x</a></p>'.replace("<br>", "<br />")
    )


@given(st.text(alphabet=string.ascii_letters + string.digits + "<>&\"' .\n", max_size=200))
def test_plain_text_survives_markup_and_back(text: str) -> None:
    assert text_of(markup_of(text)).split() == text.split()


@given(st.text(max_size=200))
def test_no_script_survives_a_helpdesk(text: str) -> None:
    kept = helpdesk_markup(f"<p onclick='{text}'>{text}</p><script>{text}</script>")
    assert "<script" not in kept
    assert "onclick=" not in kept.partition(">")[0]
