"""The helpdesks by name. A new one is a folder and a line here."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from agents.helpdesks.freshdesk.adapter import Freshdesk
from agents.helpdesks.freshdesk.options import FreshdeskOptions
from agents.helpdesks.port import Helpdesk
from agents.helpdesks.zendesk.adapter import Zendesk
from agents.helpdesks.zendesk.options import ZendeskOptions
from streams.clock import Clock

NAMES = ("zendesk", "freshdesk")
_OPTIONS: Mapping[str, type[BaseModel]] = {"zendesk": ZendeskOptions, "freshdesk": FreshdeskOptions}


def helpdesks(clock: Clock) -> Mapping[str, Helpdesk]:
    """All adapters, made once per process by the composition root."""
    return {"zendesk": Zendesk(clock), "freshdesk": Freshdesk(clock)}


def wrong_options(name: str, options: Mapping[str, Any]) -> list[str]:
    """What is wrong with `tenants.<id>.helpdesk.options`, one line each; values are left out of it."""
    model = _OPTIONS.get(name)
    if model is None:
        return [f"`{name}` is no helpdesk: one of {', '.join(NAMES)}"]
    try:
        model.model_validate(dict(options))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        return [f"options.{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in faults]
    return []
