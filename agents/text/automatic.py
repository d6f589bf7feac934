"""Whether a machine wrote a message: proof by mail headers, suspicion by wording. Pure."""

import re
from collections.abc import Mapping, Sequence

Headers = Mapping[str, str | Sequence[str]]


def certain(headers: Headers) -> str | None:
    """What proves the mail to be automatic (RFC 3834), or None."""
    values = {
        name.strip().lower(): (v if isinstance(v, str) else " ".join(v)).strip().lower() for name, v in headers.items()
    }
    submitted = values.get("auto-submitted", "no").split(";")[0].strip()
    if submitted and submitted != "no":
        return "auto_submitted"
    if values.get("return-path") == "<>":
        return "null_return_path"
    return None


_PREFIX = re.compile(
    r"(?i)^\s*(?:automatic reply|"
    r"auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|abwesenheitsnotiz|automatische antwort)\s*[:\-]"
)


def suspected(subject: str | None, text: str) -> str | None:
    """What in the wording speaks for an autoresponder, or None."""
    if subject and _PREFIX.match(subject + ":"):
        return "subject"
    return "wording" if _PREFIX.match(text) else None
