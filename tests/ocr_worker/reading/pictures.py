"""Pictures in every format and every awkward way of storing them, made on the spot."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pillow_heif import register_heif_opener

register_heif_opener()

WIDTH, HEIGHT = 96, 72
#: Colour of each quarter: top left, top right, bottom left, bottom right.
QUARTERS = ((200, 30, 30), (30, 200, 30), (30, 30, 200), (220, 220, 40))

FORMATS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True},
    "GIF": {},
    "BMP": {},
    "TIFF": {"compression": "tiff_lzw"},
    "AVIF": {"quality": 95},
    "HEIF": {"quality": 95},
}


def quarters() -> Image.Image:
    """A picture of four colours that tells how it is turned."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    for index, colour in enumerate(QUARTERS):
        left, top = (index % 2) * WIDTH // 2, (index // 2) * HEIGHT // 2
        image.paste(colour, (left, top, left + WIDTH // 2, top + HEIGHT // 2))
    return image


def noise(size: tuple[int, int] = (160, 120)) -> Image.Image:
    """A picture that does not compress, so that a cut takes pixels away."""
    values = np.random.default_rng(3).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


def encode(image: Image.Image, fmt: str, **options: Any) -> bytes:
    """Return the bytes of ``image`` in a Pillow format."""
    file = io.BytesIO()
    image.save(file, fmt, **options)
    return file.getvalue()


def valid(fmt: str) -> bytes:
    """A good picture in ``fmt``."""
    return encode(quarters(), fmt, **FORMATS[fmt])


def corners(pixels: npt.NDArray[np.uint8]) -> list[tuple[int, int, int]]:
    """Colours in the middle of the quarters, in the order of QUARTERS."""
    height, width = pixels.shape[:2]
    points = [(y * height // 4, x * width // 4) for y in (1, 3) for x in (1, 3)]
    return [(int(r), int(g), int(b)) for r, g, b in (pixels[at] for at in points)]
