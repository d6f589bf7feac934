"""Which Faust the seams were made for, asked before anything of it is imported: another one may not even import."""

from importlib.metadata import PackageNotFoundError, version

from streams.errors import Refused

FAUST_VERSION = "0.15.3"


def refuse_other_faust() -> None:
    """Return when the one is installed; `Refused` in one line otherwise."""
    why = other_faust(_installed())
    if why is not None:
        raise Refused(why)


def _installed() -> str | None:
    try:
        return version("faust-streaming")
    except PackageNotFoundError:
        return None


def other_faust(found: str | None) -> str | None:
    """Why escalation must not run on version `found`; None: it may."""
    if found == FAUST_VERSION:
        return None
    return f"escalation needs faust-streaming {FAUST_VERSION} exactly, found {found or 'none'}"
