"""What players are told of maintenance in their channels, in English and in French."""

from datetime import datetime, timedelta

from chatops.times import moment, span
from storage.maintenance import MaintenanceRecord, Mode, WindowRecord

_KEPT = (
    "Send pictures as usual: they are kept, and read afterwards.",
    "Envoyez vos images comme d'habitude : elles sont gardées et seront lues ensuite.",
)
_HARD = (" Lists cannot be copied until then.", " Les listes ne peuvent pas être copiées d'ici là.")


def begun(record: MaintenanceRecord) -> str:
    """It has begun."""
    until = moment(record.until)
    return _both((f"Maintenance until about {until}.", f"Maintenance jusque vers {until}."), _KEPT, _hard(record.mode))


def over(deferred: int) -> str:
    """It is over."""
    waiting = (
        ("All pictures that were kept are being read.", "Toutes les images gardées sont en cours de lecture.")
        if deferred
        else ("", "")
    )
    return _both(("Maintenance is over.", "La maintenance est terminée."), waiting, ("", ""))


def planned(window: WindowRecord, now: datetime) -> str:
    """It will begin."""
    begins, lasts = moment(window.since), span(window.until - window.since)
    ahead = span(timedelta(seconds=round((window.since - now).total_seconds() / 60) * 60))
    return _both(
        (
            f"Maintenance begins in {ahead}, at {begins}, and takes about {lasts}.",
            f"Une maintenance commence dans {ahead}, à {begins}, et dure environ {lasts}.",
        ),
        _KEPT,
        _hard(window.mode),
    )


def _hard(mode: Mode) -> tuple[str, str]:
    return _HARD if mode is Mode.HARD else ("", "")


def _both(first: tuple[str, str], second: tuple[str, str], third: tuple[str, str]) -> str:
    return "\n".join(f"{one} {two}".strip() + three for one, two, three in zip(first, second, third, strict=True))
