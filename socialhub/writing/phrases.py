"""The words the deterministic writer knows, in Spanish and English.

Lead-ins say what is true of every repetition: that it is one. Equivalents say the same wherever
they stand; each is used only as whole words with its own capital letter.
"""

from __future__ import annotations

LEAD_INS = {
    "es": (
        "Te lo recordamos:",
        "Por si te lo perdiste:",
        "Lo compartimos otra vez:",
        "Volvemos a compartirlo:",
        "Por si no lo viste la primera vez:",
        "Ya te lo contamos; lo recordamos una vez más:",
        "Lo publicamos hace un tiempo y lo volvemos a compartir:",
        "Para quien todavía no lo haya visto, lo contamos otra vez:",
        "Si nos sigues desde hace poco, quizá no conozcas esto todavía:",
        "Hay mucha gente nueva por aquí, así que lo compartimos de nuevo:",
        "Lo contamos hace un tiempo. Si entonces no pudiste leerlo, aquí lo tienes otra vez:",
        "Recuperamos una de nuestras publicaciones para quienes entonces no llegaron a verla:",
    ),
    "en": (
        "A reminder:",
        "In case you missed it:",
        "Worth sharing again:",
        "We are sharing this again:",
        "In case you did not see it the first time:",
        "We told you before, and here it is once more:",
        "We posted this a while ago and are sharing it again:",
        "For everybody who has not seen it yet, here it is again:",
        "If you joined us only recently, you may not know this yet:",
        "There are new people around here, so we are sharing this once more:",
        "We posted this some time ago. If you could not read it then, here it is again:",
        "From our earlier posts, for all those who did not get to see it the first time:",
    ),
}

# Groups of phrases that may stand for one another in every sentence.
EQUIVALENTS = {
    "es": (
        ("sin embargo", "no obstante"),
        ("Sin embargo", "No obstante"),
        ("Más información", "Más detalles"),
        ("Sigue leyendo", "Continúa leyendo"),
        ("con el fin de", "con el objetivo de"),
        ("de manera", "de forma"),
        ("solamente", "únicamente"),
        ("ponte en contacto con nosotros", "contacta con nosotros"),
        ("Ponte en contacto con nosotros", "Contacta con nosotros"),
    ),
    "en": (
        ("for example", "for instance"),
        ("For example", "For instance"),
        ("Learn more", "Find out more"),
        ("learn more", "find out more"),
        ("every day", "each day"),
        ("Every day", "Each day"),
        ("in order to", "so as to"),
        ("get in touch with us", "contact us"),
        ("Get in touch with us", "Contact us"),
        ("lets you", "allows you to"),
    ),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A sentence that opens with one of these stands on its own: it may change places with another.
STANDALONE = {
    "es": _words(
        "el la los las un una nuestro nuestra nuestros nuestras cada todo toda todos todas"
    ),
    "en": _words("the a an our every each all we you your"),
}

# Words that point at what was said or say when: a sentence with one of them early stays put.
POINTING = {
    "es": _words(
        "este esta esto estos estas ese esa eso esos esas aquel ello ellos ellas lo le les también "
        "además otro otra otros otras después luego antes entonces primero primera segundo segunda "
        "tercero tercera siguiente último última mismo misma pero así"
    ),
    "en": _words(
        "this that these those it its they them their he she his her also too other another then "
        "later before after first second third next last finally same but so such latter"
    ),
}

# A paragraph that opens with one of these asks for something.
CALLS = {
    "es": _words(
        "lee descubre reserva compra visita apúntate inscríbete escríbenos llámanos suscríbete "
        "regístrate descarga consulta mira sigue síguenos comparte comenta cuéntanos pide prueba "
        "entra conoce aprovecha contacta haz más"
    ),
    "en": _words(
        "read discover book buy visit join sign write call subscribe register download check see "
        "watch follow share comment tell order try get learn find contact click more"
    ),
}

# A dot after one of these ends no sentence.
ABBREVIATIONS = _words(
    "sr sra dr dra prof av avda c/ ej p pág núm n.º tel aprox etc máx mín mr mrs ms st no vs inc "
    "ltd e.g i.e approx dept est fig ee uu cía depto admón"
)
