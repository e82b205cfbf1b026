"""Good pictures come out as they look; everything else gets one sentence, and nothing else ever escapes."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from ocr_worker.errors import PictureError
from ocr_worker.reading.decoding import Limits, decode, read_file
from tests.ocr_worker.reading import hostile, pictures
from tests.ocr_worker.reading.pictures import QUARTERS, corners, encode, noise, quarters, valid

HOSTILE = hostile.corpus()
Colours = tuple[tuple[int, ...], ...]


def assert_looks_right(data: bytes, tolerance: int = 12, expected: Colours = QUARTERS) -> None:
    pixels = decode(data)
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert pixels.flags.c_contiguous
    np.testing.assert_allclose(corners(pixels), expected, atol=tolerance)


def assert_one_sentence(text: str) -> None:
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 200
    assert "Error" not in text
    assert "0x" not in text


@pytest.mark.parametrize("fmt", pictures.FORMATS)
def test_every_format_is_read(fmt: str) -> None:
    assert_looks_right(valid(fmt))
    assert decode(valid(fmt)).shape == (pictures.HEIGHT, pictures.WIDTH, 3)


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_once(fmt: str, orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = quarters().transpose(turns[orientation]) if orientation > 1 else quarters()
    assert_looks_right(encode(turned, fmt, exif=exif.tobytes(), **pictures.FORMATS[fmt]))


def test_damaged_exif_does_not_cost_the_picture() -> None:
    assert_looks_right(encode(quarters(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff", quality=95))


@pytest.mark.parametrize("fmt", ["PNG", "WEBP", "TIFF", "GIF"])
def test_transparent_parts_become_white(fmt: str) -> None:
    image = quarters().convert("RGBA")
    image.paste((9, 9, 9, 0), (0, 0, 48, 36))
    assert_looks_right(encode(image, fmt), 16, ((255, 255, 255), *QUARTERS[1:]))


def test_light_text_that_floats_on_nothing_lies_on_black() -> None:
    image = Image.new("RGBA", (96, 72), (0, 0, 0, 0))
    image.paste((250, 250, 250, 255), (10, 10, 40, 30))
    pixels = decode(encode(image, "PNG"))
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[20, 20].tolist() == [250, 250, 250]


def test_half_transparent_parts_are_blended() -> None:
    image = quarters().convert("RGBA")
    image.putalpha(128)
    assert_looks_right(encode(image, "PNG"), 2, tuple(tuple((v + 255) // 2 for v in rgb) for rgb in QUARTERS))


def test_palette_with_a_transparent_colour_is_read() -> None:
    image = quarters().quantize(8)
    colour = image.getpixel((10, 10))
    assert isinstance(colour, int)
    data = encode(image, "PNG", transparency=colour)
    assert_looks_right(data, 12, ((255, 255, 255), *QUARTERS[1:]))


@pytest.mark.parametrize(("mode", "fmt"), [("P", "PNG"), ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("YCbCr", "TIFF")])
def test_other_colour_models_look_the_same(mode: str, fmt: str) -> None:
    image = quarters().quantize(16) if mode == "P" else quarters().convert(mode)
    assert_looks_right(encode(image, fmt))


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_pictures_get_three_channels(mode: str) -> None:
    grey = quarters().convert("L").convert(mode)
    pixels = decode(encode(grey, "PNG"))
    assert (pixels[..., 0] == pixels[..., 1]).all()
    assert pixels.shape == (72, 96, 3)


@pytest.mark.parametrize("fmt", ["PNG", "TIFF"])
def test_16_bits_are_scaled_and_not_clipped(fmt: str) -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (64, 1))
    pixels = decode(encode(Image.fromarray(ramp), fmt))
    np.testing.assert_allclose(pixels[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize("top", [1.0, 255.0, 1e9])
def test_fractions_are_scaled_by_their_range(top: float) -> None:
    ramp = np.tile(np.linspace(0, top, 256).astype(np.float32), (64, 1))
    ramp[1, 1] = np.nan
    pixels = decode(encode(Image.fromarray(ramp), "TIFF"))
    np.testing.assert_allclose(pixels[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize("fmt", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_counts(fmt: str) -> None:
    later = [Image.new("RGB", (96, 72), "black")] * 2
    assert_looks_right(encode(quarters(), fmt, save_all=True, append_images=later), 20)


def test_a_picture_with_a_second_one_behind_it_is_read() -> None:
    assert_looks_right(encode(quarters(), "MPO", save_all=True, append_images=[noise()], quality=95), 16)
    assert_looks_right(valid("JPEG") + bytes(5000))


@pytest.mark.parametrize(("data", "words"), [(d, w) for _, d, w in HOSTILE], ids=[name for name, _, _ in HOSTILE])
def test_hostile_and_useless_files_get_one_sentence(data: bytes, words: str) -> None:
    started = time.monotonic()
    with pytest.raises(PictureError) as caught:
        decode(data)
    assert words in str(caught.value)
    assert_one_sentence(str(caught.value))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("name", hostile.FLOODS)
def test_a_flood_of_tiny_parts_ends_at_the_deadline(name: str) -> None:
    data = hostile.FLOODS[name]()
    started = time.monotonic()
    with pytest.raises(PictureError, match=r"longer than 0\.3 seconds") as caught:
        decode(data, Limits(max_seconds=0.3))
    assert_one_sentence(str(caught.value))
    assert time.monotonic() - started < 3


def test_limits_are_those_given() -> None:
    data = valid("PNG")
    assert decode(data, Limits(max_pixels=96 * 72, min_side=72, max_bytes=len(data))).shape == (72, 96, 3)
    with pytest.raises(PictureError, match="pixels"):
        decode(data, Limits(max_pixels=96 * 72 - 1))
    with pytest.raises(PictureError, match="too small"):
        decode(data, Limits(min_side=73))
    with pytest.raises(PictureError, match="larger than"):
        decode(data, Limits(max_bytes=len(data) - 1))


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
def test_bombs_cost_no_memory(tmp_path: Path) -> None:
    """All bombs in one child process: its peak stays near that of the imports alone."""
    names = []
    for number, (_, data, words) in enumerate(HOSTILE):
        if words in (hostile.PIXELS, "10000 by 10000"):
            names.append(str(tmp_path / f"{number}.bin"))
            Path(names[-1]).write_bytes(data)
    script = """if True:
        import pathlib, resource, sys
        from ocr_worker.errors import PictureError
        from ocr_worker.reading.decoding import decode
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for name in sys.argv[1:]:
            try:
                decode(pathlib.Path(name).read_bytes())
            except PictureError:
                pass
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    """
    command = [sys.executable, "-c", script, *names]
    grown_kb = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown_kb < 60_000


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(pictures.FORMATS)), st.data())
def test_mutated_pictures_raise_nothing_else(fmt: str, data: st.DataObject) -> None:
    raw = bytearray(valid(fmt))
    places = st.one_of(st.integers(0, min(len(raw) - 1, 200)), st.integers(0, len(raw) - 1))
    for at in data.draw(st.lists(places, min_size=1, max_size=12)):
        raw[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw) * 2))
    try:
        pixels = decode(bytes(raw[:cut]), Limits(max_pixels=4_000_000, max_seconds=5))
    except PictureError as error:
        assert_one_sentence(str(error))
    else:
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 3


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"BM")
@example(b"\0\0\0\x08ftyp")
def test_any_bytes_raise_nothing_else(raw: bytes) -> None:
    with pytest.raises(PictureError) as caught:
        decode(raw)
    assert_one_sentence(str(caught.value))


def test_files_are_read_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "deck.png"
    path.write_bytes(valid("PNG"))
    assert read_file(path) == valid("PNG")
    with pytest.raises(PictureError, match="larger than"):
        read_file(path, Limits(max_bytes=100))
    with pytest.raises(PictureError, match="does not exist"):
        read_file(tmp_path / "none.png")
    with pytest.raises(PictureError, match="not a file"):
        read_file(tmp_path)
