import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.text.automatic import HeaderValue, certain, suspected
from tests.support.hostile_text import thorough


@pytest.mark.parametrize(
    ("headers", "proof"),
    [
        ({"Auto-Submitted": "auto-replied"}, "auto_submitted"),
        ({"AUTO-SUBMITTED": " Auto-Generated (failure)"}, "auto_submitted"),
        ({"auto-submitted": 'auto-notified; owner-email="me@example.com"'}, "auto_submitted"),
        ({"auto-submitted": ["no", "auto-replied"]}, "auto_submitted"),
        ({"Return-Path": "<>"}, "null_return_path"),
        ({"Return-Path": " < > "}, "null_return_path"),
        ({"Precedence": "bulk"}, "precedence"),
        ({"Precedence": "Junk"}, "precedence"),
        ({"Precedence": "list"}, "precedence"),
        ({"precedence": "auto_reply"}, "precedence"),
        ({"List-Id": "News <news.example.com>"}, "mailing_list"),
        ({"List-Unsubscribe": "<mailto:a@example.com>"}, "mailing_list"),
        ({"X-Autoreply": "yes"}, "autoreply_header"),
        ({"X-Autorespond": "Re: hello"}, "autoreply_header"),
        ({"X-Loop": "desk@example.com"}, "loop_header"),
        ({"X-Failed-Recipients": "a@example.com"}, "delivery_failure"),
        ({"Content-Type": "multipart/report; report-type=delivery-status; boundary=x"}, "delivery_report"),
        ({"From": "MAILER-DAEMON@mx.example.com (Mail Delivery System)"}, "system_sender"),
        ({"From": "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"}, "system_sender"),
        ({"Sender": "postmaster@example.com"}, "system_sender"),
        ({"X-Handoff": "notification-1"}, "our_own"),
        ({"X-Handoff-Notification": "n"}, "our_own"),
    ],
)
def test_headers_that_prove_a_machine_wrote_the_mail(headers: dict[str, HeaderValue], proof: str) -> None:
    assert certain(headers) == proof


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Auto-Submitted": "no"},
        {"Auto-Submitted": "No (a person typed this)"},
        {"Auto-Submitted": ""},
        {"Auto-Submitted": None},
        {"X-Auto-Response-Suppress": "All"},
        {"X-Auto-Response-Suppress": "DR, OOF, AutoReply"},
        {"Return-Path": "<maya@example.com>"},
        {"Return-Path": ""},
        {"Precedence": "first-class"},
        {"X-Autoreply": "no"},
        {"From": "Maya Okafor <maya@example.com>", "Subject": "mailer-daemon writes to me"},
        {"From": "Post Master <post.master@example.com>"},
        {"Content-Type": "text/plain"},
    ],
)
def test_headers_that_prove_nothing(headers: dict[str, HeaderValue]) -> None:
    assert certain(headers) is None


@thorough
@given(st.dictionaries(st.text(), st.one_of(st.none(), st.text(), st.lists(st.text()))))
def test_no_header_whatever_its_shape_breaks_the_check(headers: dict[str, HeaderValue]) -> None:
    assert certain(headers) is None or isinstance(certain(headers), str)


@pytest.mark.parametrize(
    ("subject", "slug"),
    [
        ("Automatic reply: Your ticket SUP-10432", "subject"),
        ("AUTOMATIC REPLY: x", "subject"),
        ("Auto-Reply: Order", "subject"),
        ("Autoreply: Order", "subject"),
        ("Out of Office: Your ticket", "subject"),
        ("Out of Office AutoReply: Your ticket", "subject"),
        ("Out of the office", "subject"),
        ("[Auto-Reply] Your ticket", "subject"),
        ("[EXTERNAL] Automatic reply: Your ticket", "subject"),
        ("OOO: Your ticket", "subject"),
        ("Abwesenheitsnotiz: Ihr Ticket", "subject"),
        ("Automatische Antwort: Ihr Ticket", "subject"),
        ("Réponse automatique : Votre demande", "subject"),
        ("Reponse automatique: x", None),
        ("Respuesta automática: Su caso", "subject"),
        ("Fuera de la oficina: Su caso", "subject"),
        ("Resposta automática: o seu pedido", "subject"),
        ("Risposta automatica: la sua richiesta", "subject"),
        ("Automatisch antwoord: uw vraag", "subject"),
        ("Autosvar: Ditt ärende", "subject"),
        ("Automatisk svar: Sak", "subject"),
        ("Automaattinen vastaus: Tuki", "subject"),
        ("Odpowiedź automatyczna: zgłoszenie", "subject"),
        ("Автоматический ответ: Заявка", "subject"),
        ("自動返信: お問い合わせ", "subject"),
        ("自动回复:您的工单", "subject"),
        ("Undeliverable: Your ticket", "delivery_failure"),
        ("Undelivered Mail Returned to Sender", "delivery_failure"),
        ("Mail delivery failed: returning message to sender", "delivery_failure"),
        ("Delivery Status Notification (Failure)", "delivery_failure"),
        ("Unzustellbar: Ihr Ticket", "delivery_failure"),
        ("Re: Automatic reply: Your ticket", None),
        ("Your automatic reply did not help", None),
        ("Automatic reply did not help", None),
        ("Out of office when the parcel came", None),
        ("Undeliverable parcel", None),
        ("Delivery failed twice", None),
        ("Absence of sound in the left speaker", None),
        ("", None),
        (None, None),
    ],
)
def test_subjects(subject: str | None, slug: str | None) -> None:
    assert suspected(subject, "hello") == (slug or None)


AUTORESPONDERS = [
    "Automatic reply: I am out of the office. For a human contact reception.",
    "I am out of the office until Monday with no access to email.\nFor urgent matters contact desk@customer.example",
    "Hi,\n\nThank you for your email. I'm currently on annual leave and will respond when I return on 12 May.\n\nSam",
    "Thanks for your message! I’m out of office until 3 June with limited access to email.",
    "This is an automated response. Your message was received.",
    "Hello,\nThank you for contacting Customer Ltd. We have received your message and will reply soon.",
    "Vielen Dank für Ihre E-Mail. Ich bin bis zum 12.05. nicht im Büro. In dringenden Fällen: Frau Graf.",
    "Ich bin derzeit im Urlaub und habe keinen Zugriff auf meine E-Mails.",
    "Guten Tag, ich bin außer Haus. Ihre Nachricht wird nicht weitergeleitet.",
    "Dies ist eine automatische Antwort.",
    "Bonjour,\nJe suis absente jusqu'au 12 mai. En cas d'urgence, contactez le standard.",
    "Merci pour votre message. Je suis actuellement en congés, je vous répondrai à mon retour.",
    "Ceci est un message automatique.",
    "Gracias por su mensaje. Estoy de vacaciones hasta el lunes. Para asuntos urgentes escriba a mi colega.",
    "Estaré fuera de la oficina hasta el 5 de mayo con acceso limitado al correo.",
    "Obrigado pela sua mensagem. Estou de férias até 12 de maio.",
    "Estou ausente. Em caso de urgência contacte o meu colega.",
    "Grazie per il suo messaggio. Sono in ferie fino al 20 agosto e risponderò al mio rientro.",
    "Bedankt voor uw bericht. Ik ben momenteel afwezig. Voor dringende zaken kunt u bellen.",
    "Out of office:\nback on Monday",
    "I am out of office until Monday. In my absence call Ann.\n\nOn Mon, Acme Support wrote:\n> Did this help you?",
    "Ich bin bis Montag im Urlaub und nach meiner Rückkehr da.\nAm 3.5. schrieb Acme:\n> Hat das geholfen?",
]


@pytest.mark.parametrize("text", AUTORESPONDERS)
def test_what_autoresponders_write_is_suspected(text: str) -> None:
    assert suspected(None, text) is not None


PEOPLE = [
    "your automatic reply did not help",
    "I was out of office when the parcel came",
    "The automatic reply said to call you. Nobody answers.",
    "Automatic replies are useless, I want a human",
    "This is an automated response, isn't it?",
    "Is this an automated response",
    'Automatic reply: "We have received your message" is all I ever get from you.',
    "This is an automatic reply again. I need a real person.",
    "I am out of the office until Monday, can a human call me on Tuesday?",
    "I'm on vacation from Friday, so I need the parcel before that",
    "Thank you for your message. The order has not arrived.",
    "Thank you for your email, but my refund is still missing and in urgent cases I will call a lawyer",
    "You keep telling me 'thank you for your message, we have received your request' and nothing happens",
    "Ich war im Urlaub, als das Paket kam. Bitte melden Sie sich.",
    "Ich bin im Urlaub und brauche mein Ticket",
    "Vielen Dank für Ihre Nachricht, das Problem besteht weiter.",
    "J'étais absent quand le colis est arrivé",
    "Estaba fuera de la oficina cuando llegó el paquete",
    "Estoy de vacaciones y necesito mi pedido",
    "ooo",
    "absence",
    "Absence: nobody was at home when the driver came",
    "talk to a person",
    "",
]


@pytest.mark.parametrize("text", PEOPLE)
def test_a_customer_who_writes_about_absence_or_automatic_replies_is_not_suspected(text: str) -> None:
    assert suspected(None, text) is None
    assert suspected("Where is my order", text) is None
