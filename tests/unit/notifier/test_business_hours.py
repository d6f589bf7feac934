from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.notifier.business_hours import Calendar, answered_by, open_from, parse_calendar
from agents.settings import CalendarSettings
from streams.errors import Refused

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-17:00",))


def calendar(
    hours: Mapping[str, tuple[str, ...]], zone: str = "Europe/Berlin", holidays: tuple[str, ...] = ()
) -> Calendar:
    settings = {"timezone": zone, "hours": hours, "holidays": holidays}
    return parse_calendar("desk", CalendarSettings.model_validate(settings))


def local(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("since", "minutes", "by"),
    [
        ("2026-07-15T10:00", 240, "2026-07-15T14:00"),  # a Wednesday, inside the hours
        ("2026-07-15T15:00", 240, "2026-07-16T11:00"),  # two hours today, two tomorrow
        ("2026-07-17T16:00", 240, "2026-07-20T12:00"),  # over the weekend
        ("2026-07-18T12:00", 60, "2026-07-20T10:00"),  # asked on a Saturday
        ("2026-07-15T06:00", 60, "2026-07-15T10:00"),  # before opening
        ("2026-07-15T17:00", 60, "2026-07-16T10:00"),  # at the very end of the day
        ("2026-07-15T09:00", 480, "2026-07-15T17:00"),  # exactly one day's hours
        ("2026-07-15T09:00", 481, "2026-07-16T09:01"),
    ],
)
def test_a_promise_counts_open_minutes_alone(since: str, minutes: int, by: str) -> None:
    assert answered_by(calendar(OFFICE), local(since), minutes) == local(by)


def test_a_holiday_is_shut_all_day() -> None:
    desk = calendar(OFFICE, holidays=("2026-12-25",))
    assert answered_by(desk, local("2026-12-24T16:00"), 120) == local("2026-12-28T10:00")


def test_a_night_runs_into_the_next_day_and_stops_at_a_holiday() -> None:
    nights = dict.fromkeys(OFFICE, ("22:00-06:00",))
    assert answered_by(calendar(nights), local("2026-07-15T23:00"), 240) == local("2026-07-16T03:00")
    before_holiday = calendar(nights, holidays=("2026-07-16",))
    assert answered_by(before_holiday, local("2026-07-15T23:00"), 240) == local("2026-07-18T01:00")


def test_a_night_that_began_yesterday_is_open_now() -> None:
    nights = {"sun": ("22:00-06:00",)}
    assert answered_by(calendar(nights), local("2026-07-20T01:00"), 60) == local("2026-07-20T02:00")


def test_the_night_of_the_spring_change_is_an_hour_short_and_that_of_autumn_an_hour_long() -> None:
    nights = {"sat": ("22:00-06:00",)}
    spring = next(open_from(calendar(nights), local("2026-03-28T12:00")))
    autumn = next(open_from(calendar(nights), local("2026-10-24T12:00")))
    assert spring.end - spring.start == timedelta(hours=7)
    assert autumn.end - autumn.start == timedelta(hours=9)


def test_hours_inside_the_skipped_hour_are_no_hours_that_day() -> None:
    desk = calendar({"sun": ("02:15-02:45",)})
    assert answered_by(desk, local("2026-03-28T12:00"), 10) == local("2026-04-05T02:25")


def test_overlapping_hours_count_once() -> None:
    desk = calendar({"mon": ("09:00-12:00", "10:00-13:00"), "tue": ("09:00-17:00",)})
    assert answered_by(desk, local("2026-07-20T09:00"), 300) == local("2026-07-21T10:00")


def test_round_the_clock_is_written_as_midnight_to_midnight() -> None:
    always = calendar(dict.fromkeys((*OFFICE, "sat", "sun"), ("00:00-24:00",)))
    start = local("2026-07-18T12:00")
    assert answered_by(always, start, 3000) == start + timedelta(minutes=3000)


@pytest.mark.parametrize("hours", [{}, {"mon": ()}])
def test_a_calendar_without_hours_never_answers(hours: dict[str, tuple[str, ...]]) -> None:
    assert answered_by(calendar(hours), local("2026-07-15T10:00"), 1) is None


def test_a_promise_beyond_the_horizon_has_no_moment() -> None:
    assert answered_by(calendar(OFFICE), local("2026-07-15T10:00"), 60 * 24 * 365) is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"timezone": "Mars/Olympus"}, "calendars.desk.timezone: no such time zone: Mars/Olympus"),
        ({"timezone": "Europe"}, "calendars.desk.timezone: no such time zone: Europe"),
        ({"timezone": "../etc/passwd"}, "calendars.desk.timezone: no such time zone: ../etc/passwd"),
        ({"hours": {"mon": ("9-17",)}}, "calendars.desk.hours.mon: expected HH:MM-HH:MM, not '9-17'"),
        ({"hours": {"mon": ("09:00-24:30",)}}, "calendars.desk.hours.mon: no such time: 24:30"),
        ({"holidays": ("25.12.2026",)}, "calendars.desk.holidays: expected YYYY-MM-DD, not '25.12.2026'"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_place(settings: dict[str, object], message: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_calendar("desk", CalendarSettings.model_validate(settings))
    assert str(refused.value) == message


TIMES = st.builds(lambda hour, minute: f"{hour:02d}:{minute:02d}", st.integers(0, 23), st.integers(0, 59))
RANGES = st.lists(st.builds("{}-{}".format, TIMES, TIMES), max_size=3).map(tuple)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
)
HOLIDAYS = st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(date.isoformat), max_size=20).map(tuple)
CALENDARS = st.builds(
    calendar,
    st.dictionaries(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), RANGES, min_size=1),
    ZONES,
    HOLIDAYS,
)
# Around both changes of the clocks, and the change of year.
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(1, 5_000)


@given(CALENDARS, MOMENTS, MINUTES)
def test_the_answer_falls_into_open_hours_after_exactly_the_promised_open_time(
    desk: Calendar, since: datetime, minutes: int
) -> None:
    by = answered_by(desk, since, minutes)
    if by is None:
        return
    passed = timedelta()
    for stretch in open_from(desk, since):
        assert stretch.start >= since
        if stretch.end >= by:
            assert stretch.start < by <= stretch.end
            passed += by - stretch.start
            break
        passed += stretch.end - stretch.start
    assert passed == timedelta(minutes=minutes)


@given(CALENDARS, MOMENTS, MINUTES)
def test_the_desks_own_clock_shows_an_open_hour_when_the_answer_is_due(
    desk: Calendar, since: datetime, minutes: int
) -> None:
    by = answered_by(desk, since, minutes)
    if by is None:
        return
    shown = by.astimezone(desk.zone)
    noon = shown.replace(hour=12, minute=0, second=0)
    if (noon - timedelta(days=1)).utcoffset() != (noon + timedelta(days=1)).utcoffset():
        return  # an hour that occurs twice is open all through, whatever the clock shows
    day = shown.date()
    minute = (shown.replace(tzinfo=None) - datetime.combine(day, time())) / timedelta(minutes=1)
    today = desk.hours[day.weekday()]
    yesterday = desk.hours[(day - timedelta(days=1)).weekday()]
    assert (
        any(start < minute <= end for start, end in today)
        or any(minute + 1440 <= end for _, end in yesterday)
        or (minute == 0 and any(end >= 1440 for _, end in yesterday))
    )


@given(CALENDARS, MOMENTS, MOMENTS, MINUTES, MINUTES)
def test_asking_later_or_promising_more_never_gives_an_earlier_answer(
    desk: Calendar, one: datetime, other: datetime, few: int, many: int
) -> None:
    (early, late), (few, many) = sorted((one, other)), sorted((few, many))
    first, last = answered_by(desk, early, few), answered_by(desk, late, many)
    if first is not None and last is not None:
        assert first <= last


@given(CALENDARS, MOMENTS)
def test_open_stretches_are_in_order_and_apart_and_no_holiday_is_among_them(desk: Calendar, since: datetime) -> None:
    reached = since
    for stretch in open_from(desk, since):
        assert reached <= stretch.start < stretch.end
        reached = stretch.end
        assert stretch.start.astimezone(desk.zone).date() not in desk.holidays
        assert (stretch.end - timedelta(microseconds=1)).astimezone(desk.zone).date() not in desk.holidays
