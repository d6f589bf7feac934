"""What an empty look-up allows. Pure.

After an answer that leaves open whether it was carried out, nothing is sent again before a look-up came back
complete and empty; and then only

- with the very same key, while the helpdesk surely remembers it: its window less ten minutes, which at Zendesk is
  1 h 50 min after the first attempt, and not while an attempt may still be under way;
- else after two empty look-ups, the first a good while after the last attempt and the second a good while after
  the first: then under a new key, where the helpdesk knows keys.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from streams.contracts.escalation_ledger import Intent

KEY_MARGIN_SECONDS = 600.0
"""Kept between our last use of a key and the moment the helpdesk may forget it."""


@dataclass(frozen=True)
class DoubtRules:
    """`settle_seconds`: between the last attempt and the first look-up that counts; `apart_seconds`: between the two.

    `key_seconds`: how long the helpdesk remembers a key; None: the call has no key.
    `call_seconds`: the longest an attempt takes.
    """

    settle_seconds: float
    apart_seconds: float
    call_seconds: float
    key_seconds: float | None = None


@dataclass(frozen=True)
class SendAgain:
    """The same bytes, under the same key where there is one."""


@dataclass(frozen=True)
class SendAnew:
    """Surely not carried out: a new attempt, under a new key where there is one."""


@dataclass(frozen=True)
class LookAgain:
    """Not before `at`. `remember`: this empty look-up is the first of two, and has to be written down."""

    at: datetime
    remember: bool = False


def after_empty(
    intent: Intent, now: datetime, rules: DoubtRules, *, key_spent: bool = False
) -> SendAgain | SendAnew | LookAgain:
    """What to do after a complete, empty look-up for `intent` that was begun at `now`.

    `key_spent`: the helpdesk said that the key belongs to another body.
    """
    if _key_is_good(intent, now, rules) and not key_spent:
        if now >= intent.deadline_at:
            return SendAgain()
        return LookAgain(intent.deadline_at)
    counts_from = intent.deadline_at + timedelta(seconds=rules.settle_seconds)
    if now < counts_from:
        return LookAgain(counts_from)
    first = intent.empty_look_up_at
    apart = timedelta(seconds=rules.apart_seconds)
    if first is None or first < counts_from:
        return LookAgain(now + apart, remember=True)
    if now < first + apart:
        return LookAgain(first + apart)
    return SendAnew()


def _key_is_good(intent: Intent, now: datetime, rules: DoubtRules) -> bool:
    if rules.key_seconds is None or intent.request.idempotency_key is None:
        return False
    first = intent.first_attempt_at or intent.written_at
    return now + timedelta(seconds=rules.call_seconds) <= first + timedelta(
        seconds=rules.key_seconds - KEY_MARGIN_SECONDS
    )
