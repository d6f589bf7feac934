"""What a message says to the other side: its text and its files, nothing of how the model came to it.

Forms: OpenAI Chat Completions (`openai/types/chat`), OpenAI Responses (`openai/types/responses`), Anthropic
Messages (`anthropic/types`), plain text. A block of an unknown type is passed over: it may be reasoning.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from agents.platforms import reading
from streams.contracts.people import Attachment

_TEXT_BLOCKS = frozenset({"text", "input_text", "output_text"})
_THOUGHT_OPENS = re.compile(r"<(think|thinking|reasoning|scratchpad)>", re.IGNORECASE)
_THOUGHT_CLOSES = re.compile(r"</(?:think|thinking|reasoning|scratchpad)>", re.IGNORECASE)


_BESIDE_TEXT = frozenset({"tool_calls", "function_call", "attachments"})
"""Where a message holds more than its words, if these are a plain string."""


class Content(NamedTuple):
    """The visible half of a message. `tools`: names of the tools it called. `unfetchable`: inline files."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    tools: tuple[str, ...] = ()
    unfetchable: int = 0

    @property
    def empty(self) -> bool:
        """Nothing a reader would see."""
        return not self.text.strip() and not self.attachments and not self.unfetchable


def content_of(message: Mapping[str, Any]) -> Content:
    """The content of `message`, whichever of the forms it has."""
    value = _first(message, "content", "text", "body", "message")
    if isinstance(value, str) and _BESIDE_TEXT.isdisjoint(message) and (text := reading.text(value)):
        return Content(text)
    blocks = value if isinstance(value, list) else [value]
    texts: list[str] = []
    attachments: list[Attachment] = []
    tools = [*_called(message)]
    unfetchable = 0
    for block in blocks:
        text = _text(block)
        if text:
            texts.append(text)
        elif isinstance(block, dict) and _is_file(block):
            attachment = _attachment(block)
            attachments.extend([attachment] if attachment else [])
            unfetchable += attachment is None
        elif isinstance(block, dict) and (tool := _tool(block)):
            tools.append(tool)
    # Anthropic cuts one sentence into blocks wherever a citation begins; other blocks are paragraphs.
    glue = "" if any(reading.objects(block, "citations") for block in blocks) else "\n"
    for fallback in ("refusal", "audio"):
        if not texts and (text := _text(message.get(fallback))):
            texts.append(text)
    beside = (given_attachment(item) for item in reading.objects(message, "attachments"))
    attachments.extend(attachment for attachment in beside if attachment)
    return Content(glue.join(texts), tuple(attachments), tuple(tools), unfetchable)


def without_thoughts(text: str) -> str:
    """`text` without `<think>…</think>` and the like, which open models write into their answers.

    A block never closed runs to the end; a closing tag without an opening one ends thoughts that began the text.
    """
    kept: list[str] = []
    rest = text
    while opened := _THOUGHT_OPENS.search(rest):
        kept.append(rest[: opened.start()])
        closed = _THOUGHT_CLOSES.search(rest, opened.end())
        rest = rest[closed.end() :] if closed else ""
    kept.append(rest)
    whole = "".join(kept)
    closings = list(_THOUGHT_CLOSES.finditer(whole))
    return (whole[closings[-1].end() :] if closings else whole).strip() if len(whole) != len(text) or closings else text


def given_attachment(value: Mapping[str, Any]) -> Attachment | None:
    """An attachment in our own words: `url`, and `name`, `media_type`, `size_bytes` under their common names."""
    address = reading.url(value, "url")
    if address is None:
        return None
    size = reading.integer(value, "size_bytes") or reading.integer(value, "size")
    return Attachment(
        url=address,
        name=_any_name(value, "name", "filename", "file_name", "title"),
        media_type=_any_name(value, "media_type", "content_type", "mime_type"),
        size_bytes=size if size is not None and size >= 0 else None,
        private=reading.flag(value, "private") or False,
    )


def _first(message: Mapping[str, Any], *keys: str) -> Any:
    for key in keys:
        if (found := message.get(key)) is not None:
            return found
    return None


def _text(block: Any) -> str | None:
    if isinstance(block, str):
        return reading.text(block)
    kind = reading.name(block, "type")
    if kind == "refusal":
        return reading.text(block, "refusal")
    if kind in _TEXT_BLOCKS or (kind is None and reading.text(block, "text")):
        return reading.text(block, "text") or reading.text(block, "text", "value")
    return reading.text(block, "transcript")


def _is_file(block: Mapping[str, Any]) -> bool:
    kind = str(block.get("type"))
    return kind in {"image_url", "input_image", "image", "input_audio", "file", "input_file", "document"}


def _attachment(block: Mapping[str, Any]) -> Attachment | None:
    """The file of a block where it stands under an address; inline data and provider file ids have none."""
    image = block.get("image_url")
    address = (
        reading.url(image)
        or reading.url(image, "url")
        or reading.url(block, "source", "url")
        or reading.url(block, "file_url")
        or reading.url(block, "file", "file_url")
        or reading.url(block, "url")
    )
    if address is None:
        return None
    is_image = str(block.get("type")) in {"image_url", "input_image", "image"}
    return Attachment(
        url=address,
        name=_any_name(block, "filename", "title", "name") or reading.name(block, "file", "filename"),
        media_type=reading.name(block, "source", "media_type") or ("image/*" if is_image else None),
    )


def _tool(block: Mapping[str, Any]) -> str | None:
    kind = str(block.get("type"))
    return reading.name(block, "name") if kind.endswith(("tool_use", "_call")) else None


def _called(message: Mapping[str, Any]) -> list[str]:
    named = [reading.name(call, "function", "name") for call in reading.objects(message, "tool_calls")]
    return [name for name in (*named, reading.name(message, "function_call", "name")) if name]


def _any_name(value: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        if found := reading.name(value, key):
            return found
    return None
