"""Markers of erased conversations: a keyed hash each, so that the topic says nothing of anybody.

Without the key nobody can tell which conversation a marker is about, or try out those they have heard of. With
another key than the markers were made under nobody can tell either, which is why that is refused, not passed over.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from streams.codec import decode
from streams.contracts.erasures import ERASURE, Erasure
from streams.errors import InvalidRecord, Refused
from streams.kafka.bulk import StoredRecord

MIN_KEY_CHARS = 16


@dataclass(frozen=True)
class MarkerKey:
    """The configured `erasure.key`."""

    _secret: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: str | None) -> "MarkerKey":
        """`Refused` where it is not configured, or short enough to be guessed."""
        if secret is None:
            raise Refused("erasure.key is not configured: it hashes what has to be remembered of an erasure")
        if len(secret) < MIN_KEY_CHARS:
            raise Refused(f"erasure.key is shorter than {MIN_KEY_CHARS} characters")
        return cls(secret.encode())

    @property
    def id(self) -> str:
        """Tells two keys apart."""
        return hmac.new(self._secret, b"key id", hashlib.sha256).hexdigest()[:8]

    def hash_of(self, conversation_key: bytes) -> str:
        """The key of that conversation's marker."""
        return hmac.new(self._secret, b"conversation\x1f" + conversation_key, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Markers:
    """All markers there are."""

    _key: MarkerKey | None = None
    _erased_at: dict[str, datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[StoredRecord], secret: str | None) -> "Markers":
        """What the topic says, records in order. `Refused` where they cannot be told: then nothing may go back."""
        found = _read(records)
        return cls._of(found, MarkerKey.of(secret)) if found else cls()

    @classmethod
    def known(cls, records: Iterable[StoredRecord], key: MarkerKey) -> "Markers":
        """The same, with the key at hand."""
        return cls._of(_read(records), key)

    @classmethod
    def _of(cls, found: Mapping[str, Erasure], key: MarkerKey) -> "Markers":
        if any(each.key_id != key.id for each in found.values()):
            raise Refused("erasure.key is not the one that the markers of erased conversations were made with")
        return cls(key, {name: each.erased_at for name, each in found.items()})

    def forbid(self, conversation_key: bytes, died_at: datetime | None) -> bool:
        """Whether what died of that conversation then must stay. What died later is of a new beginning."""
        if self._key is None:
            return False
        erased_at = self._erased_at.get(self._key.hash_of(conversation_key))
        return erased_at is not None and (died_at is None or died_at <= erased_at)


def _read(records: Iterable[StoredRecord]) -> dict[str, Erasure]:
    found: dict[str, Erasure] = {}
    for record in records:
        name = record.key.decode("utf-8", "replace")
        if record.value is None:
            found.pop(name, None)
            continue
        try:
            found[name] = decode(ERASURE, record.value)
        except InvalidRecord as error:
            raise Refused(f"a marker of an erasure cannot be read: {error.reason}") from None
    return found
