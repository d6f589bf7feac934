"""The pure half of `custom-llm`."""

from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from agents.platforms.custom_llm.normalise import normalize
from agents.platforms.custom_llm.options import CustomLlmOptions
from agents.platforms.port import Connection, Delivery, Normalized, StatusCodes
from agents.platforms.signatures import check_standard


class CustomLlmInbound:
    """Signed as Standard Webhooks says; any non-2xx may be retried, with `Retry-After` obeyed."""

    name = "custom-llm"
    codes = StatusCodes(retry_after_seconds=5)
    probes_with_head = False
    options_model = CustomLlmOptions

    def verify(self, delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
        check_standard(delivery, secrets)

    def normalize(self, delivery: Delivery, body: Any, connection: Connection) -> Normalized:
        return normalize(delivery, body, connection)
