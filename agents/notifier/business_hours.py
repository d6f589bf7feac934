"""When a person answers: minutes of promise counted inside business hours, in the desk's own time zone. Pure.

Hours belong to the day on which they start; a range such as `22:00-06:00` ends on the next. On a holiday the
desk is shut from midnight to midnight, and a night that would start on it does not. Time is counted as it
passes: on the day the clocks change, a night that spans the change is an hour shorter or longer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.settings import CalendarSettings
from streams.errors import Refused

HORIZON_DAYS = 400
"""How far ahead open hours are looked for; a promise that they do not keep by then has no moment."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Calendar:
    """Business hours. `hours`: per weekday (Monday first) ranges of minutes since midnight; an end may be > 1440."""

    zone: ZoneInfo
    hours: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[date]


@dataclass(frozen=True)
class Open:
    """A stretch of open time, both ends in UTC."""

    start: datetime
    end: datetime


def parse_calendar(name: str, settings: CalendarSettings) -> Calendar:
    """The calendar `name`, or `Refused` with the entry that cannot be read."""
    hours = []
    for day in _DAYS:
        ranges = settings.hours.get(day, ())  # type: ignore[call-overload] # the literal names of the days
        hours.append(tuple(_range(f"calendars.{name}.hours.{day}", text) for text in ranges))
    try:
        zone = ZoneInfo(settings.timezone)
    except (KeyError, OSError, ValueError):  # unknown; a folder of the database, as `Europe`; no name at all
        raise Refused(f"calendars.{name}.timezone: no such time zone: {settings.timezone}") from None
    return Calendar(zone, tuple(hours), frozenset(_holiday(name, text) for text in settings.holidays))


def answered_by(calendar: Calendar, since: datetime, within_minutes: int) -> datetime | None:
    """The moment (UTC) at which `within_minutes` of open time have passed since `since`; None: not within the
    horizon.
    """
    left = timedelta(minutes=within_minutes)
    for stretch in open_from(calendar, since):
        length = stretch.end - stretch.start
        if length >= left:
            return stretch.start + left
        left -= length
    return None


def open_from(calendar: Calendar, since: datetime) -> Iterator[Open]:
    """The open stretches that end after `since`, in order, none overlapping another; the first begins no earlier."""
    moment = since.astimezone(UTC)
    today = moment.astimezone(calendar.zone).date()
    reached = moment
    for ahead in range(-1, HORIZON_DAYS):  # yesterday's night may reach into today
        for stretch in _of_day(calendar, today + timedelta(days=ahead)):
            start = max(stretch.start, reached)
            if start < stretch.end:
                yield Open(start, stretch.end)
                reached = stretch.end


def _of_day(calendar: Calendar, day: date) -> list[Open]:
    """The stretches that start on `day`, in order."""
    if day in calendar.holidays:
        return []
    stretches = []
    for start, end in sorted(calendar.hours[day.weekday()]):
        cut = min(end, _MINUTES_A_DAY) if day + timedelta(days=1) in calendar.holidays else end
        opened = Open(_moment(calendar, day, start), _moment(calendar, day, cut))
        if opened.start < opened.end:  # a range inside the hour that spring skips is empty
            stretches.append(opened)
    return stretches


def _moment(calendar: Calendar, day: date, minutes: int) -> datetime:
    """That wall-clock time as UTC: the first moment at which the desk's clock shows it, or is past it.

    A time that occurs twice is its first occurrence, so that we never close late; one that is skipped is the
    moment the clock jumps over it.
    """
    days, rest = divmod(minutes, _MINUTES_A_DAY)
    local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=calendar.zone)
    before, after = local.replace(fold=1).astimezone(UTC), local.astimezone(UTC)
    if after.astimezone(calendar.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return after
    while after - before > timedelta(seconds=1):  # skipped: `before` shows an earlier time, `after` a later one
        middle = before + (after - before) / 2
        if middle.astimezone(calendar.zone).replace(tzinfo=None) < local.replace(tzinfo=None):
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _range(where: str, text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise Refused(f"{where}: expected HH:MM-HH:MM, not {text!r}")
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if end > _MINUTES_A_DAY:
        raise Refused(f"{where}: no such time: {match[3]}:{match[4]}")
    if end <= start:
        end += _MINUTES_A_DAY
    return start, end


def _holiday(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"calendars.{name}.holidays: expected YYYY-MM-DD, not {text!r}") from None
