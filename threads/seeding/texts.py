"""The demo's series: one that is out, one that goes out tomorrow, one to approve, one draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class DemoSeries:
    """`at` from now; in the past it has gone out. `stage`: out, scheduled, in_review, draft."""

    title: str
    topic: str
    accounts: tuple[str, ...]
    parts: tuple[str, ...]
    stage: str
    at: timedelta
    closing: str = ""
    made_by: str = ""


# Split by the writer without AI, as a visitor can do: see `made_by`.
LONG_TEXT = """\
¿Por qué el aceite virgen extra pica en la garganta? No es un defecto: es el oleocantal, un \
compuesto natural de la aceituna recién molturada. Cuanto más temprana es la cosecha, más se nota.

El amargor viene de los polifenoles. Protegen al aceite de la oxidación y ayudan a conservarlo. \
Un aceite que no amarga ni pica suele venir de aceitunas muy maduras.

¿Y el color? No dice nada de la calidad. Por eso los catadores usan copas azules: así no se dejan \
llevar por el verde.

Guárdalo lejos de la luz y del calor, bien cerrado, y úsalo en menos de un año. Una botella oscura \
ayuda más que una bonita."""

SERIES = (
    DemoSeries(
        title="De la aceituna a la botella",
        topic="Cómo hacemos el aceite",
        accounts=("aceitesdelvalle", "cocina.del.valle"),
        parts=(
            "Hoy abrimos la almazara: así llega el aceite a tu mesa, paso a paso 🫒",
            "La cosecha empieza en octubre, cuando la aceituna todavía está verde. Da menos "
            "aceite, pero mucho más aroma.",
            "De noche llega al molino. Entre el árbol y la prensa pasan menos de seis horas.",
            "Se muele en frío, por debajo de 27 °C. Con más calor saldría más aceite y peor.",
            "Reposa en depósitos de acero, sin luz ni aire, hasta que lo embotellamos.",
        ),
        closing="¿Quieres verlo? Las visitas son los sábados a las 11:00.",
        stage="out",
        at=timedelta(days=-3, hours=-2),
    ),
    DemoSeries(
        title="Por qué pica el aceite",
        topic="Lo que preguntan en las catas",
        accounts=("aceitesdelvalle",),
        parts=(),
        stage="in_review",
        at=timedelta(days=2, hours=3),
        made_by="deterministic",
    ),
    DemoSeries(
        title="Tres recetas con arbequina",
        topic="Recetas de la semana",
        accounts=("cocina.del.valle",),
        parts=(
            "Tres recetas rápidas con aceite de arbequina, de menos de diez minutos 👇",
            "Pan con tomate: ralla el tomate, sal en escamas y aceite al final, sin miedo.",
            "Naranja con aceite y canela. Suena raro; pruébalo una vez.",
            "Helado de vainilla con un hilo de aceite y una pizca de sal.",
        ),
        closing="¿Cuál preparas hoy?",
        stage="scheduled",
        at=timedelta(days=1, hours=4),
    ),
)
