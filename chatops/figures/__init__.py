"""Figures of the product by name: what they are now, how they went, and whether that is normal."""

from chatops.figures.known import FIGURES, Figure, figure
from chatops.figures.reading import (
    WINDOW,
    Condition,
    Measured,
    Series,
    condition,
    current,
    currents,
    histories,
    history,
    thresholds,
)

__all__ = [
    "FIGURES",
    "WINDOW",
    "Condition",
    "Figure",
    "Measured",
    "Series",
    "condition",
    "current",
    "currents",
    "figure",
    "histories",
    "history",
    "thresholds",
]
