"""Who speaks in a message, in the words of the common frameworks."""

from collections.abc import Mapping
from typing import Any

from agents.platforms import reading
from streams.contracts.people import Author

_CUSTOMER = frozenset({"customer", "user", "end_user", "enduser", "visitor", "lead", "contact", "client", "guest"})
_AI = frozenset({"ai", "assistant", "bot", "chatbot", "model", "ai_agent", "virtual_agent", "fin"})
_HUMAN = frozenset({"human_agent", "agent", "operator", "admin", "teammate", "representative", "staff", "support"})
_AUTHORS: dict[str, Author] = {
    **dict.fromkeys(_CUSTOMER, "customer"),
    **dict.fromkeys(_AI, "ai"),
    **dict.fromkeys(_HUMAN, "human"),
}
NAMED = frozenset(_AUTHORS) | {"human"}


def author_of(message: Mapping[str, Any]) -> Author | None:
    """The author of `message`, or None: instructions, tool results and whatever else never leaves.

    `human` is the end user in `role` and `type` (LangChain's word for them) and a person of the company in
    `author`, as on our own topics.
    """
    for key in ("role", "type"):
        word = _word(message.get(key))
        if word == "human":
            return "customer"
        if word is not None and (key == "role" or word in _AUTHORS):
            return _AUTHORS.get(word)
    for key in ("author", "sender", "from", "speaker"):
        author = message.get(key)
        word = _word(author) or _word(reading.at(author, "role")) or _word(reading.at(author, "type"))
        if word is not None:
            return who(word)
    return None


def who(word: Any) -> Author | None:
    """The author a word of our own vocabulary, or a common one, names."""
    known = _word(word)
    if known is None:
        return None
    return "human" if known == "human" else _AUTHORS.get(known)


def _word(value: Any) -> str | None:
    return value.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(value, str) else None
