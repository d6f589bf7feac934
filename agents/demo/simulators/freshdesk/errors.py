"""Freshdesk's refusals: `errors` per field on 400 and 409, `code` and `message` else, an empty 404."""

from agents.demo.simulators.calls import Rejected, Reply
from agents.demo.simulators.store import Json


def problem(field: str, message: str, code: str, **more: object) -> Json:
    """One entry of `errors`."""
    return {"field": field, **more, "message": message, "code": code}


def validation(*problems: Json, status: int = 400) -> Rejected:
    """What is wrong with the body, field by field."""
    return Rejected(Reply(status, {"description": "Validation failed", "errors": list(problems)}))


def refusal(status: int, code: str, message: str) -> Rejected:
    """Everything else that has a body."""
    return Rejected(Reply(status, {"code": code, "message": message}))


def not_found() -> Rejected:
    """404, without a body."""
    return Rejected(Reply(404))


def unknown_endpoint(path: str) -> Reply:
    """404 for a path, without a body."""
    del path
    return Reply(404)
