"""Payment cards: what is masked, what is not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.mask import mask, mask_bytes
from tests.support.hostile_text import thorough

# Test numbers the schemes and payment providers publish.
CARDS = {
    "visa": "4111111111111111",
    "visa, old": "4222222222222",
    "visa, 19": "4000000000000000006",
    "mastercard": "5555555555554444",
    "mastercard, 2-series": "2223003122003222",
    "american express": "378282246310005",
    "discover": "6011111111111117",
    "diners": "30569309025904",
    "diners, 36": "36227206271667",
    "jcb": "3566002020360505",
    "unionpay": "6200000000000005",
    "unionpay, 19": "6205500000000000004",
    "maestro": "6759649826438453",
    "maestro, 13": "5018000000007",
    "mir": "2200000000000053",
}


def luhn(digits: str) -> bool:
    """Written again on purpose, from ISO/IEC 7812-1 annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value if value < 10 else value - 9
    return total % 10 == 0


@pytest.mark.parametrize("number", CARDS.values(), ids=CARDS)
def test_a_card_of_every_scheme_keeps_its_last_four(number: str) -> None:
    assert luhn(number)
    masked, counts = mask(f"my card is {number}, thanks")
    assert masked == f"my card is {'*' * (len(number) - 4)}{number[-4:]}, thanks"
    assert counts == {"card": 1}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("4111 1111 1111 1111", "**** **** **** 1111"),
        ("4111-1111-1111-1111", "****-****-****-1111"),
        ("4111.1111.1111.1111", "****.****.****.1111"),
        ("4111_1111_1111_1111", "****_****_****_1111"),
        ("4111/1111/1111/1111", "****/****/****/1111"),
        ("4111 - 1111 - 1111 - 1111", "**** - **** - **** - 1111"),
        ("4111\u20131111\u20131111\u20131111", "****\u2013****\u2013****\u20131111"),
        ("4111\u00a01111\u20071111\u202f1111", "****\u00a0****\u2007****\u202f1111"),
        ("4111\n1111\n1111\n1111", "****\n****\n****\n1111"),
        ("4111\t1111\t1111\t1111", "****\t****\t****\t1111"),
        ("4111, 1111, 1111, 1111", "****, ****, ****, 1111"),
        ("4242 4244 4111 1111 1111 1111", "**** **** **** **** **** 1111"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "* * * * * * * * * * * * 1 1 1 1"),
        ("41 11 11 11 11 11 11 11", "** ** ** ** ** ** 11 11"),
        ("41111 11111 111111", "***** ***** **1111"),
        ("3782 822463 10005", "**** ****** *0005"),
        ("3056 930902 5904", "**** ****** 5904"),
        ("\uff14\uff11\uff11\uff11 1111 1111 1111", "**** **** **** 1111"),
        ("\u0664\u0661\u0661\u0661 1111 1111 1111", "**** **** **** 1111"),
        ("\U0001d7d2111 1111 1111 1111", "**** **** **** 1111"),
        ("\u2463\u2460\u2460\u2460 1111 1111 1111", "**** **** **** 1111"),
        ("4111\u200b1111\u200b1111\u200b1111", "****\u200b****\u200b****\u200b1111"),
        ("4111\u00ad1111\u00ad1111\u00ad1111", "****\u00ad****\u00ad****\u00ad1111"),
        ("no4111111111111111x", "no************1111x"),
        ("card:4111111111111111;", "card:************1111;"),
        ("order 5521 4111 1111 1111 1111", "order 5521 **** **** **** 1111"),
        ("4111 1111 1111 1111 5521", "**** **** **** 1111 5521"),
        ("4111 1111 1111 1111 5555 5555 5555 4444", "**** **** **** 1111 **** **** **** 4444"),
        ("4242 4242 4242 4242 4242 4242 4242", "**** **** **** **** **** **** 4242"),
        ("4111 1111 1111 1111 12/26 123", "**** **** **** 1111 12/26 ***"),
        ("4111 1111 1111 1111 exp 12/2026 cvv: 1234", "**** **** **** 1111 exp 12/2026 cvv: ****"),
        ("+4111111111111111", "+************1111"),
    ],
)
def test_a_card_is_found_however_it_is_typed(typed: str, shown: str) -> None:
    assert mask(typed)[0] == shown


@pytest.mark.parametrize(
    "typed",
    [
        "order 5521 and order #5522",
        "order 4111111111111112",  # fails Luhn
        "1234567812345670",  # passes Luhn, no issuer
        "9999999999999995",
        "0000000000000000",
        "356938035643809",  # IMEI: Luhn by design
        "8944110000000000009",  # SIM card
        "1Z 999 AA1 01 2345 6784",
        "94001000000000000000 00",
        "9400 1000 0000 0000 0000 00",
        "00340434161094042557",  # 20 digits
        "+49 151 2345 6783",
        "+4915123456789",
        "+1 (415) 555-0132, +44 20 7946 0958",
        "0049 30 901820",
        "2026-07-11 10:00:00",
        "1783764095000",  # milliseconds
        "1783764095000123",  # microseconds
        "215470000000101",  # a conversation id
        "550e8400-e29b-41d4-a716-446655440000",
        "4012888888882",  # 13 digits that fail Luhn
        "411111111111",  # too short
        "41111111111111111111",  # too long
        "4111 1111 1111",
        "45123456\n45123457",  # an order a line
        "45678901, 45678906",
        "45678901\n45678906\n45678902",
        "4111 1111 then 1111 1111",
        "10.000.000,00 EUR",
        "192.168.100.100 10.20.30.40",
        "6:00-14:00, 3.5 x 4.5 x 6.25",
    ],
)
def test_other_numbers_stay(typed: str) -> None:
    assert mask(typed) == (typed, {})


_SEPARATORS = st.sampled_from(["", " ", "-", ".", "_", "/", " - ", "\t", "\u00a0", "\u2011", "\u200b"])
_PREFIXES = st.sampled_from(["4", "51", "55", "2221", "2720", "34", "37", "6011", "65", "3528", "62", "36", "6759"])
_LENGTHS = {"34": [15], "37": [15], "4": [13, 16, 19], "36": [14, 16, 19], "6759": [13, 15, 16, 18, 19]}


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    prefix = draw(_PREFIXES)
    length = draw(st.sampled_from(_LENGTHS.get(prefix, [16] if prefix[0] in "52" else [16, 19])))
    body = prefix + draw(st.text("0123456789", min_size=length - 1 - len(prefix), max_size=length - 1 - len(prefix)))
    return next(body + check for check in "0123456789" if luhn(body + check))


@st.composite
def typed_cards(draw: st.DrawFn) -> tuple[str, str]:
    number = draw(card_numbers())
    style = draw(st.sampled_from(["ascii", "fullwidth", "arabic"]))
    shift = {"ascii": 0, "fullwidth": 0xFF10 - 0x30, "arabic": 0x0660 - 0x30}[style]
    shown = number.translate({code: code + shift for code in range(0x30, 0x3A)})
    return number, "".join(digit + draw(_SEPARATORS) for digit in shown[:-1]) + shown[-1]


_WORDS = st.text("abc !?()<>&#'\"\u00e9\u4e2d", max_size=12)


@thorough
@given(typed_cards(), _WORDS, _WORDS)
def test_no_issued_number_survives_whatever_stands_between_its_digits(
    typed: tuple[str, str], before: str, after: str
) -> None:
    number, shown = typed
    masked, counts = mask(before + shown + after)
    assert counts == {"card": 1}
    assert len(masked) == len(before + shown + after)
    left = "".join(str(int(c)) for c in masked if c.isdecimal())
    assert left == number[-4:]


@thorough
@given(typed_cards(), st.text("0123456789 ", max_size=12), st.text("0123456789 ", max_size=12))
def test_no_issued_number_survives_between_other_numbers(typed: tuple[str, str], before: str, after: str) -> None:
    number, shown = typed
    masked, counts = mask(f"{before} {shown} {after}")
    assert counts["card"] >= 1
    where = masked[len(before) + 1 :][: len(shown)]
    assert sum(character.isdecimal() for character in where) <= 4
    assert "".join(str(int(c)) for c in where if c.isdecimal()) in number[-4:]


_RECORDS = st.sampled_from(
    ['{{"text":"{}"}}', "{}", '{{"text": "{}', "\x00{}", "<p>{}</p>", '{{"id":4,"text":"\\n{}\\n"}}']
)


@thorough
@given(typed_cards(), _RECORDS, st.sampled_from(["utf-8", "json", "utf-16-le", "utf-16-be"]))
def test_no_issued_number_survives_in_a_raw_record(typed: tuple[str, str], record: str, encoding: str) -> None:
    number, shown = typed
    text = record.format(shown)
    if encoding == "json":
        raw, readable = re.sub("[^\x00-\x7f]", lambda found: f"\\u{ord(found[0]):04x}", text).encode(), "unicode_escape"
    else:
        readable = encoding if text.isascii() else "utf-8"
        raw = text.encode(readable)
    masked, counts = mask_bytes(raw)
    assert counts == {"card": 1}
    assert len(masked) == len(raw)
    left = "".join(str(int(c)) for c in masked.decode(readable) if c.isdecimal())
    assert left == ("4" if '"id":4' in text else "") + number[-4:]
