"""What the customer reads, from templates alone: per kind of news, reason and language. Pure.

Nothing that a customer typed reaches a text: the marks are filled with the brand's name, the ticket's id and
the time of the answer, all of them ours. The result is plain text; each platform escapes it for its own form.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.notifier.business_hours import Calendar, answered_by
from agents.notifier.plan import Letter, Words, due_minutes
from agents.notifier.template_file import Sheet
from agents.platforms.port import Notice
from streams.contracts.escalation_commands import ResponsePromise
from streams.contracts.notification_events import AnyNotification, Attached, Opened

FALLBACK_LANGUAGE = "en"
MAX_TICKET_CHARS = 64
_NEAR = timedelta(days=6)
_ROUND_TO = timedelta(minutes=5)
_NOT_IN_A_NUMBER = re.compile(r"[^\w#./-]")


@dataclass(frozen=True)
class Phrasebook:
    """The texts of one tenant: its own before the shipped ones, language by language."""

    shipped: Mapping[str, Sheet]
    own: Mapping[str, Sheet]

    def find(self, languages: tuple[str, ...], *paths: str) -> tuple[str, str]:
        """The first text under one of `paths`, and its language. Own texts stand before shipped ones."""
        for language in languages:
            for book in (self.own, self.shipped):
                sheet = book.get(language, {})
                for path in paths:
                    if path in sheet:
                        return sheet[path], language
        raise KeyError(paths)  # the fallback language is whole: `read_sheet` saw to it


def languages_for(locale: str | None, locales: tuple[str, ...]) -> tuple[str, ...]:
    """The languages to look a text up in: the customer's, then the tenant's first, then English."""
    chain: list[str] = []
    for tag in (locale, locales[0] if locales else None, FALLBACK_LANGUAGE):
        for language in _widening(tag):
            if language not in chain:
                chain.append(language)
    return tuple(chain)


def _widening(tag: str | None) -> Iterator[str]:
    """`de-AT` as `de-at`, then `de`."""
    parts = (tag or "").strip().lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        if parts[0]:
            yield "-".join(parts[:length])


@dataclass(frozen=True)
class Promise:
    """When a person answers: what was promised, the calendar it counts in, and the moment, where there is one."""

    within_minutes: int
    in_business_hours: bool
    calendar: Calendar | None = None
    due_at: datetime | None = None


def promise_of(response: ResponsePromise | None, calendar: Calendar | None, since: datetime) -> Promise | None:
    """The promise counted from `since`. Round the clock (no calendar named) it has a moment but no time zone."""
    if response is None:
        return None
    if response.calendar is None:
        due_at: datetime | None = since + timedelta(minutes=response.within_minutes)
        return Promise(response.within_minutes, in_business_hours=False, due_at=due_at)
    due_at = answered_by(calendar, since, response.within_minutes) if calendar is not None else None
    return Promise(response.within_minutes, in_business_hours=True, calendar=calendar, due_at=due_at)


def words_for(
    notification: AnyNotification,
    book: Phrasebook,
    *,
    languages: tuple[str, ...],
    brand: str,
    promise: Promise | None,
    ask_for_address: bool,
    now: datetime,
) -> Words:
    """The notice, in the first of `languages` that has a text for it, whole in that one language."""
    template, language = book.find(
        languages, f"{notification.kind}.{notification.reason}", f"{notification.kind}.default"
    )
    speak = _Speaker(book, (language, *(other for other in languages if other != language)), {"brand": brand})
    ticket = _number(notification.ticket.id) if isinstance(notification, Opened | Attached) else None
    marks = {"brand": brand}
    if ticket is not None:
        marks |= {"ticket": ticket, "response": speak.response(promise, now)}
    text = template.format_map(marks).strip()
    if ask_for_address:
        text = f"{text} {speak('ask_for_address')}"
    notice = Notice(
        text=text,
        notification_id=notification.notification_id,
        escalation_id=notification.escalation_id,
        ticket_id=ticket,
        waiting_minutes=due_minutes(promise.due_at, now) if promise and ticket is not None else None,
    )
    subject = speak("mail.subject_with_ticket", ticket=ticket) if ticket else speak("mail.subject")
    return Words(notice, Letter(subject, speak("mail.body", text=text), language), asks_for_address=ask_for_address)


def _number(ticket_id: str) -> str:
    """The ticket's id as a customer may be shown it."""
    return _NOT_IN_A_NUMBER.sub("", ticket_id)[:MAX_TICKET_CHARS]


@dataclass(frozen=True)
class _Speaker:
    """One language of a book."""

    book: Phrasebook
    languages: tuple[str, ...]
    always: Mapping[str, str]

    def __call__(self, path: str, **marks: str) -> str:
        return self.book.find(self.languages, path)[0].format_map({**self.always, **marks})

    def response(self, promise: Promise | None, now: datetime) -> str:
        """The sentence about the answer. A moment that has passed is not promised any more."""
        if promise is None or (promise.due_at is not None and promise.due_at <= now):
            return self("response.soon")
        duration = self.duration(promise.within_minutes, in_business_hours=promise.in_business_hours)
        if promise.due_at is None or promise.calendar is None:
            return self("response.within", duration=duration)
        return self("response.by", duration=duration, moment=self.moment(promise.due_at, promise.calendar, now))

    def duration(self, minutes: int, *, in_business_hours: bool) -> str:
        """`minutes` in the largest unit that says it exactly. There are no business days: they differ in length."""
        units = [("business_hours", 60)] if in_business_hours else [("days", 1440), ("hours", 60)]
        smallest = "business_minutes" if in_business_hours else "minutes"
        unit, size = next(((unit, size) for unit, size in units if minutes % size == 0), (smallest, 1))
        n = minutes // size
        return self(f"duration.{unit}.{'one' if n == 1 else 'other'}", n=str(n))

    def moment(self, due_at: datetime, calendar: Calendar, now: datetime) -> str:
        """`due_at` on the desk's clock, rounded up to five minutes: a promise is not made tighter than it is."""
        local = _rounded_up(due_at).astimezone(calendar.zone)
        return self(
            "moment.near" if due_at - now < _NEAR else "moment.far",
            weekday=self(f"weekdays.{local.weekday()}"),
            day=str(local.day),
            month=self(f"months.{local.month - 1}"),
            time=f"{local:%H:%M}",
            hour=str(local.hour),
            minute=f"{local:%M}",
            zone=calendar.zone.key,
        )


def _rounded_up(moment: datetime) -> datetime:
    """The next full five minutes; closing times stand on them, so that the result is never after one."""
    over = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not over else moment - over + _ROUND_TO
