"""What the olive oil maker wrote in the past months, by kind of post; `history` says when."""

from __future__ import annotations

from socialhub.seeds.texts import (
    BOTTLE,
    DROPS,
    ENGLISH,
    GROVE,
    KITCHEN,
    MAIN,
    SHOP,
    TOAST,
    Text,
)

HARVEST, RECIPES, EXPORT = "Cosecha temprana", "Recetas de invierno", "Export 2026"
# Added in turn, so that a text that comes back is not quite the same.
ENDINGS = {
    "es": ("", "¿Lo sabías?", "Te leemos en los comentarios."),
    "en": ("", "Did you know?", "Questions? Ask away."),
}

GROVE_EN = (GROVE[0], "Rows of olive trees on green hills at sunrise.")
BOTTLE_EN = (BOTTLE[0], "A green bottle of olive oil on a wooden table.")
DROPS_EN = (DROPS[0], "Golden drops of oil on a dark green background.")


def _pictured(text: str, picture: tuple[str, str], *, campaign: str = "", link: str = "") -> Text:
    return Text(text, picture=picture[0], alt=picture[1], campaign=campaign, link=link)


MILL = [
    Text("De la rama a la almazara en menos de cuatro horas. Así empieza un buen aceite."),
    _pictured("Amanece en la parcela más alta del valle.", GROVE, campaign=HARVEST),
    Text("La acidez no se nota en la boca. El picor, sí: son los polifenoles.", campaign=HARVEST),
    Text("Caja de tres botellas con nota de cata. Envío en 48 horas.", link=f"{SHOP}/caja"),
    _pictured("Vidrio oscuro y lejos de los fogones: así se guarda un aceite.", BOTTLE),
    Text("Podamos en febrero, regamos en julio y esperamos todo el año."),
    Text("¿Picual, hojiblanca o arbequina? Dinos cuál tienes en casa."),
    _pictured("Sin filtrar: estas gotas salieron hace una hora.", DROPS, campaign=HARVEST),
    Text("El análisis de esta partida, completo y sin letra pequeña.", link=f"{SHOP}/analisis"),
    Text("Catorce familias, un molino. Hoy os presentamos a Rosario y a sus 300 olivos."),
    Text("Un olivo de cien años da unos 40 kilos. Uno joven, con suerte, diez."),
    _pictured("Etiqueta nueva, la misma finca.", BOTTLE, link=f"{SHOP}/picual"),
    Text("Abrimos la tienda del molino también los sábados por la mañana.", campaign=HARVEST),
    Text("Cada botella lleva su número de lote: escríbelo en la web y verás su parcela."),
]

BOTH = [
    _pictured("Pan, tomate y un hilo de aceite. Nada más.", TOAST, campaign=RECIPES),
    Text("Sorteamos una visita para dos personas. Cuéntanos con quién vendrías."),
    Text("Cata a ciegas en directo el jueves. Ve abriendo una botella.", link=f"{SHOP}/cata"),
    _pictured("Del árbol al plato: lo que hoy se recoge, mañana se desayuna.", GROVE),
    Text("Cinco aceites, cinco platos: nuestra guía para combinarlos.", link=f"{SHOP}/guia"),
    Text("¿Aceite para freír o para ensalada? Casi nunca es el mismo.", campaign=RECIPES),
    _pictured("Así brilla un aceite de octubre.", DROPS, campaign=HARVEST),
    Text("Gracias por los mil pedidos de este mes. Los preparamos a mano, uno a uno."),
]

DISHES = [
    _pictured("Tostada con tomate rallado: el tomate primero, la sal después.", TOAST),
    Text("Alioli sin batidora: mortero, paciencia y aceite suave.", campaign=RECIPES),
    Text("Lentejas con un hilo de aceite en crudo justo antes de servir.", campaign=RECIPES),
    Text("Ajoblanco para seis: almendra, pan de ayer y nuestro arbequina.", link=f"{SHOP}/blanco"),
    Text("Patatas a lo pobre: fuego bajo y que el aceite las cubra."),
    Text("Bacalao al pil-pil: mueve la cazuela, no el pescado.", campaign=RECIPES),
    Text("Magdalenas de aceite y limón, las de la abuela Carmen.", link=f"{SHOP}/magdalenas"),
    _pictured("Merienda de antes: pan, aceite y azúcar.", TOAST, campaign=RECIPES),
    Text("Gazpacho: el aceite al final y batiendo, para que ligue."),
    Text("Verduras al horno: aceite antes, vinagre después.", campaign=RECIPES),
    Text("Helado de vainilla con aceite y sal en escamas. Pruébalo antes de juzgar."),
    Text("Conserva de queso en aceite: dos semanas de espera.", link=f"{SHOP}/queso"),
    Text("Sopa de ajo con pimentón: diez minutos y una sartén.", campaign=RECIPES),
    Text("Migas del domingo: el pan, de dos días; el aceite, del bueno."),
]

ABROAD = [
    Text("Green, grassy, peppery: three words for an early harvest oil.", campaign=EXPORT),
    _pictured("Rows of olive trees, and not a cloud in sight.", GROVE_EN, campaign=EXPORT),
    Text("Cloudy oil is not a fault. It is oil that nobody filtered yet."),
    Text("Importers: the price list for this season is out.", link=f"{SHOP}/trade"),
    Text("Cook with it. Good olive oil does not mind a hot pan.", campaign=EXPORT),
    _pictured("Dark glass keeps the light out and the aroma in.", BOTTLE_EN),
    Text("We press at 24 degrees. Warmer gives more oil and less taste.", campaign=EXPORT),
    Text("Best before is not best after: drink it young.", campaign=EXPORT),
    Text("Meet Rosario: three hundred trees, no shortcuts."),
    _pictured("An hour old and already golden.", DROPS_EN, campaign=EXPORT),
    Text("What the colour of an oil tells you: nothing. Tasters use blue glasses."),
    Text("Our lab report, every figure of it.", link=f"{SHOP}/report"),
    Text("Bread, tomato, oil. Breakfast is solved.", campaign=EXPORT),
    Text("How many olives make a litre? About eight kilos, if they are green."),
]

# Kind → its texts, the accounts and the language.
KINDS: dict[str, tuple[list[Text], tuple[str, ...], str]] = {
    "mill": (MILL, (MAIN,), "es"),
    "both": (BOTH, (MAIN, KITCHEN), "es"),
    "dishes": (DISHES, (KITCHEN,), "es"),
    "abroad": (ABROAD, (ENGLISH,), "en"),
}
