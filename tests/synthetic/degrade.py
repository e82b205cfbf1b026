"""What happens to a picture between screen and chat: scaling, blur, a photo of the screen, compression."""

import math
from dataclasses import dataclass
from io import BytesIO
from random import Random

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from .art import add_grain
from .canvas import Canvas
from .fonts import ROBOTO
from .picture import LEAST_TITLE_PX, Drawn

_SIZE_FOR_PNG = 2_600_000
_COMFORTABLE_PX = 11.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """The bytes of a picture file, its extension, and what was done to it."""

    content: bytes
    extension: str
    notes: tuple[str, ...] = ()


def degrade(rng: Random, drawn: Drawn) -> Encoded:
    """The picture as it would arrive in a chat, still readable by a person."""
    image, title_px = drawn.image, drawn.title_px
    notes: list[str] = []
    if drawn.is_screen and rng.random() < 0.15:
        image = _with_window_bar(rng, image)
        notes.append("A window's bar stands above.")
    if drawn.is_screen and title_px > 13 and rng.random() < 0.08:
        image = photo_of_screen(rng, image)
        notes.append("Photo of a screen.")
    if rng.random() < 0.2 and title_px > LEAST_TITLE_PX * 1.05:
        factor = rng.uniform(max(0.6, LEAST_TITLE_PX / title_px), 0.98)
        image, title_px = _scaled(image, factor), title_px * factor
        notes.append(f"Scaled to {factor:.2f}.")
    if title_px > _COMFORTABLE_PX and rng.random() < 0.12:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.6) * title_px / 14))
    return _encode(rng, image, title_px, notes)


def _with_window_bar(rng: Random, image: Image.Image) -> Image.Image:
    """The picture below a browser's address or a phone's clock."""
    high = max(26, round(image.width * 0.019))
    dark = rng.random() < 0.5
    ground, ink = ((32, 33, 36), (220, 220, 220)) if dark else ((240, 240, 242), (40, 40, 40))
    bar = Canvas(image.width, high, ground, 1)
    clock = f"{rng.randint(0, 23)}:{rng.randint(0, 59):02d}"
    address = rng.choice(("deckery.example/decks/60-opt", "MTGA", "Magic Online", "Decks - Browser"))
    bar.text((14, high / 2), rng.choice((clock, address)), ROBOTO, high * 0.48, ink)
    bar.text((image.width - 14, high / 2), f"{rng.randint(4, 100)}%", ROBOTO, high * 0.45, ink, "rm")
    page = Image.new("RGB", (image.width, image.height + high), ground)
    page.paste(bar.image, (0, 0))
    page.paste(image, (0, high))
    return page


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    size = round(image.width * factor), round(image.height * factor)
    return image.resize(size, Image.Resampling.BICUBIC)


def _encode(rng: Random, image: Image.Image, title_px: float, notes: list[str]) -> Encoded:
    if image.width * image.height < _SIZE_FOR_PNG and rng.random() < 0.35:
        return Encoded(_bytes_of(image, "PNG"), "png", tuple(notes))
    quality = rng.randint(60 if title_px > _COMFORTABLE_PX else 78, 95)
    if rng.random() < 0.2:
        image = Image.open(BytesIO(_bytes_of(image, "JPEG", min(95, quality + 10)))).convert("RGB")
    return Encoded(_bytes_of(image, "JPEG", quality), "jpg", (*notes, f"JPEG quality {quality}."))


def _bytes_of(image: Image.Image, kind: str, quality: int = 90) -> bytes:
    buffer = BytesIO()
    options = {"quality": quality} if kind == "JPEG" else {"compress_level": 4}
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def photo_of_screen(rng: Random, image: Image.Image) -> Image.Image:
    """A slightly skewed photo with uneven light and grain."""
    tilted = skew(rng, image, 0.018, (12, 12, 14))
    lit = uneven_light(rng, tilted, 0.25)
    return add_grain(rng, lit.filter(ImageFilter.GaussianBlur(0.5)), rng.uniform(3, 8))


def skew(rng: Random, image: Image.Image, strength: float, ground: tuple[int, int, int]) -> Image.Image:
    """The picture seen a little from the side and not quite upright; none of it is lost."""
    width, height = image.size
    reach = strength * min(width, height)
    turn = rng.uniform(-0.6, 0.6) * strength
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    moved = []
    for x, y in corners:
        dx, dy = x - width / 2, y - height / 2
        moved.append(
            (
                dx * math.cos(turn) - dy * math.sin(turn) + rng.uniform(-reach, reach),
                dx * math.sin(turn) + dy * math.cos(turn) + rng.uniform(-reach, reach),
            )
        )
    left, top = min(x for x, _ in moved) - 4, min(y for _, y in moved) - 4
    size = round(max(x for x, _ in moved) - left + 4), round(max(y for _, y in moved) - top + 4)
    target = [(x - left, y - top) for x, y in moved]
    return image.transform(
        size,
        Image.Transform.PERSPECTIVE,
        _coefficients(target, corners),
        Image.Resampling.BICUBIC,
        fillcolor=ground,
    )


def _coefficients(target: list[tuple[float, float]], source: list[tuple[int, int]]) -> list[float]:
    """Pillow's eight numbers that take each target corner back to its source."""
    rows, values = [], []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows, float), np.array(values, float))]


def uneven_light(rng: Random, image: Image.Image, depth: float) -> Image.Image:
    """The picture brighter on one side than on the other, with a soft glare."""
    x, y = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8)
    down, across = np.mgrid[0:1:24j, 0:1:32j]
    distance = np.hypot(across - x, down - y)
    light = np.clip(255 * (1.0 - depth * distance * 1.3), 0, 255).astype(np.uint8)
    field = Image.fromarray(light).resize(image.size, Image.Resampling.BICUBIC)
    return ImageChops.multiply(image, Image.merge("RGB", (field, field, field)))
