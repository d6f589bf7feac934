"""The corpus: inputs that broke something once, and one input for every different outcome met so far."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
MAX_KEPT_BYTES = 8_192


def kept(target: str) -> Iterator[tuple[Path, bytes]]:
    """The inputs kept for `target`, in the order of their names."""
    for path in sorted((CORPUS / target).glob("*")):
        yield path, path.read_bytes()


def keep(target: str, data: bytes, *, broke: bool) -> Path | None:
    """Put `data` into the corpus; None where it is too large to be kept for its outcome alone."""
    if len(data) > MAX_KEPT_BYTES and not broke:
        return None
    name = f"{'broke' if broke else 'seen'}-{hashlib.sha256(data).hexdigest()[:12]}"
    path = CORPUS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
