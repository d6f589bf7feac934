import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.notifier.phrasebooks import load_shipped
from agents.notifier.template_file import read_overrides, read_sheet
from streams.errors import Refused

SHIPPED = frozenset(load_shipped())


def refusal(text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        read_overrides(text, "own.yaml", shipped=SHIPPED)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "en:\n  opened:\n    default: 'Number {tickt}.'\n",
            (
                "own.yaml:3: `en.opened.default` uses {tickt}, which there is none of here; "
                "allowed: {brand}, {response}, {ticket}"
            ),
        ),
        (
            "en:\n  opened:\n    default: 'Your number comes.'\n",
            "own.yaml:3: `en.opened.default` has no {ticket}: it is what this text is for",
        ),
        (
            "en:\n  accepted:\n    default: 'Hi {brand'\n",
            (
                "own.yaml:3: `en.accepted.default` has a brace without its partner; a brace in the text itself is "
                "written twice"
            ),
        ),
        (
            "en:\n  accepted:\n    default: '{brand.__class__}'\n",
            "own.yaml:3: `en.accepted.default` uses {brand.__class__}, which there is none of here; allowed: {brand}",
        ),
        (
            "en:\n  accepted:\n    default: '{brand!r:>99999}'\n",
            "own.yaml:3: `en.accepted.default` may not format {brand}: write it bare",
        ),
        ("en:\n  accepted:\n    default: '{}'\n", "own.yaml:3: `en.accepted.default` uses {}, which there is none"),
        (
            "en:\n  accepted:\n    default: {brand}\n",
            "own.yaml:3: `en.accepted.default` is one text; put it in quotes, braces have a meaning in YAML",
        ),
        ("en:\n  accepted:\n    default: ''\n", "own.yaml:3: `en.accepted.default` is empty"),
        (
            'en:\n  accepted:\n    default: "a\\tb"\n',
            "own.yaml:3: `en.accepted.default` holds a control character",
        ),
        ("en:\n  accepted:\n    Default: Hi\n", "own.yaml:3: `en.accepted.Default`: a reason is lower case"),
        ("en:\n  openend:\n    default: Hi\n", "own.yaml:2: `en.openend` is not one of: accepted, ask_for_address"),
        ("en:\n  mail:\n    subjekt: Hi\n", "own.yaml:3: `en.mail.subjekt` is not known"),
        ("en:\n  weekdays: [Mo, Di]\n", "own.yaml:2: `en.weekdays` is a list of 7 names"),
        ("en:\n  accepted: Hi\n", "own.yaml:2: en.accepted: names and texts are expected here"),
        ("opened:\n  default: Hi\n", "own.yaml:1: `opened` is no language"),
        ("- en\n", "own.yaml:1: the file: names and texts are expected here"),
        ("en:\n  accepted: {default: Hi\n", "own.yaml:3: not YAML: expected ',' or '}', but got '<stream end>'"),
        (
            "en:\n  accepted:\n    default: Hi\n    default: Ho\n",
            "own.yaml:4: `en.accepted.default` is given twice",
        ),
        ("? {}\n: Hi\n", "own.yaml:1: the file: a name is a word, not a list or a mapping"),
        ("en:\n  ? [a]\n  : Hi\n", "own.yaml:2: en: a name is a word, not a list or a mapping"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_would_be_right(text: str, problem: str) -> None:
    assert any(line.startswith(problem) for line in refusal(text)), refusal(text)


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_lines() -> None:
    lines = refusal("en:\n  accepted:\n    default: '{a}'\n  opened:\n    default: '{b}'\n")
    assert [line.split(":")[1] for line in lines] == ["3", "5"]


def test_a_language_of_ones_own_has_to_be_whole() -> None:
    lines = refusal("it:\n  accepted:\n    default: Arrivo.\n")
    assert lines[0].startswith("own.yaml:1: missing: it.ask_for_address, ")


def test_a_region_of_a_shipped_language_may_be_partial() -> None:
    sheets = read_overrides("en-gb:\n  failed:\n    default: Sorry.\n", "own.yaml", shipped=SHIPPED)
    assert sheets == {"en-gb": {"failed.default": "Sorry."}}


def test_an_empty_file_overrides_nothing() -> None:
    assert read_overrides("", "own.yaml", shipped=SHIPPED) == {}


def test_a_doubled_brace_stands_for_itself() -> None:
    sheets = read_overrides("en:\n  failed:\n    default: 'a {{b}}'\n", "own.yaml", shipped=SHIPPED)
    assert sheets["en"]["failed.default"].format_map({}) == "a {b}"


def test_a_shipped_file_has_to_be_whole() -> None:
    with pytest.raises(Refused, match=r"^xx\.yaml:1: missing: accepted\.default"):
        read_sheet("opened:\n  default: '{ticket}'\n", "xx.yaml")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_overrides(text, "own.yaml", shipped=SHIPPED)
    except Refused as refused:
        assert str(refused).startswith("own.yaml:")


@given(st.text(max_size=60))
def test_a_text_that_was_read_can_be_filled(text: str) -> None:
    quoted = text.replace("'", "''").replace("\n", " ")
    try:
        sheets = read_overrides(f"en:\n  accepted:\n    default: '{quoted}'\n", "own.yaml", shipped=SHIPPED)
    except Refused:
        return
    assert isinstance(sheets["en"]["accepted.default"].format_map({"brand": "Acme"}), str)
