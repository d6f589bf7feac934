"""Card numbers, bank accounts and credentials masked in text, and byte for byte in raw records. Pure.

Known limits: a number spread over two messages, spelt in words or shown in an image is not seen.
"""

from collections import Counter
from collections.abc import Iterable

from agents.text.cards import find_cards
from agents.text.contacts import find_emails, find_phones
from agents.text.credentials import Secret, find_secrets
from agents.text.folding import fold
from agents.text.ibans import find_ibans
from agents.text.view import View

_STAR = "*"


def mask(text: str, *, email: bool = False, phone: bool = False) -> tuple[str, dict[str, int]]:
    """`text` without what must not reach a ticket or a log, and how many of each kind were found.

    `card` and `iban` keep their length, their separators and the last four characters; `secret`, `password`,
    and on demand `email` and `phone`, become their kind in brackets; `card_code` becomes stars. Masking what is
    masked changes nothing.
    """
    counts: Counter[str] = Counter()
    text = _without_secrets(text, counts)
    folded = fold(text)
    places: set[int] = set()
    for iban in find_ibans(folded):
        counts["iban"] += 1
        places.update(iban)
    folded = _starred(folded, places)
    for card in find_cards(folded):
        counts["card"] += 1
        counts["card_code"] += bool(card.code)
        places.update(card.masked, card.code)
    text = _starred(text, places)
    if email:
        text = _without(text, find_emails(fold(text)), "email", counts)
    if phone:
        text = _without(text, find_phones(fold(text)), "phone", counts)
    return text, dict(+counts)


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
    for secret in find_secrets(folded):
        if not places.issuperset(range(secret.start, secret.end)):
            counts[secret.kind] += 1
        places.update(range(secret.start, secret.end))
    folded = _starred(folded, places)
    for iban in find_ibans(folded):
        counts["iban"] += 1
        places.update(iban)
    for card in find_cards(_starred(folded, places)):
        if not view.is_identifier(card.start, card.end):
            counts["card"] += 1
            counts["card_code"] += bool(card.code)
            places.update(card.masked, card.code)
    return view.starred(places), dict(+counts)


def _without_secrets(text: str, counts: Counter[str]) -> str:
    spans: list[Secret] = []
    for secret in sorted(find_secrets(fold(text))):
        if spans and secret.start < spans[-1].end:
            spans[-1] = spans[-1]._replace(end=max(spans[-1].end, secret.end))
        else:
            spans.append(secret)
    counts.update(secret.kind for secret in spans)
    return _with(text, ((s.start, s.end, _shown(s)) for s in spans))


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
    return "".join([*parts, text[done:]])


def _starred(text: str, places: set[int]) -> str:
    if not places:
        return text
    return "".join(_STAR if place in places else character for place, character in enumerate(text))
