"""The stream on the broker, once per run of the bench, whichever sections ask for it."""

import asyncio
from itertools import islice

from tests.bench.contest import EVENTS, SHORT, Sizes
from tests.bench.feed import Topics, feed
from tests.bench.figures import Setting
from tests.bench.stream import stream

FULL = Sizes(events=1_000_000, short_events=60_000)
QUICK = Sizes(events=100_000, short_events=8_000)


async def fed(setting: Setting, *, quick: bool, whole: bool = True) -> Sizes:
    """Put the stream on the topics that do not exist yet. `whole`: not only the short one."""
    sizes = QUICK if quick else FULL
    await asyncio.to_thread(put, setting, sizes, whole=whole)
    return sizes


def put(setting: Setting, sizes: Sizes, *, whole: bool) -> None:
    """The same, in sizes of one's own."""
    topics = Topics(setting.connection)
    wanted = {SHORT: sizes.short_events} | ({EVENTS: sizes.events} if whole else {})
    for topic, events in wanted.items():
        if topics.exists(topic):
            continue
        setting.say(f"feeding {events:,} events")
        topics.make(topic)
        feed(setting.connection, (topic,), islice(stream(events), events))
