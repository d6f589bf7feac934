"""Reading Freshdesk requests: JSON, or multipart where files come along (`tags[]`, `custom_fields[cf_x]`)."""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any, cast

from agents.demo.simulators.calls import Call
from agents.demo.simulators.freshdesk import errors
from agents.demo.simulators.store import Json

_LARGEST_FILES_BYTES = 20 * 1024 * 1024


def body_object(call: Call) -> Json:
    """The fields of the body."""
    kind = call.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return _multipart(call, kind)
    if not kind.startswith("application/json"):
        raise errors.refusal(
            415, "invalid_content_type", f"Content-Type header is set to {kind}. It should be set to application/json"
        )
    try:
        body = call.json()
    except ValueError:
        raise errors.refusal(400, "invalid_json", "Request body has invalid json format") from None
    if not isinstance(body, dict):
        raise errors.refusal(400, "invalid_json", "Request body has invalid json format")
    return body


def _multipart(call: Call, kind: str) -> Json:
    raw = b"MIME-Version: 1.0\r\nContent-Type: " + kind.encode() + b"\r\n\r\n" + call.body
    fields: Json = {}
    files_bytes = 0
    for part in cast("Message", message_from_bytes(raw, policy=default)).walk():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            continue
        content = cast("bytes", part.get_payload(decode=True) or b"")
        if part.get_filename():
            files_bytes += len(content)
            entry = {"name": part.get_filename(), "content_type": part.get_content_type(), "size": len(content)}
            fields.setdefault("attachments", []).append(entry)
        else:
            _put(fields, name, content.decode())
    if files_bytes > _LARGEST_FILES_BYTES:
        raise errors.validation(errors.problem("attachments", "Total size exceeds 20 MB", "invalid_size"))
    return fields


def _put(fields: Json, name: str, text: str) -> None:
    value: Any = int(text) if re.fullmatch(r"-?\d{1,18}", text) else {"true": True, "false": False}.get(text, text)
    if name.endswith("[]"):
        fields.setdefault(name[:-2], []).append(text)
    elif inner := re.fullmatch(r"(\w+)\[(\w+)\]", name):
        fields.setdefault(inner.group(1), {})[inner.group(2)] = value
    else:
        fields[name] = value
