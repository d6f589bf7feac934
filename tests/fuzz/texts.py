"""What customers write, in whatever form it comes."""

from typing import Literal

from agents.text import automatic, html, markdown
from agents.text.clean import clean
from tests.fuzz.mutation import text_bytes
from tests.fuzz.target import Broke, Target

_MAX_CHARS = 32_000


def _clean(declared: Literal["plain", "markdown", "html"] | None) -> Target:
    def play(data: bytes) -> str:
        cleaned = clean(_text(data), declared=declared)
        cleaned.text.encode()
        if len(cleaned.text) > _MAX_CHARS:
            raise Broke("longer than the cap")
        kinds = list(cleaned.redactions) or ["nothing"]
        return f"{cleaned.original_format} {kinds[0] if len(kinds) == 1 else 'several'}"

    return Target(f"clean-{declared or 'undeclared'}", text_bytes(), play, ())


def _text(data: bytes) -> str:
    """With the lone surrogates that JSON can spell."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _shown(data: bytes) -> str:
    """As the tickets and the mails show it."""
    text = data.decode("utf-8", "replace")
    markup = html.paragraphs(text)
    for sign in ("<a", "<img", "<script", "javascript:<", "style="):
        if sign in markup.lower():
            raise Broke("markup that is not ours")
    markdown.escape(text).encode("utf-8", "surrogatepass")
    return "empty" if not markup else "shown"


def _automatic(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    lines = [line.partition(":") for line in text.split("\n")]
    return f"{automatic.certain({name: value for name, _, value in lines})} {automatic.suspected(text[:200], text)}"


_MAILS = [
    b"Auto-Submitted: auto-replied\nSubject: Out of office\n\nI am away until Monday.",
    b"Precedence: bulk\nX-Auto-Response-Suppress: All\nFrom: MAILER-DAEMON@example.org\n",
    b"Subject: Automatische Antwort: Abwesenheit\nIch bin bis 5.8. nicht erreichbar.",
]

TARGETS = (
    _clean(None),
    _clean("plain"),
    _clean("markdown"),
    _clean("html"),
    Target("shown", text_bytes(), _shown, ()),
    Target("automatic", text_bytes(_MAILS), _automatic, ()),
)
