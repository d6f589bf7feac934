"""What the generated conversations are made of. `{n}` becomes a number; nothing here asks for a person."""

LANGUAGES = ("en", "en", "es", "de", "fr", "pt")

OPENINGS: dict[str, tuple[str, ...]] = {
    "en": (
        "Hi, my parcel {n} has not arrived yet, where is it?",
        "Hello, how do I change the delivery address of order {n}?",
        "Good morning, the invoice {n} shows a wrong VAT number.",
        "Hey there, the app shows error {n} whenever I open the basket.",
    ),
    "es": (
        "Hola, mi pedido {n} todavía no ha llegado, ¿dónde está?",
        "Buenos días, ¿cómo cambio la dirección del pedido {n}?",
        "Hola, en la factura {n} hay un NIF equivocado.",
    ),
    "de": (
        "Hallo, mein Paket {n} ist noch nicht angekommen, wo ist es?",
        "Guten Tag, wie ändere ich die Lieferadresse der Bestellung {n}?",
        "Guten Morgen, auf der Rechnung {n} steht eine falsche Steuernummer.",
    ),
    "fr": (
        "Bonjour, mon colis {n} n'est pas encore arrivé, où est-il ?",
        "Bonjour, comment changer l'adresse de livraison de la commande {n} ?",
        "Bonsoir, la facture {n} porte un mauvais numéro de TVA.",
    ),
    "pt": (
        "Olá, a minha encomenda {n} ainda não chegou, onde está?",
        "Bom dia, como altero a morada da encomenda {n}?",
        "Olá, a fatura {n} tem um NIF errado.",
    ),
}

ASKS: dict[str, tuple[str, ...]] = {
    "en": (
        "The tracking number is {n}.",
        "It was ordered on a Monday, with a blue cover and two spare filters.",
        "Which documents do I need for that?",
        "And how long does the transfer take to a bank outside of the country?",
        "The colour on the page looks different from the one in the box.",
        "I also have a voucher with the code {n}, does it still count?",
        "Could the courier ring at the second door, on the left of the yard?",
        "Let me check the label, it reads {n}.",
    ),
    "es": (
        "El número de seguimiento es {n}.",
        "Lo pedí un lunes, con funda azul y dos filtros de repuesto.",
        "¿Qué documentos hacen falta?",
        "¿Cuánto tarda la transferencia a un banco de fuera?",
        "El color de la página no es el de la caja.",
        "También tengo un vale con el código {n}, ¿sigue en vigor?",
    ),
    "de": (
        "Die Sendungsnummer ist {n}.",
        "Bestellt war es am Montag, mit blauer Hülle und zwei Ersatzfiltern.",
        "Welche Unterlagen braucht es dafür?",
        "Wie lange dauert die Überweisung an eine Bank im Ausland?",
        "Die Farbe auf der Seite ist eine andere als im Karton.",
        "Es gibt auch einen Gutschein mit dem Code {n}, gilt der noch?",
    ),
    "fr": (
        "Le numéro de suivi est {n}.",
        "Commandé un lundi, avec une housse bleue et deux filtres de rechange.",
        "Quels documents faut-il pour cela ?",
        "Combien de temps prend le virement vers une banque étrangère ?",
        "La couleur de la page n'est pas celle du carton.",
        "J'ai aussi un bon avec le code {n}, est-il encore valable ?",
    ),
    "pt": (
        "O número de seguimento é {n}.",
        "Foi pedido numa segunda-feira, com capa azul e dois filtros extra.",
        "Que documentos são precisos?",
        "Quanto demora a transferência para um banco de fora?",
        "A cor da página não é a da caixa.",
        "Tenho também um vale com o código {n}, ainda conta?",
    ),
}

ANSWERS: dict[str, tuple[str, ...]] = {
    "en": (
        "Your order {n} left the warehouse in the morning and is on its way.",
        "You will find the setting under Account, Addresses, Edit.",
        "Transfers take two to three working days; at weekends nothing moves.",
        "The voucher {n} counts until the end of the month and for one purchase.",
        "The invoice is made anew as soon as the number is entered in your profile.",
        "For the return please use the label that came in the box, its number is {n}.",
        "The two shades look alike on most screens, the fabric itself is darker.",
        "The courier is told to ring at the second door.",
    ),
    "es": (
        "El pedido {n} salió del almacén por la mañana y está en camino.",
        "La opción está en Cuenta, Direcciones, Editar.",
        "Una transferencia tarda de dos a tres días laborables.",
        "El vale {n} cuenta hasta fin de mes y para una compra.",
        "La factura se rehace en cuanto el número figura en el perfil.",
        "Para la devolución use la etiqueta de la caja, con el número {n}.",
    ),
    "de": (
        "Die Bestellung {n} hat am Morgen das Lager verlassen und ist unterwegs.",
        "Die Einstellung steht unter Konto, Adressen, Bearbeiten.",
        "Eine Überweisung dauert zwei bis drei Werktage.",
        "Der Gutschein {n} gilt bis Monatsende und für einen Einkauf.",
        "Die Rechnung wird neu erstellt, sobald die Nummer im Profil steht.",
        "Für die Rücksendung liegt ein Etikett im Karton, es trägt die Nummer {n}.",
    ),
    "fr": (
        "La commande {n} a quitté l'entrepôt ce matin et elle est en route.",
        "Le réglage se trouve sous Compte, Adresses, Modifier.",
        "Un virement prend deux à trois jours ouvrables.",
        "Le bon {n} vaut jusqu'à la fin du mois et pour un achat.",
        "La facture est refaite dès que le numéro figure dans le profil.",
        "Pour le retour, l'étiquette est dans le carton, sous le numéro {n}.",
    ),
    "pt": (
        "A encomenda {n} saiu do armazém de manhã e está a caminho.",
        "A opção está em Conta, Moradas, Editar.",
        "Uma transferência demora dois a três dias úteis.",
        "O vale {n} conta até ao fim do mês e para uma compra.",
        "A fatura é refeita assim que o número estiver no perfil.",
        "Para a devolução use a etiqueta da caixa, com o número {n}.",
    ),
}
