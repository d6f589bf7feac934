"""Buttons that ask for a person, by their label: short, made by the company, in the customer's language.

A label is no sentence: the words below count only in a text of a few words, and never with a negation.
What customers type is for the policy's phrases, not for these.
"""

import re

MAX_WORDS = 7


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PEOPLE = _words(
    "human agent agents advisor adviser representative operator teammate specialist person"
    " humano humana agente asesor asesora operador operadora especialista"
    " mensch mitarbeiter mitarbeiterin berater beraterin kundenberater"
    " humain conseiller conseillère opérateur"
    " pessoa atendente operatore umano medewerker"
)
"""Words that name a person on their own."""

_SOMEBODY = _words(
    "people humans someone somebody persona alguien menschen jemandem jemand personne quelqu'un alguém qualcuno"
    " iemand mens conseillers team"
)
"""Words that do so only beside a verb."""

_FILLERS = _words(
    "a an the our your live real please un una el la ein eine einen einem der dem une le echter echten echte"
    " bitte real uma um"
)
_VERBS = _words(
    "talk speak speaking talking chat connect transfer reach call want need get request ask"
    " hablar chatear quiero necesito conectar comunicarme transferir pedir"
    " sprechen reden verbinden chatten anfordern möchte will brauche"
    " parler discuter joindre voudrais veux demander"
    " falar parlare spreken praten quero voglio"
)
_CONTACT = _words("contact contactar contacter kontaktieren contatar contattare")
_DESKS = _words("support kundenservice kundendienst soporte assistance")
_NEGATIONS = _words("no not don't dont without never nicht kein keine keinen ohne sin sans pas não non geen")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def asks_for_a_person(label: str) -> bool:
    """Whether a button with that label asks for a person: it names one, alone or as whom to talk to."""
    words = [word.replace("’", "'") for word in _WORD.findall(label.lower()[:200])]
    if not 0 < len(words) <= MAX_WORDS or not _NEGATIONS.isdisjoint(words):
        return False
    named = not _PEOPLE.isdisjoint(words)
    if named and all(word in _PEOPLE or word in _FILLERS for word in words):
        return True
    # "contact person" is a field of an address book; to contact one, the verb opens or closes the label
    contacts = words[0] in _CONTACT or words[-1] in _CONTACT
    speaks = contacts or not _VERBS.isdisjoint(words)
    if contacts and not _DESKS.isdisjoint(words):
        return True
    talks = not {"talk", "speak", "chat", "hablar", "sprechen", "parler", "falar"}.isdisjoint(words)
    if talks and not _DESKS.isdisjoint(words):
        return True
    return speaks and (named or not _SOMEBODY.isdisjoint(words))
