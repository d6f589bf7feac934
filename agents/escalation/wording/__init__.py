"""How people ask for a person, thank and agree, by language. Pure data; `agents.escalation.requests` reads it."""

from agents.escalation.wording import de, en, es, fr
from agents.escalation.wording.shape import Wording

ALL: tuple[Wording, ...] = (en.WORDING, es.WORDING, de.WORDING, fr.WORDING)
"""All languages are read whatever the conversation's locale says: it is often the browser's, not the writer's."""
