"""Whether a click asks for a person, by the payload the bot's author gave the button, or the words on it.

Payloads are codes such as `talk_to_agent`, `TalkToAgent` or `handoff`; the words themselves are judged by
`agents.platforms.buttons`. What a customer types is for the policy's phrases, not for these.
"""

import re
from collections.abc import Iterable

from agents.platforms.buttons import asks_for_a_person

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_WORD = re.compile(r"[\W_]+")
_PREFIXES = frozenset({"cmd", "command", "action", "intent", "event", "btn", "button", "flow", "goto", "payload"})

_CODES = frozenset(
    {
        "handoff",
        "hand off",
        "handover",
        "hand over",
        "takeover",
        "escalate",
        "escalation",
        "live chat",
        "live support",
        "human support",
        "human handoff",
        "human handover",
        "human takeover",
        "agent handoff",
        "agent handover",
        "agent transfer",
        "handoff to human",
        "handover to human",
        "handoff to agent",
        "handover to agent",
        "escalate to human",
        "escalate to agent",
    }
)
_OTHER_SCRIPTS = frozenset(
    {
        "オペレーターと話す",
        "オペレーターにつなぐ",
        "担当者と話す",
        "有人チャット",
        "人工客服",
        "转人工",
        "转人工客服",
        "轉人工",
        "联系人工客服",
        "真人客服",
        "상담원 연결",
        "상담사 연결",
        "تحدث مع موظف",
        "оператор",
        "связаться с оператором",
        "поговорить с оператором",
        "müşteri temsilcisi",
        "temsilciyle görüş",
    }
)


def asks_for_person(*labels: str | None, more: Iterable[str] = ()) -> bool:
    """Whether one of `labels`, a payload or a text, asks for a person; `more` are further exact payloads."""
    known = _CODES | _OTHER_SCRIPTS | {_words(payload) for payload in more}
    said = [_words(label) for label in labels if label and label.strip()]
    return any(words in known or asks_for_a_person(words) for words in said)


def _words(label: str) -> str:
    parts = [part for part in _NO_WORD.split(_CAMEL.sub(" ", label[:400]).casefold()) if part]
    while len(parts) > 1 and parts[0] in _PREFIXES:
        parts.pop(0)
    return " ".join(parts)
