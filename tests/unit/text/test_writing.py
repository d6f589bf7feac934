"""Plain text written as HTML, as markdown, and as numbers to compare."""

from agents.text import html, markdown
from agents.text.fingerprint import fingerprint, overlap, tokens


def test_paragraphs_keep_lines_indentation_and_nothing_else() -> None:
    assert html.paragraphs("a & b\n  c < d\n\n\ne") == "<p>a &amp; b<br>&nbsp;&nbsp;c &lt; d</p><p>e</p>"
    assert html.paragraphs(" \n\u200b\n") == ""
    assert html.quote("a") == "<blockquote><p>a</p></blockquote>"
    assert html.quote("") == ""


def test_what_looks_like_markup_is_shown_as_typed() -> None:
    typed = "<script>alert(1)</script><img src=x onerror=y> &lt; \"q\" 'r'"
    assert html.paragraphs(typed) == (
        "<p>&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=y&gt; &amp;lt; \"q\" 'r'</p>"
    )


def test_web_addresses_are_code_so_that_no_helpdesk_makes_links_of_them() -> None:
    assert html.paragraphs("see https://evil.example/a?b=1&c, or www.evil.example.") == (
        "<p>see <code>https://evil.example/a?b=1&amp;c</code>, or <code>www.evil.example</code>.</p>"
    )
    assert html.paragraphs("javascript://%0aalert(1)") == "<p><code>javascript://%0aalert(1</code>)</p>"
    assert html.paragraphs("see https://desk.example", own_words=True) == "<p>see https://desk.example</p>"
    assert html.paragraphs("a://b and 1:2") == "<p>a://b and 1:2</p>"


def test_checked_drops_what_a_skeleton_should_not_hold() -> None:
    assert (
        html.checked('<p class="x">a<a href="https://x">b</a><img src=x><script>c</script><!-- d --></p>')
        == "<p>ab</p>"
    )
    assert (
        html.checked("<ol><li><strong>a</strong> <em>b</em></li></ol>")
        == "<ol><li><strong>a</strong> <em>b</em></li></ol>"
    )


def test_markdown_is_escaped_where_it_would_mean_something() -> None:
    assert markdown.escape("# no heading") == "\\# no heading"
    assert markdown.escape("![a](https://evil.example/p.gif)") == "!\\[a\\](https\\://evil.example/p.gif)"
    assert (
        markdown.escape("1. a\n- b\n> c\n    code\n---") == "1\\. a\n\\- b\n\\> c\n\u00a0\u00a0\u00a0\u00a0code\n\\---"
    )
    assert markdown.escape("AT&T &amp; www.x.example") == "AT&T \\&amp; www\\.x.example"
    assert markdown.escape("Hi, my order #5521 is late (3 days)!") == "Hi, my order #5521 is late (3 days)!"


def test_a_fingerprint_ignores_case_width_punctuation_and_blanks() -> None:
    assert fingerprint("Where is my ORDER?") == fingerprint("  where is\nmy \uff4frder!! ")
    assert fingerprint("caf\u00e9") == fingerprint("cafe\u0301")
    assert fingerprint("where is my order") != fingerprint("where is my orders")
    assert fingerprint("???") == fingerprint(" ? ? ? ") != fingerprint("!")


def test_fingerprints_never_change() -> None:
    """They stand in state and in the log: another value would make a replay decide otherwise."""
    assert fingerprint("Where is my order?") == 9844953566895859167
    assert tokens("Where is my order?") == (495948614, 1022026391, 3092500109, 4113142680)


def test_token_sets_are_small_sorted_and_compare_by_their_words() -> None:
    question = tokens("Where is my order 5521? I ordered it last week.")
    again = tokens("where is my order 5521, I ordered that last week")
    other = tokens("Please cancel the subscription today")
    assert list(question) == sorted(set(question))
    assert overlap(question, question) == 1.0
    assert overlap(question, again) >= 0.8
    assert overlap(question, other) == 0.0
    assert overlap((), ()) == 0.0
    assert len(tokens("word " * 3 + " ".join(map(str, range(100))))) == 24
    assert len(tokens(" ".join(map(str, range(100))), limit=5)) == 5


def test_texts_without_blanks_between_words_compare_by_pairs_of_characters() -> None:
    first, second = (
        tokens("\u6211\u7684\u8ba2\u5355\u5728\u54ea\u91cc"),
        tokens("\u6211\u7684\u8ba2\u5355\u5230\u54ea\u91cc"),
    )
    assert 0.3 < overlap(first, second) < 1.0
