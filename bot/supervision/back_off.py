"""How long to wait before a part that ended is started again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BackOff:
    """Waits that double from ``first_s`` to ``most_s`` seconds, and are forgotten after a life of ``good_after_s``.

    Up to ``jitter`` of each is left out by chance, so that parts that died together do not all start together.
    """

    first_s: float = 0.2
    most_s: float = 30.0
    jitter: float = 0.25
    good_after_s: float = 60.0

    def delay(self, failures: int, chance: float) -> float:
        """Return the seconds to wait after the ``failures``-th end in a row, for a ``chance`` from 0 to 1."""
        # A float overflows beyond a thousand doublings.
        doubled = self.first_s * 2.0 ** min(failures - 1, 64)
        return min(doubled, self.most_s) * (1.0 - self.jitter * chance)
