"""Text as nobody should send it: fragments of every syntax the cleaning looks for, put together at random."""

from hypothesis import settings
from hypothesis import strategies as st

thorough = settings(max_examples=300, deadline=None)
"""For properties of pure, fast functions: more examples, and no clock to fail by on a busy machine."""

FRAGMENTS = (
    *("<", ">", "</", "<a ", '<a href="', "<a href='javascript:x'>", "</a>", "<p>", "</p>", "<div>", "</div>", "<br>"),
    *("<b>", "</b>", "<b x=1>", "<table>", "<tr>", "<td>", "<ul>", "<li>", "<ol start=9>", "<pre>", "<blockquote>"),
    *("<!--", "-->", "<![CDATA[", "<?xml", "<script>", "</script>", "<style>", "<svg onload=x>", "<math>", "<title>"),
    *("<img src=x onerror=y alt='z'>", "<iframe src=x>", "<textarea>", "<o:p>", "<x-y>", "<john@example.com>", "<sup>"),
    *("&", "&amp;", "&lt;", "&gt;", "&#60;", "&#x3c;", "&nbsp;", "&#0;", "&#8203;", "&#x202e;", "&quot;"),
    *(
        "**",
        "*",
        "_",
        "__",
        "`",
        "```",
        "~~",
        "[",
        "](",
        "![",
        "[a](https://x.y)",
        "# ",
        "- ",
        "1. ",
        "> ",
        "|",
        "|---|",
    ),
    *("\n", "\n\n", "\r\n", "\t", " ", "    ", "\u00a0", "\u3000", "\u2028", "\x00", "\x1b[31m", "\x85", "\ufffe"),
    *("\u200b", "\u200d", "\u200c", "\u202e", "\u2066", "\ufeff", "\u00ad", "\ufe0f", "\U000e0041", "\U000e007f"),
    *("\ud83d", "\U0001f468", "\U0001f3fd", "\U0001f3f4", "\u0301", "e", "\u05d0", "\u0645", "\u0915\u094d"),
    *("4111 1111 1111 1111", "4242", "5500", "0000", "4", "1", "7", "\uff14", "\u2463", "-", ".", "/", ",", "+49"),
    *("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "GB82", "eyJhbGciOi.eyJzdWIiOi.abc", "sk-", "AKIA"),
    *("password: ", "password is ", "hunter2", "Bearer ", "abcdefghijklmnop1234", "https://u:p@h/", "https://", "www."),
    *("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "cvv 123", "a@b.co", "tel 030 1234567", "[secret]"),
    *(
        "[password]",
        "\u2026",
        "word",
        "data:image/png;base64,",
        "\\",
        "\\u0034",
        '"',
        "'",
        "{",
        "}",
        ":",
        "=",
        "display:none",
    ),
)

hostile_text = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=3), st.text("0123456789 -", max_size=20)), max_size=25
).map("".join)
