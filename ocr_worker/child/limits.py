"""What one picture may cost, and how long a child is kept."""

from dataclasses import dataclass

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Seconds for a picture, bytes of resident memory, seconds from start to ready, pictures until a new child.

    RapidOCR needs up to 700 MB for screenshots, and 850 MB for a photo of 50 million pixels.
    """

    time_s: float = 45.0
    memory_bytes: int = 1_000 * MB
    start_s: float = 60.0
    pictures_per_child: int = 200
