"""What the demo tests. The effect is planted in the sandbox's audience, which nobody else knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from experiments.models import Design, Metric, SplitBy, Wording
from experiments.services.ab_tests import VariantData
from socialhub.seeds.texts import ENGLISH, KITCHEN, MAIN, SHOP

# A question at the end: the sandbox's audience reacts to it this many times as often.
QUESTION = "¿Y tú, cómo la tomas?"
TIMES = 1.9
EFFECTS = [{"contains": QUESTION, "likes": TIMES, "shares": TIMES, "comments": TIMES}]

TOAST = "Pan, tomate y un hilo de aceite temprano: así empieza el día en el valle."
PRESSED = "Pressed within a day of picking, bottled the same week. That is the whole secret."
TASTING = "Catar aceite se aprende en diez minutos: calienta la copa, tápala y huele."
STEPS = "Para catar un aceite: 1. calienta la copa, 2. tápala, 3. huele."


@dataclass(frozen=True, slots=True)
class DemoTest:
    """A test; `started` counts from now, None leaves it a draft."""

    question: str
    variants: tuple[VariantData, ...]
    accounts: tuple[str, ...] = ()
    language: str = "es"
    started: timedelta | None = None
    plan: dict[str, Any] = field(default_factory=dict)


TESTS = (
    DemoTest(
        "¿Invita a reaccionar una pregunta al final?",
        (
            VariantData("Sin pregunta", TOAST),
            VariantData("Con pregunta", f"{TOAST} {QUESTION}"),
        ),
        (MAIN, KITCHEN),
        started=-timedelta(weeks=8),
        # With the luck of single posts on this network (sd 0.27 of the log rate) 14 blocks find
        # an effect of +90 % in practically every run.
        plan={"planned_size": 14},
    ),
    DemoTest(
        "A/A: how far apart are two posts with the same text?",
        (VariantData("A", PRESSED), VariantData("A again", PRESSED)),
        (ENGLISH,),
        "en",
        started=-timedelta(weeks=8),
        # Of tests without a difference one in a thousand ends with a winner: a visitor of the demo
        # should not meet the one in twenty of the usual confidence.
        plan={"planned_size": 8, "confidence": 0.999},
    ),
    DemoTest(
        "¿Explicar la cata en pasos o con una promesa?",
        (
            VariantData("Promesa", TASTING),
            VariantData("Pasos", STEPS),
        ),
        (MAIN, KITCHEN),
        started=-timedelta(weeks=3),
        plan={"planned_size": 12},
    ),
    DemoTest(
        "¿Qué título lleva más gente a la tienda?",
        (
            VariantData("Aroma", "Cosecha temprana: menos aceite, más aroma.", f"{SHOP}/cosecha"),
            VariantData("Urgencia", "Primeras botellas de la temporada.", f"{SHOP}/cosecha"),
        ),
        plan={"design": Design.SPLIT, "split_by": SplitBy.PAGE, "metric": Metric.CLICKS},
    ),
)


@dataclass(frozen=True, slots=True)
class DemoRule:
    """A recycling rule; `made` counts from now."""

    name: str
    accounts: tuple[str, ...]
    made: timedelta
    terms: dict[str, Any]


RULES = (
    DemoRule(
        "Lo mejor del molino",
        (MAIN,),
        -timedelta(weeks=5),
        {"only_evergreen": False, "cooldown_days": 30, "needs_approval": False},
    ),
    DemoRule(
        "Platos de siempre",
        (KITCHEN,),
        -timedelta(weeks=4),
        {"only_evergreen": False, "cooldown_days": 45, "wording": Wording.VARIED},
    ),
)
