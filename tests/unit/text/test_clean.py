import pytest

from agents.text.clean import clean


def test_the_html_of_a_chat_becomes_the_words_a_person_reads() -> None:
    raw = (
        '<p class="no-margin">Hi, I was charged <b>twice</b> for my July invoice.<br>'
        'Order&nbsp;<a href="https://app.acme.example/orders/5521" rel="nofollow">#5521</a> &amp; #5522</p>'
    )
    for declared in (None, "html"):
        cleaned = clean(raw, declared=declared)
        assert cleaned.text == "Hi, I was charged twice for my July invoice.\nOrder #5521 & #5522"
        assert cleaned.original_format == "html"
        assert cleaned.redactions == {"link": 1}


@pytest.mark.parametrize(
    "typed",
    [
        "a < b and c > d",
        "I <3 you",
        "if x<y then",
        "if a<b then c>d",
        "2 * 3 * 4",
        "2 ** 3 ** 4",
        "snake_case_name and __init__",
        "#5521 is my order",
        "# 5521",
        "use the <b> tag",
        "where do I paste the <script> tag?",
        "Contact <john@example.com> or <https://example.com>",
        "AT&T &amp; co",
        "- one thing\n- another",
        "SELECT * FROM a WHERE b < 3 AND c > 4 OR d <> 5",
        "Map<String, List<Integer>> m = new HashMap<>();",
        "  indented\n    more".strip(),
    ],
)
def test_what_is_typed_as_plain_text_stays_as_typed(typed: str) -> None:
    cleaned = clean(typed)
    assert (cleaned.text, cleaned.original_format, cleaned.redactions) == (typed, "plain", {})
