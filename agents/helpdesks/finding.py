"""What `handoff doctor` reports of a helpdesk account."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `remedy` says what to do about it; empty where it is `ok`."""

    level: Literal["ok", "warn", "error"]
    subject: str
    text: str
    remedy: str = ""
