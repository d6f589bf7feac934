"""What a status means for a write, where helpdesks agree; each adapter's `answers` adds its own. Pure."""

from agents.helpdesks.limits import retry_after_seconds
from agents.helpdesks.port import Answer
from agents.outbound import HttpResponse

_AMBIGUOUS = {408: "timeout", 409: "conflict", 425: "too_early"}


def by_status(response: HttpResponse) -> Answer:
    """The reading of a status that is no success.

    401 and 403 are ours to mend, not the ticket's fault: nothing was done, and the command can wait. A redirect
    was not followed, so nothing was done either. A 5xx may have been: 503 with Retry-After is Zendesk's database
    timeout, and says nothing of whether the write went through before it.
    """
    status, wait = response.status, retry_after_seconds(response)
    if status in {401, 403}:
        return Answer("unavailable", "unauthorized" if status == 401 else "forbidden", retry_after_seconds=wait)
    if status == 429:
        return Answer("rate_limited", "rate_limited", retry_after_seconds=wait)
    if status in _AMBIGUOUS:
        return Answer("ambiguous", _AMBIGUOUS[status], retry_after_seconds=wait)
    if 300 <= status < 400:
        return Answer("unavailable", "redirect")
    if 400 <= status < 500:
        return Answer("refused", f"http_{status}")
    if 200 <= status < 300:
        return Answer("ambiguous", "html_answer" if _is_html(response) else "unusable_answer")
    return Answer("ambiguous", f"http_{status}", retry_after_seconds=wait)


def is_page(response: HttpResponse) -> bool:
    """Whether a page answered instead of the API: a wrong host, a proxy, a suspended account."""
    return _is_html(response)


def _is_html(response: HttpResponse) -> bool:
    return response.body.lstrip()[:1] == b"<"
