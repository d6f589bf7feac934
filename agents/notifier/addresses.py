"""Which e-mail addresses we write to: well formed, a person's, and not our own. Pure.

The address came from a chat: whoever typed it may want us to mail a robot, a list, ourselves or somebody else's
header. What is refused here is refused for good; a delivery failure is the mail server's business.
"""

import re
import unicodedata
from urllib.parse import urlsplit

MAX_ADDRESS_CHARS = 254
MAX_LOCAL_BYTES = 64
"""RFC 5321 4.5.3.1."""

_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.UNICODE)
"""An unquoted local part: RFC 5321 atoms, and with RFC 6531 letters of any script."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ROBOTS = frozenset(
    {
        "abuse",
        "autoreply",
        "bounce",
        "bounces",
        "daemon",
        "donotreply",
        "hostmaster",
        "listserv",
        "mailer",
        "mailerdaemon",
        "majordomo",
        "noreply",
        "notreply",
        "nobody",
        "null",
        "postmaster",
        "root",
        "undisclosedrecipients",
        "unsubscribe",
    }
)
_ROBOT_STARTS = ("noreply", "donotreply", "mailerdaemon", "bounce")
_HOSTED_HELPDESKS = ("zendesk.com", "freshdesk.com", "freshservice.com", "intercom-mail.com")
_UNREACHABLE = ("invalid", "localhost", "onion")
"""Top-level domains that no mail server serves: RFC 2606, RFC 6761, RFC 7686."""


def refusal(address: str, *, own_address: str, helpdesk_url: str | None = None) -> str | None:
    """Why nothing is mailed to `address`, as a slug, or None where it may be written to."""
    split = split_address(address)
    if split is None:
        return "address_malformed"
    local, domain = split
    if domain.rsplit(".", 1)[-1] in _UNREACHABLE:
        return "address_unreachable"
    if _is_robot(local):
        return "address_of_robot"
    if _is_own(local, domain, own_address, helpdesk_url):
        return "address_of_ours"
    return None


def split_address(address: str) -> tuple[str, str] | None:
    """Local part and domain (in its ASCII form), or None where `address` is not one plain mailbox."""
    if len(address) > MAX_ADDRESS_CHARS or address.count("@") != 1:
        return None
    local, _, domain = unicodedata.normalize("NFC", address).partition("@")
    if _LOCAL.fullmatch(local) is None or len(local.encode()) > MAX_LOCAL_BYTES:
        return None
    ascii_name = ascii_domain(domain)
    return None if ascii_name is None else (local, ascii_name)


def ascii_domain(domain: str) -> str | None:
    """`domain` in lower case with each foreign label as its A-label (RFC 5891, RFC 3492); None: not a domain."""
    labels = []
    for label in unicodedata.normalize("NFC", domain).lower().split("."):
        if not label.isascii():
            if not all(char.isalnum() or char == "-" or unicodedata.category(char).startswith("M") for char in label):
                return None
            label = "xn--" + label.encode("punycode").decode("ascii")  # noqa: PLW2901 # its only other form
        if _LABEL.fullmatch(label) is None:
            return None
        labels.append(label)
    name = ".".join(labels)
    return name if len(labels) > 1 and len(name) <= 253 and not labels[-1].isdigit() else None


def _is_robot(local: str) -> bool:
    bare = re.sub(r"[^a-z0-9]", "", local.lower().partition("+")[0])
    return bare in _ROBOTS or bare.startswith(_ROBOT_STARTS)


def _is_own(local: str, domain: str, own_address: str, helpdesk_url: str | None) -> bool:
    """Our sender with any `+tag`, and mailboxes that a helpdesk turns into tickets."""
    own = split_address(own_address)
    if own is not None and domain == own[1] and local.lower().partition("+")[0] == own[0].lower().partition("+")[0]:
        return True
    helpdesk_host = (urlsplit(helpdesk_url).hostname or "") if helpdesk_url else ""
    return domain == helpdesk_host or domain.endswith(tuple(f".{name}" for name in _HOSTED_HELPDESKS))
