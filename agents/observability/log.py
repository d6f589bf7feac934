"""Structured logs: JSON off a terminal, one readable line on one. Fields are ids and slugs, never texts."""

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

LIBRDKAFKA_SECONDS = 10.0
_FIELDS = "handoff_fields"
_ENCODER = msgspec.json.Encoder(enc_hook=str)


class Log:
    """A logger whose lines are an event name and fields. `bind` adds fields to all that follows."""

    def __init__(self, name: str, fields: Mapping[str, Any] | None = None) -> None:
        """`name` is the hop or part."""
        self._logger = logging.getLogger(name)
        self._fields = dict(fields or {})

    def bind(self, **fields: Any) -> "Log":
        """The same logger with more fields."""
        return Log(self._logger.name, self._fields | fields)

    def info(self, event: str, **fields: Any) -> None:
        """One line for a person who reads along."""
        self._say(logging.INFO, event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Something a person may have to look at."""
        self._say(logging.WARNING, event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Something a person has to look at."""
        self._say(logging.ERROR, event, fields)

    def failure(self, event: str, error: BaseException, **fields: Any) -> None:
        """The same with the error's type and where it came from; its text may hold anything, and is left out."""
        self._say(logging.ERROR, event, fields, error)

    def _say(self, level: int, event: str, fields: dict[str, Any], error: BaseException | None = None) -> None:
        """As `logging.Logger.log`, without a walk up the stack for the calling line, which no formatter here shows."""
        logger = self._logger
        if not logger.isEnabledFor(level):
            return
        about = None if error is None else (type(error), error, error.__traceback__)
        record = logging.LogRecord(logger.name, level, "", 0, event, (), about)
        setattr(record, _FIELDS, self._fields | fields if self._fields else fields)
        logger.handle(record)


class JsonFormatter(logging.Formatter):
    """One JSON object per line. A traceback keeps its frames and its exception's type, not its text."""

    _second = -1
    _shown = ""
    """That second in ISO 8601: the next line is often of the same."""

    def format(self, record: logging.LogRecord) -> str:
        second = int(record.created // 1)
        if second != self._second:
            self._second, self._shown = second, datetime.fromtimestamp(second, UTC).isoformat()[:-6]
        own = {
            "at": f"{self._shown}.{int((record.created - second) * 1000):03}+00:00",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        fields = getattr(record, _FIELDS, None)
        # In this order, and no field passes itself off as one of our own.
        line: dict[str, Any] = own | fields | own if fields else own
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["frames"] = _frames(record)
        return _encoded(line)


def _encoded(line: dict[str, Any]) -> str:
    """In ASCII whatever a field holds: a log is read by terminals and by what splits lines at any character."""
    try:
        shown = msgspec.json.format(_ENCODER.encode(line), indent=0)
    except (TypeError, ValueError):  # half a surrogate pair, or a key that is no string
        return json.dumps(line, default=str)
    return shown.decode() if shown.isascii() else json.dumps(line, default=str)


class TerminalFormatter(logging.Formatter):
    """The same for eyes."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, _FIELDS, {}).items())
        text = f"{at} {record.levelname.lower():7} {record.name} {record.getMessage()} {fields}".rstrip()
        if record.exc_info and record.exc_info[0] is not None:
            text += f" exception={record.exc_info[0].__name__} at {' < '.join(_frames(record)[-3:])}"
        return text


def _frames(record: logging.LogRecord) -> list[str]:
    frames = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames


class Sparse(logging.Filter):
    """Lets the first of many equal lines through, and then one every `seconds`: librdkafka repeats itself."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        """Lines are equal when they begin with the same two words: librdkafka's kind of event, and which client."""
        super().__init__()
        self._seconds = seconds
        self._now = now
        self._told: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        kind = " ".join(record.getMessage().split(maxsplit=2)[:2])
        last, now = self._told.get(kind), self._now()
        if last is not None and now - last < self._seconds:
            return False
        self._told[kind] = now
        return True


def configure(*, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of the process to `stream` (standard error), as JSON unless a terminal reads it."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(TerminalFormatter() if target.isatty() else JsonFormatter())
    # No formatter of ours shows thread or process: they need not be asked for, for each line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("aiokafka", "faust", "mode", "agents.escalation.faust_seams", "aiohttp.access", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    repeating = logging.getLogger("librdkafka")
    if not any(isinstance(known, Sparse) for known in repeating.filters):
        repeating.addFilter(Sparse(LIBRDKAFKA_SECONDS))
