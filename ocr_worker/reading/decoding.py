"""Bytes that a stranger sent become pixels, or one sentence that says why they do not.

Nothing is decoded before the file's size, its first bytes and the size that its header declares have passed.
Time is bounded by pixels, and by a deadline that every read of the data checks. It does not interrupt a
single long call of a decoder, which is why the worker decodes in a child process that it can end.
"""

import io
import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image
from pillow_heif import register_heif_opener

from ocr_worker.errors import PictureError
from ocr_worker.sniffing import AVIF, HEIC, JPEG, TIFF, WEBP, Kind, sniff

log = logging.getLogger(__name__)

register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)

Pixels = npt.NDArray[np.uint8]
"""A picture as rows of RGB: shape (height, width, 3)."""

_RESEND = "send it again, or save it as a new PNG or JPEG first"
_DEEP_MODES = ("I", "F")  # and all that begin with "I;": one channel of more than 8 bits


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may cost: bytes of the file, pixels of the picture, pixels of its shorter side, seconds.

    52 million pixels admit the photos of a telephone (8160 by 6120), and take about 400 MB while decoding.
    """

    max_bytes: int = 32 * 1024 * 1024
    max_pixels: int = 52_000_000
    min_side: int = 64
    max_seconds: float = 20.0


DEFAULT_LIMITS = Limits()


def read_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the bytes of ``path``, never more than the limit; raise PictureError where it cannot be read."""
    try:
        if not path.is_file():
            problem = "is not a file" if path.exists() else "does not exist"
            raise PictureError(f"{path} {problem}: give the path of a picture.")
        with path.open("rb") as file:
            data = file.read(limits.max_bytes + 1)
    except OSError as error:
        raise PictureError(f"{path} cannot be read ({error.strerror or error}): check the file.") from error
    _check_bytes(data, limits)
    return data


def decode(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Pixels:
    """Return the picture, upright and without transparency.

    The first frame counts. Transparent parts become white, or black where what is visible is light.
    Raises PictureError, whose text says what is wrong and what to do.
    """
    _check_bytes(data, limits)
    kind = sniff(data)
    if kind.decoder is None:
        raise PictureError(f"This file cannot be read as a picture ({kind.name}): send a PNG or JPEG screenshot.")
    file = _Deadline(data, limits.max_seconds)
    # Opening reads the header only, with the one decoder that the first bytes call for.
    with _only_picture_errors(data, kind, limits), Image.open(file, formats=[kind.decoder]) as image:
        _check_size(image.size, limits)
        if kind is JPEG:
            # A progressive JPEG can hold thousands of scans over all its pixels: look at the clock often.
            image.decodermaxblock = 4096
        image.load()
        _check_size(image.size, limits)  # HEIC may turn out to be larger than it declared
        if kind is JPEG and _lost_its_end(data):
            raise _cut_off(kind)
        return _upright(_to_rgb(image), _orientation(image))


class _Deadline(io.BytesIO):
    """Data whose reading fails when the time is over, so that a flood of tiny chunks ends."""

    def __init__(self, data: bytes, seconds: float) -> None:
        super().__init__(data)
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self._end:
            raise PictureError(f"The picture takes longer than {self._seconds:g} seconds to open: {_RESEND}.")
        return super().read(size)


def _check_bytes(data: bytes, limits: Limits) -> None:
    if not data:
        raise PictureError("The file is empty: send the picture again.")
    if len(data) > limits.max_bytes:
        allowed = limits.max_bytes / 1024 / 1024
        raise PictureError(f"The file is larger than {allowed:g} MB: send a smaller picture, for example a JPEG.")


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise _too_many_pixels(limits, f" ({width} by {height})")
    if min(size) < limits.min_side:
        raise PictureError(
            f"The picture is too small to read ({width} by {height} pixels): send it in its original size."
        )


def _too_many_pixels(limits: Limits, size: str = "") -> PictureError:
    allowed = limits.max_pixels / 1e6
    return PictureError(
        f"The picture has more than {allowed:g} million pixels{size}: send a smaller one or only the deck."
    )


@contextmanager
def _only_picture_errors(data: bytes, kind: Kind, limits: Limits) -> Iterator[None]:
    """Turn whatever a decoder raises into a PictureError, and keep its warnings from the terminal.

    Hostile data makes the decoders raise nearly every exception there is, so all of them are meant here.
    """
    try:
        with warnings.catch_warnings():
            # The one about decompression bombs too: our own limit is lower, and says it better.
            warnings.simplefilter("ignore")
            yield
    except PictureError:
        raise
    except (Image.DecompressionBombError, MemoryError) as error:
        raise _too_many_pixels(limits) from error
    except Exception as error:
        if "truncated" in str(error).lower() or _is_cut(data, kind):
            raise _cut_off(kind) from error
        raise PictureError(f"The {kind.name} is damaged: {_RESEND}.") from error


def _cut_off(kind: Kind) -> PictureError:
    return PictureError(f"The {kind.name} is cut off, its end is missing: {_RESEND}.")


def _is_cut(data: bytes, kind: Kind) -> bool:
    """Whether the container says that more bytes should follow."""
    if kind is WEBP:
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    if kind is TIFF:
        order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
        return int.from_bytes(data[4:8], order) >= len(data)
    if kind in (AVIF, HEIC):
        return _boxes_end(data) > len(data)
    return False


def _lost_its_end(jpeg: bytes) -> bool:
    """Whether zeros stand where the end should be, which decoders read as pixels: a broken download."""
    written = jpeg.rstrip(b"\0")
    return len(jpeg) - len(written) >= 512 and b"\xff\xd9" not in written[-65536:]


def _boxes_end(data: bytes) -> int:
    """Return where the last top-level box of an ISO media file ends, as it declares itself."""
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length < 8:  # 0: to the end of the file; anything else is damage
            return len(data)
        at += length
    return at


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation that is still to be applied; 1 where there is none or it makes no sense."""
    try:
        value = image.getexif().get(0x0112, 1)
    except Exception as error:  # Pillow raises nearly everything; damaged metadata is no reason to refuse a picture
        log.debug("orientation is not known: %s", error)
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Apply an EXIF orientation (1 to 8)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _to_rgb(image: Image.Image) -> Pixels:
    if image.mode in _DEEP_MODES or image.mode.startswith("I;"):
        image = Image.fromarray(_scaled_to_bytes(np.asarray(image)))
    if image.has_transparency_data:
        image = _flatten(image.convert("RGBA"))
    if image.mode != "RGB":
        image = image.convert("RGB")
    return np.asarray(image, dtype=np.uint8)


def _scaled_to_bytes(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Scale one channel of 16 or 32 bits, integers or fractions, to 8 bits; nothing is clipped."""
    wide = np.nan_to_num(values.astype(np.float32))
    low, high = min(0.0, float(wide.min())), float(wide.max())
    top = next((top for top in (1.0, 255.0, 65535.0) if high <= top), high)
    return ((wide - low) * (255.0 / (top - low)) + 0.5).astype(np.uint8)


def _flatten(image: Image.Image) -> Image.Image:
    """Lay an RGBA picture on the background that keeps it readable.

    White is what people see around pictures. Light text that floats on nothing would vanish there, so a
    picture that is mostly transparent and light where it is not lies on black.
    """
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image
    visible = np.asarray(alpha, dtype=np.float32) / 255.0
    share = float(visible.mean())
    light = np.asarray(image.convert("L"), dtype=np.float32)
    brightness = float((light * visible).mean()) / share if share else 0.0
    background = "black" if share < 0.5 and brightness > 127 else "white"
    flat = Image.new("RGB", image.size, background)
    flat.paste(image, mask=alpha)
    return flat
