"""Card numbers, bank accounts and credentials masked in text, and byte for byte in raw records. Pure.

Known limits: a number spread over two messages, spelt in words or shown in an image is not seen.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from agents.text.cards import find_cards
from agents.text.contacts import find_emails, find_phones
from agents.text.credentials import Secret, find_secrets
from agents.text.folding import fold
from agents.text.ibans import find_ibans
from agents.text.view import View

_STAR = "*"
_DIGIT = re.compile(r"[0-9]")
_TELLING = re.compile(r"[0-9!@#$%^&_+=?:]|-----")
_LONG_WORD_CHARS = 15
"""Without one of these signs and without so long a word there is nothing to mask: in most lines, names, ids."""

_CLINGING = frozenset({"Mn", "Me", "Cf"})
_MAX_ROUNDS = 8
"""What is masked can lay bare what stood glued to it; two rounds do, but for texts made to need more."""


def mask(text: str, *, email: bool = False, phone: bool = False) -> tuple[str, dict[str, int]]:
    """`text` without what must not reach a ticket or a log, and how many of each kind were found.

    `card` and `iban` keep their length, their separators and the last four characters; `secret`, `password`,
    and on demand `email` and `phone`, become their kind in brackets; `card_code` becomes stars. Masking what is
    masked changes nothing.
    """
    text, found = _masked_once(text, email=email, phone=phone)
    if not found:
        return text, {}
    counts = Counter(found)
    for _ in range(_MAX_ROUNDS - 1):
        text, found = _masked_once(text, email=email, phone=phone)
        if not found:
            break
        counts.update(found)
    return text, dict(counts)


def _masked_once(text: str, *, email: bool, phone: bool) -> tuple[str, dict[str, int]]:
    folded = fold(text)
    if not _TELLING.search(folded) and max(map(len, folded.split()), default=0) < _LONG_WORD_CHARS:
        return text, {}
    counts: Counter[str] = Counter()
    if secrets := _apart(find_secrets(folded)):
        counts.update(secret.kind for secret in secrets)
        text = _with(text, ((s.start, s.end, _shown(s)) for s in secrets))
        folded = fold(text)
    if places := _numbers(folded, counts):
        text = _starred(text, places)
        folded = fold(text)
    if email and "@" in folded:
        text = _without(text, find_emails(folded), "email", counts)
        folded = fold(text)
    if phone and _DIGIT.search(folded):
        text = _without(text, find_phones(folded), "phone", counts)
    return text, +counts if counts else {}


def _numbers(folded: str, counts: Counter[str], view: View | None = None) -> set[int]:
    """The places of the characters of accounts and cards that go. `view`: the record in which ids may stay."""
    places: set[int] = set()
    if not _DIGIT.search(folded):
        return places
    for iban in find_ibans(folded):
        counts["iban"] += 1
        places.update(iban)
    counted_to = 0
    for card in find_cards(_starred(folded, places)):
        if view and view.is_identifier(card.start, card.end):
            continue
        counts["card"] += card.start >= counted_to
        counted_to = max(counted_to, card.end)
        counts["card_code"] += bool(card.code)
        places.update(card.masked, card.code)
    return places


def mask_bytes(value: bytes) -> tuple[bytes, dict[str, int]]:
    """The record with cards, accounts and credentials as stars, byte for byte: same length, nothing moved.

    For records nobody could parse: the bytes may be any text, JSON with its escapes, or garbage. A number
    that is the whole value of a JSON key ending in `id` or naming a time stays, so that a masked record can
    still be found and sent again.
    """
    view = View.of(value)
    folded = fold(view.text)
    counts: Counter[str] = Counter()
    places: set[int] = set()
    for _ in range(_MAX_ROUNDS):
        found: Counter[str] = Counter()
        secrets = _apart(find_secrets(folded))
        found.update(secret.kind for secret in secrets)
        new = {place for secret in secrets for place in range(secret.start, secret.end)}
        new |= _numbers(_starred(folded, new), found, view)
        if not new:
            break
        folded = _starred(folded, new)
        places |= new
        counts.update(found)
    return view.starred(places), dict(+counts)


def _apart(secrets: Iterable[Secret]) -> list[Secret]:
    """In order, those that overlap as one."""
    apart: list[Secret] = []
    for secret in sorted(secrets):
        if apart and secret.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, secret.end))
        else:
            apart.append(secret)
    return apart


def _shown(secret: Secret) -> str:
    return _STAR * (secret.end - secret.start) if secret.kind == "card_code" else f"[{secret.kind}]"


def _without(text: str, spans: Iterable[tuple[int, int]], kind: str, counts: Counter[str]) -> str:
    apart: list[tuple[int, int, str]] = []
    for start, end in sorted(spans):
        if not apart or start >= apart[-1][1]:
            apart.append((start, end, f"[{kind}]"))
    counts[kind] += len(apart)
    return _with(text, apart)


def _with(text: str, replaced: Iterable[tuple[int, int, str]]) -> str:
    parts, done = [], 0
    for start, end, shown in replaced:
        parts += [text[done:start], shown]
        done = end
        while done < len(text) and unicodedata.category(text[done]) in _CLINGING:
            done += 1  # a mark or a selector that belonged to the last character taken out
    return "".join([*parts, text[done:]])


def _starred(text: str, places: set[int]) -> str:
    if not places:
        return text
    return "".join(_STAR if place in places else character for place, character in enumerate(text))
