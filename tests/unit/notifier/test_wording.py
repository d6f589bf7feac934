from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.notifier.business_hours import parse_calendar
from agents.notifier.phrasebooks import Phrasebooks, load_shipped
from agents.notifier.plan import Words
from agents.notifier.template_file import KINDS, REQUIRED, read_overrides
from agents.notifier.wording import Phrasebook, Promise, languages_for, promise_of, words_for
from agents.settings import CalendarSettings
from streams.contracts.escalation_commands import REASONS, ResponsePromise
from streams.contracts.notification_events import AnyNotification, Ticket
from streams.contracts.people import Customer, Route
from streams.errors import Refused
from tests.support.notices import NOON, accepted, attached, delayed, failed, opened, tenant

SHIPPED = load_shipped()
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-17:00",))
BERLIN = parse_calendar("desk", CalendarSettings.model_validate({"timezone": "Europe/Berlin", "hours": WEEK}))
FRIDAY = datetime(2026, 7, 17, 13, 3, 20, tzinfo=UTC)  # 15:03:20 in Berlin


def say(notification: AnyNotification, language: str = "en", own: str | None = None, **options: Any) -> Words:
    overrides = read_overrides(own, "own.yaml", shipped=frozenset(SHIPPED)) if own else {}
    given = {"brand": "Acme", "promise": None, "ask_for_address": False, "now": NOON}
    book = Phrasebook(SHIPPED, overrides)
    return words_for(notification, book, languages=languages_for(language, ()), **(given | options))


def text(notification: AnyNotification, language: str = "en", own: str | None = None, **options: Any) -> str:
    return say(notification, language, own, **options).notice.text


def promise(minutes: int, since: datetime = FRIDAY, calendar: str | None = "desk") -> Promise | None:
    response = ResponsePromise(within_minutes=minutes, calendar=calendar)
    return promise_of(response, BERLIN if calendar else None, since)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "A person will answer within 4 business hours: by Monday 11:05 (Europe/Berlin)."),
        (
            "de",
            (
                "Ein Mensch antwortet Ihnen innerhalb von 4 Stunden unserer Geschäftszeit: "
                "spätestens Montag, 11:05 Uhr (Europe/Berlin)."
            ),
        ),
        (
            "es",
            (
                "Una persona le responderá en un plazo de 4 horas laborables: "
                "a más tardar el lunes a las 11:05 (Europe/Berlin)."
            ),
        ),
        (
            "fr",
            (
                "Une personne vous répondra dans un délai de 4 heures ouvrées : "
                "au plus tard lundi à 11 h 05 (Europe/Berlin)."
            ),
        ),
    ],
)
def test_the_answer_is_promised_by_a_moment_on_the_desks_clock(language: str, sentence: str) -> None:
    said = text(opened(), language, promise=promise(240), now=FRIDAY)
    assert sentence in said
    assert "4711" in said


def test_a_moment_further_away_has_its_date() -> None:
    said = text(opened(), promise=promise(60 * 8 * 6), now=FRIDAY)
    assert "within 48 business hours: by Monday, 27 July, 15:05 (Europe/Berlin)." in said


@pytest.mark.parametrize(
    ("minutes", "duration"),
    [(1, "1 minute"), (90, "90 minutes"), (60, "1 hour"), (120, "2 hours"), (1440, "1 day"), (2880, "2 days")],
)
def test_round_the_clock_a_duration_alone_is_promised(minutes: int, duration: str) -> None:
    said = text(opened(), promise=promise(minutes, NOON, calendar=None))
    assert said.endswith(f"A person will answer within {duration}.")


def test_minutes_of_business_hours_say_so() -> None:
    said = text(opened(), promise=promise(30), now=FRIDAY)
    assert "within 30 minutes of our business hours: by Friday 15:35 (Europe/Berlin)" in said


def test_a_calendar_nobody_configured_or_without_hours_promises_no_moment() -> None:
    unknown = promise_of(ResponsePromise(within_minutes=240, calendar="gone"), None, NOON)
    assert text(opened(), promise=unknown).endswith("A person will answer within 4 business hours.")


def test_a_moment_that_has_passed_is_not_promised_any_more() -> None:
    said = say(opened(), promise=promise(60), now=FRIDAY + timedelta(days=7))
    assert said.notice.text.endswith("A person will answer as soon as possible.")
    assert said.notice.waiting_minutes is None


def test_without_a_promise_the_answer_comes_as_soon_as_possible() -> None:
    assert text(opened()).endswith("A person will answer as soon as possible.")


def test_the_notice_carries_the_minutes_for_platforms_that_show_them() -> None:
    said = say(opened(), promise=promise(60), now=FRIDAY)
    assert said.notice.waiting_minutes == 60
    assert said.notice.ticket_id == "4711"
    assert say(accepted(), promise=promise(60), now=FRIDAY).notice.waiting_minutes is None


@pytest.mark.parametrize("language", sorted(SHIPPED))
@pytest.mark.parametrize("reason", [*REASONS, "invented_by_a_policy"])
def test_every_shipped_language_has_words_for_every_kind_and_reason(language: str, reason: str) -> None:
    for make in (accepted, opened, attached, delayed, failed):
        words = say(make(reason=reason), language, promise=promise(240), now=FRIDAY)
        assert words.letter.language == language
        assert "{" not in words.notice.text + words.letter.text + words.letter.subject
        assert words.notice.text in words.letter.text


def test_the_shipped_languages_are_the_four_and_whole() -> None:
    assert sorted(SHIPPED) == ["de", "en", "es", "fr"]
    assert all(sheet.keys() >= REQUIRED for sheet in SHIPPED.values())


@pytest.mark.parametrize(
    ("locale", "locales", "language"),
    [
        ("de-AT", ("en",), "de"),
        ("DE_at", (), "de"),
        ("pt-BR", ("es", "en"), "es"),
        ("pt-BR", (), "en"),
        (None, ("fr",), "fr"),
        ("", ("fr-CA",), "fr"),
        ("x" * 200, (), "en"),
    ],
)
def test_the_language_is_the_customers_then_the_tenants_then_english(
    locale: str | None, locales: tuple[str, ...], language: str
) -> None:
    book = Phrasebook(SHIPPED, {})
    assert book.find(languages_for(locale, locales), "accepted.default")[1] == language


def test_a_tenants_own_text_wins_and_what_it_leaves_out_is_ours() -> None:
    own = "en:\n  opened:\n    default: 'Ticket {ticket} for {brand}.'\n"
    assert text(opened(), own=own) == "Ticket 4711 for Acme."
    assert text(accepted(), own=own) == SHIPPED["en"]["accepted.human_requested"]


def test_a_tenants_default_wins_over_our_text_for_a_reason() -> None:
    own = "en:\n  accepted:\n    default: Somebody is coming.\n"
    assert text(accepted(reason="human_requested"), own=own) == "Somebody is coming."


def test_a_tenants_text_for_a_region_is_for_that_region_alone() -> None:
    own = "de-at:\n  accepted:\n    default: Griaß Gott.\n"
    assert text(accepted(), "de-AT", own=own) == "Griaß Gott."
    assert text(accepted(), "de-DE", own=own) != "Griaß Gott."


def test_an_anonymous_customer_is_asked_for_an_address_in_the_same_message() -> None:
    said = say(opened(), "de", ask_for_address=True)
    assert said.notice.text.endswith(SHIPPED["de"]["ask_for_address"])
    assert said.asks_for_address


HOSTILE = st.text(min_size=1, max_size=40).filter(lambda value: value.strip() and not any(c in value for c in "|\x00"))


@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_a_customer_typed_is_in_a_notice(name: str, subject: str, locale: str) -> None:
    customer = Customer(id="u", name=name, email="x@example.com")
    stranger = opened(customer=customer, route=Route(email_subject=subject, conversation_url=subject), locale=locale)
    said, plain = say(stranger, locale), say(opened(), locale)
    assert said.notice.text == plain.notice.text
    assert said.letter == plain.letter


@given(st.text(max_size=200))
def test_a_ticket_id_cannot_break_out_of_its_sentence(ticket_id: str) -> None:
    said = text(opened(ticket=Ticket(id=ticket_id, helpdesk="zendesk")))
    number = said.removeprefix("Your request has the number ").partition(". A person")[0]
    assert len(number) <= 64
    assert not set(number) & set("<>{}[]()\n\r\t \"'`")


def test_kinds_of_the_files_are_the_kinds_of_the_contract() -> None:
    kinds = {make().kind for make in (accepted, opened, attached, delayed, failed)}
    assert kinds == set(KINDS)


def test_a_tenants_file_is_read_once_and_refused_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "words.yaml"
    file.write_text("en:\n  opened:\n    default: 'Number {ticket}.'\n", encoding="utf-8")
    books = Phrasebooks(SHIPPED)
    settings = tenant(templates=str(file))
    assert books.book(settings).own["en"]["opened.default"] == "Number {ticket}."
    file.unlink()
    assert books.book(settings).own["en"]["opened.default"] == "Number {ticket}."
    with pytest.raises(Refused, match=r"^tenants\.acme: .*missing\.yaml: No such file"):
        books.check("acme", tenant(templates=str(tmp_path / "missing.yaml")))


def test_a_tenants_calendar_is_checked_at_the_start() -> None:
    broken = tenant(calendars={"desk": CalendarSettings(timezone="Nowhere/At_All")})
    with pytest.raises(Refused, match=r"^tenants\.acme: calendars\.desk\.timezone"):
        Phrasebooks(SHIPPED).check("acme", broken)
