"""Zendesk's refusals, in its own shapes."""

from agents.demo.simulators.calls import Rejected, Reply

TOO_MANY = "Number of allowed API requests per minute exceeded\n"


def bad_request(title: str, message: str) -> Rejected:
    """400 with the shape of the request guide."""
    return Rejected(Reply(400, {"error": {"title": title, "message": message}}))


def malformed() -> Rejected:
    """400 for a body that is no JSON; text/plain, as recorded from the real API."""
    return Rejected(Reply(400, "Unparseable JSON\n", content_type="text/plain"))


def unauthenticated() -> Rejected:
    """401 for a wrong or missing basic credential."""
    return Rejected(Reply(401, {"error": "Couldn't authenticate you"}))


def invalid_token() -> Rejected:
    """401 for an access token that is unknown or over."""
    text = "The access token provided is expired, revoked, malformed or invalid for other reasons."
    return Rejected(
        Reply(
            401,
            {"error": "invalid_token", "error_description": text},
            {"WWW-Authenticate": f'Bearer realm="Zendesk", error="invalid_token", error_description="{text}"'},
        )
    )


def forbidden() -> Rejected:
    """403: authenticated, and not allowed (a scope is missing)."""
    message = (
        "You do not have access to this page. Please contact the account owner of this help desk for further help."
    )
    return Rejected(Reply(403, {"error": {"title": "Forbidden", "message": message}}))


def not_found() -> Rejected:
    """404 for a record."""
    return Rejected(Reply(404, {"error": "RecordNotFound", "description": "Not found"}))


def unknown_endpoint(path: str) -> Reply:
    """404 for a path."""
    del path
    return Reply(404, {"error": "InvalidEndpoint", "description": "Not found"})


def invalid(field: str, description: str, error: str = "InvalidValue") -> Rejected:
    """422 about one field."""
    return Rejected(
        Reply(
            422,
            {
                "error": "RecordInvalid",
                "description": "Record validation errors",
                "details": {field: [{"description": description, "error": error}]},
            },
        )
    )


def too_many(retry_after_seconds: int) -> Rejected:
    """429, text/plain, with Retry-After."""
    return Rejected(Reply(429, TOO_MANY, {"Retry-After": str(max(1, retry_after_seconds))}, content_type="text/plain"))
