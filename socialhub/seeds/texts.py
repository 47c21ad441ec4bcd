"""What the demo's people wrote. Times are relative to the moment the data is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

MAIN, ENGLISH, KITCHEN = "aceitesdelvalle", "valley.oils", "cocina.del.valle"
SHOP = "https://example.org/aceites"


@dataclass(frozen=True, slots=True)
class Text:
    """A demo post. `due` counts from now; None = by the state it is left in."""

    text: str
    accounts: tuple[str, ...] = (MAIN,)
    language: str = "es"
    due: timedelta | None = None
    campaign: str = ""
    picture: str = ""
    alt: str = ""
    link: str = ""
    evergreen: bool = False
    overrides: dict[str, str] = field(default_factory=dict)


CAMPAIGNS = {
    "Cosecha temprana": ("cosecha-temprana", "1200.00"),
    "Recetas de invierno": ("recetas-invierno", "450.00"),
    "Export 2026": ("export-2026", "900.00"),
}

GROVE = ("grove", "Olivos en hileras sobre colinas verdes al amanecer.")
BOTTLE = ("bottle", "Una botella de aceite de oliva verde sobre una mesa de madera.")
TOAST = ("toast", "Dos tostadas con tomate y aceite en un plato blanco, vistas desde arriba.")
DROPS = ("drops", "Gotas doradas de aceite sobre un fondo verde oscuro.")


def _ago(**kwargs: float) -> timedelta:
    return -timedelta(**kwargs)


# Already published, oldest first.
PAST = [
    Text(
        "¡Empieza la cosecha! Este año recogemos dos semanas antes: menos litros, más aroma. "
        "#AOVE #CosechaTemprana",
        due=_ago(days=13, hours=2),
        campaign="Cosecha temprana",
    ),
    Text(
        "Why early harvest? Green olives give less oil, and it tastes of grass, tomato leaf "
        "and almond. #oliveoil",
        (ENGLISH,),
        "en",
        _ago(days=11, hours=5),
        "Export 2026",
    ),
    Text(
        "¿Frito con aceite de oliva? Sí: aguanta 180 °C sin problema. Guarda este mensaje "
        "para la próxima tortilla. 🍳",
        (KITCHEN,),
        due=_ago(days=9, hours=1),
        campaign="Recetas de invierno",
        evergreen=True,
    ),
    Text(
        "Nuestra almazara abre el sábado a las 11: visita, cata y pan recién hecho. "
        "Plazas limitadas.",
        (MAIN, KITCHEN),
        due=_ago(days=6, hours=4),
    ),
    Text(
        "Three questions to ask before you buy olive oil: when was it harvested, where, and "
        "by whom?",
        (ENGLISH,),
        "en",
        _ago(days=4, hours=3),
        evergreen=True,
    ),
    Text(
        "Salmorejo en 10 minutos: tomate maduro, pan de ayer, ajo, sal y un buen chorro de "
        "aceite. ¿Con jamón o con huevo?",
        (KITCHEN, MAIN),
        due=_ago(days=2, hours=6),
        campaign="Recetas de invierno",
    ),
    Text(
        "Cosecha temprana 2026, ya en botella. Solo 4.000 unidades numeradas.",
        due=_ago(hours=20),
        campaign="Cosecha temprana",
    ),
    Text(
        "Gracias a todas las personas que vinieron a la cata. ¡Volvemos el mes que viene!",
        due=_ago(hours=5),
    ),
]

# Go out while a visitor looks on; seconds leave room for the start of the programs.
SOON = [
    Text(
        "Buenos días desde el olivar. Hoy toca recoger la parcela más alta. #AOVE",
        due=timedelta(seconds=35),
        picture=GROVE[0],
        alt=GROVE[1],
        campaign="Cosecha temprana",
    ),
    Text(
        "Good morning from the grove! Frost last night, sun today: perfect picking weather. ☀️",
        (ENGLISH,),
        "en",
        timedelta(seconds=60),
        "Export 2026",
    ),
    Text(
        "Desayuno de hoy: pan con tomate y aceite nuevo. Nada más. ¿Y el tuyo?",
        (KITCHEN, MAIN),
        due=timedelta(seconds=85),
        picture=TOAST[0],
        alt=TOAST[1],
        campaign="Recetas de invierno",
        overrides={MAIN: "Desayuno en la almazara: pan con tomate y aceite nuevo. ¿Y el tuyo?"},
    ),
    Text(
        "¿Sabías que hacen falta unos 8 kilos de aceituna verde para un litro de aceite temprano?",
        due=timedelta(seconds=110),
    ),
    Text(
        "Últimas plazas para la cata del sábado. Reserva aquí:",
        (MAIN, KITCHEN),
        due=timedelta(minutes=4),
        link=f"{SHOP}/cata",
    ),
]

# Approved and on the queue: each takes its account's next free slot.
QUEUED = [
    Text(
        "Botella nueva, mismo aceite: vidrio oscuro para que la luz no se lleve el aroma.",
        picture=BOTTLE[0],
        alt=BOTTLE[1],
        campaign="Cosecha temprana",
        link=f"{SHOP}/botella",
    ),
    Text(
        "Meet us in Rotterdam next week: hall 4, stand 120. We bring the bread.",
        (ENGLISH,),
        "en",
        campaign="Export 2026",
    ),
    Text(
        "Bizcocho de aceite y naranja: sale siempre. Receta en el enlace.",
        (KITCHEN,),
        campaign="Recetas de invierno",
        link=f"{SHOP}/bizcocho",
    ),
    Text("Cinco mitos sobre el aceite de oliva, y lo que dice el laboratorio.", evergreen=True),
    Text("Los lunes, cuchara: lentejas con un hilo de aceite en crudo.", (KITCHEN,)),
]

# Approved, but its time passed while nothing ran: the worker marks it missed and asks.
MISSED = Text(
    "Solo esta mañana: envío gratis en toda la tienda.",
    due=_ago(hours=3),
    link=f"{SHOP}/envio-gratis",
)

TO_APPROVE = [
    Text(
        "Black Friday a nuestra manera: no bajamos el precio, plantamos un olivo por cada caja.",
        (MAIN, KITCHEN),
        due=timedelta(days=2, hours=3),
        campaign="Cosecha temprana",
        picture=DROPS[0],
        alt=DROPS[1],
    ),
    Text(
        "How we work with 14 neighbouring families to press within 4 hours of picking.",
        (ENGLISH,),
        "en",
        timedelta(days=3),
        "Export 2026",
    ),
]

CHANGES = (
    Text("El mejor aceite del mundo.", due=timedelta(days=4)),
    "¿Según quién? Nombra el premio o escribe otra cosa.",
)

DRAFT = Text("Idea: serie de vídeos cortos con las abuelas del pueblo y sus recetas.", (KITCHEN,))
