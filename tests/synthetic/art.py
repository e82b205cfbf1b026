"""Random pictures where a card or a client shows art: gradients, shapes and grain that distract an OCR."""

import math
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

RGB = tuple[int, int, int]

_PALETTES: dict[str, tuple[tuple[RGB, ...], ...]] = {
    "W": (
        ((250, 240, 205), (200, 170, 120), (140, 120, 110)),
        ((190, 215, 240), (245, 240, 230), (150, 130, 90)),
    ),
    "U": (((20, 60, 120), (90, 170, 220), (200, 230, 240)), ((10, 30, 60), (60, 60, 150), (130, 220, 220))),
    "B": (((20, 18, 24), (70, 50, 80), (140, 120, 120)), ((30, 40, 30), (90, 100, 70), (180, 170, 140))),
    "R": (((120, 20, 10), (240, 120, 30), (255, 220, 120)), ((50, 20, 30), (170, 60, 40), (240, 170, 110))),
    "G": (((20, 50, 25), (90, 140, 50), (210, 220, 120)), ((40, 60, 40), (120, 110, 60), (170, 210, 190))),
    "M": (((60, 30, 90), (220, 160, 60), (250, 230, 180)), ((20, 60, 90), (200, 90, 60), (240, 210, 140))),
    "A": (((60, 70, 80), (150, 160, 170), (220, 200, 160)), ((80, 60, 50), (170, 130, 90), (230, 220, 210))),
    "L": (
        ((70, 110, 150), (150, 140, 100), (220, 225, 230)),
        ((60, 50, 40), (140, 110, 70), (250, 200, 130)),
    ),
}


def random_art(rng: Random, width: int, height: int, key: str) -> Image.Image:
    """A picture in colours that suit a card's colour."""
    palette = rng.choice(_PALETTES[key if rng.random() < 0.7 else rng.choice(list(_PALETTES))])
    work = 240 / max(width, height, 240)
    size = max(8, round(width * work)), max(8, round(height * work))
    picture = cloudy(rng, *size, palette)
    _scatter_shapes(rng, picture, palette)
    if rng.random() < 0.6:
        _figure(rng, picture, palette)
    picture = picture.filter(ImageFilter.SMOOTH).resize((width, height), Image.Resampling.BICUBIC)
    _scratch(rng, picture, palette)
    return add_grain(rng, picture, rng.uniform(2, 9))


def cloudy(rng: Random, width: int, height: int, palette: tuple[RGB, ...]) -> Image.Image:
    """A soft mix of colours from top to bottom, with clouds in it."""
    noise = np.random.default_rng(rng.getrandbits(32))
    cells = noise.random((rng.randint(3, 7), rng.randint(3, 7))).astype(np.float32)
    clouds = Image.fromarray((cells * 255).astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    slope = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    mix = np.clip(slope * 0.6 + np.asarray(clouds) / 255 * 0.7 - 0.1, 0, 1)
    return Image.fromarray(_blend(mix, palette))


def _blend(mix: NDArray[np.floating], palette: tuple[RGB, ...]) -> NDArray[np.uint8]:
    stops = np.linspace(0, 1, len(palette))
    channels = [np.interp(mix, stops, [colour[band] for colour in palette]) for band in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def add_grain(rng: Random, picture: Image.Image, strength: float) -> Image.Image:
    """The picture with sensor-like noise."""
    noise = np.random.default_rng(rng.getrandbits(32))
    pixels = np.asarray(picture, dtype=np.int16)
    grain = noise.integers(-round(strength), round(strength) + 1, pixels.shape[:2], dtype=np.int16)
    return Image.fromarray(np.clip(pixels + grain[..., None], 0, 255).astype(np.uint8))


def _shade(rng: Random, colour: RGB) -> RGB:
    factor = rng.uniform(0.35, 1.5)
    red, green, blue = (min(255, round(band * factor)) for band in colour)
    return red, green, blue


def _scatter_shapes(rng: Random, picture: Image.Image, palette: tuple[RGB, ...]) -> None:
    pen = ImageDraw.Draw(picture, "RGBA")
    width, height = picture.size
    for _ in range(rng.randint(6, 22)):
        colour = (*_shade(rng, rng.choice(palette)), rng.randint(70, 255))
        x, y, reach = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.03, 0.3) * width
        shape = rng.random()
        if shape < 0.35:
            pen.ellipse((x - reach, y - reach * 0.7, x + reach, y + reach * 0.7), colour)
        elif shape < 0.75:
            turns = sorted(rng.uniform(0, math.tau) for _ in range(rng.randint(3, 6)))
            pen.polygon([(x + reach * math.cos(t), y + reach * math.sin(t)) for t in turns], colour)
        else:
            ends = [(x, y), (x + rng.uniform(-2, 2) * reach, y + rng.uniform(-2, 2) * reach)]
            pen.line(ends, colour, rng.randint(1, max(1, width // 40)))


def _scratch(rng: Random, picture: Image.Image, palette: tuple[RGB, ...]) -> None:
    """Small sharp details at full size, the kind that looks like letters from afar."""
    pen = ImageDraw.Draw(picture, "RGBA")
    width, height = picture.size
    for _ in range(rng.randint(10, 40)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        ends = [(x, y), (x + rng.gauss(0, width * 0.05), y + rng.gauss(0, width * 0.05))]
        pen.line(ends, (*_shade(rng, rng.choice(palette)), 220), rng.randint(1, max(1, width // 90)))


def _figure(rng: Random, picture: Image.Image, palette: tuple[RGB, ...]) -> None:
    """Something with a head and shoulders, off the middle."""
    pen = ImageDraw.Draw(picture)
    width, height = picture.size
    x, y, size = (
        width * rng.uniform(0.3, 0.7),
        height * rng.uniform(0.2, 0.45),
        height * rng.uniform(0.1, 0.2),
    )
    coat, skin = _shade(rng, rng.choice(palette)), _shade(rng, (220, 180, 150))
    pen.polygon([(x, y), (x + size * 2.2, height), (x - size * 2.2, height)], coat)
    pen.ellipse((x - size * 0.6, y - size * 0.8, x + size * 0.6, y + size * 0.8), skin)
    pen.arc((x - size * 0.7, y - size, x + size * 0.7, y + size), 180, 360, _shade(rng, coat), 3)


def texture(rng: Random, width: int, height: int, base: RGB, contrast: float) -> Image.Image:
    """A nearly even surface: slate, cloth, paper."""
    noise = np.random.default_rng(rng.getrandbits(32))
    coarse = noise.normal(0, 1, (height // 24 + 2, width // 24 + 2))
    fine = noise.normal(0, 0.5, (height // 3 + 2, width // 3 + 2))
    field = (_stretch(coarse, width, height) + _stretch(fine, width, height)) * contrast
    pixels = np.clip(np.asarray(base, dtype=np.float32) + field[..., None], 0, 255)
    return Image.fromarray(pixels.astype(np.uint8))


def _stretch(field: NDArray[np.float64], width: int, height: int) -> NDArray[np.float32]:
    picture = Image.fromarray(field.astype(np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)
