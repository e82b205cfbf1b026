"""Files that must not hurt the reader: name, bytes, and words that the answer must hold."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.ocr_worker.reading.pictures import FORMATS, encode, noise, valid

CUT = "cut off"
PIXELS = "pixels"
NO_PICTURE = "cannot be read as a picture"


def png_chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk with its length and checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *extra: bytes, depth: int = 8) -> bytes:
    """A grey PNG that declares any size, with ``extra`` chunks before its (too short) pixels."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + png_chunk(b"IEND", b"")


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("deck.png", valid("PNG"))
    return file.getvalue()


def _bmp(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def _tiff(width: int, height: int) -> bytes:
    entries = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 1),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, height),
    ]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", 0)


def _gif(width: int, height: int, *blocks: bytes) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00"
    return head + b"".join(blocks) + frame + b";"


def _webp(width: int, height: int) -> bytes:
    size = struct.pack("<I", (width - 1) | (height - 1) << 14)
    pixels = b"VP8L" + struct.pack("<I", 14) + b"\x2f" + size + bytes(9)
    return b"RIFF" + struct.pack("<I", 4 + len(pixels)) + b"WEBP" + pixels


def gif_comments() -> bytes:
    """A GIF of comments, each of which is appended to all before: quadratic time for who collects them."""
    return _gif(96, 72, b"\x21\xfe\xff" + b"x" * 255 + b"\0", b"\x21\xfe\x01y\0" * 400_000)


def png_texts() -> bytes:
    """A PNG of half a million chunks."""
    return png(96, 72, png_chunk(b"tEXt", b"a\0b") * 500_000)


def jpeg_scans() -> bytes:
    """A progressive JPEG whose last scan, which is empty and covers all pixels, comes 20,000 times."""
    data = encode(Image.new("RGB", (2000, 2000)), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xc4") : -2]
    return data[:-2] + scan * 20_000 + b"\xff\xd9"


#: Files that are small and valid enough, and would take minutes.
FLOODS = {"GIF comments": gif_comments, "PNG texts": png_texts, "JPEG scans": jpeg_scans}


def _not_pictures() -> Iterator[tuple[str, bytes, str]]:
    yield "empty", b"", "empty"
    yield "text", b"4 Lightning Bolt\n4 Opt\n", NO_PICTURE + " (text file)"
    yield "utf-16 text", "4 Lightning Bolt\n".encode("utf-16"), NO_PICTURE + " (text file)"
    yield "text that begins like a bitmap", b"BM is not a bitmap, it is a text about one", "text file"
    yield "html", b"<!DOCTYPE html><html><img src=deck.png></html>", "web page"
    yield "svg", b'<?xml version="1.0"?><svg xmlns="x"><image href="file:///etc/passwd"/></svg>', "SVG"
    yield "pdf", b"%PDF-1.7\n1 0 obj\n", "PDF"
    yield "zip", _zip(), "ZIP"
    yield "gzip", b"\x1f\x8b\x08" + b"\0" * 100, "archive"
    yield "mp4", b"\0\0\0\x18ftypisom\0\0\2\0isommp42" + b"\0" * 100, "video"
    yield "webm", b"\x1aE\xdf\xa3" + b"\0" * 100, "video"
    yield "avi", b"RIFF\x64\0\0\0AVI LIST" + b"\0" * 100, "video"
    yield "wav", b"RIFF\x64\0\0\0WAVEfmt " + b"\0" * 100, "sound"
    yield "photoshop", b"8BPS\0\1" + b"\0" * 100, "Photoshop"
    yield "jpeg xl", b"\xff\x0a" + b"\0" * 100, "JPEG XL"
    yield "program", b"\x7fELF" + b"\0" * 100, "program"
    yield "postscript", b"%!PS-Adobe-3.0\n(%pipe%id) (w) file\n", NO_PICTURE
    yield "zeros", bytes(5000), NO_PICTURE
    yield "one byte", b"\x89", NO_PICTURE
    for fmt in FORMATS:
        yield f"only the first 12 bytes of a {fmt}", valid(fmt)[:12], ": send"


def _cut() -> Iterator[tuple[str, bytes, str]]:
    for fmt, options in FORMATS.items():
        whole = encode(noise(), fmt, **options)
        for share in (0.5, 0.97):
            yield f"{fmt} cut at {share:.0%}", whole[: int(len(whole) * share)], CUT
    progressive = encode(noise(), "JPEG", progressive=True)
    yield "progressive JPEG without its last scan", progressive[: int(len(progressive) * 0.9)], CUT
    jpeg = encode(noise(), "JPEG")
    half = len(jpeg) // 2
    yield "JPEG whose second half is zeros", jpeg[:half] + bytes(half), CUT
    interlaced = encode(noise(), "PNG")
    yield "PNG with a wrong checksum", interlaced[:2000] + b"\0\0\0\0" + interlaced[2004:], "damaged"


def _bombs() -> Iterator[tuple[str, bytes, str]]:
    yield "PNG of 30000 by 30000", png(30_000, 30_000), PIXELS
    yield "PNG of two thousand million squared", png(2**31 - 1, 2**31 - 1), PIXELS
    yield "PNG of 10000 by 10000", png(10_000, 10_000), "10000 by 10000"
    yield "PNG of 1 bit, 60000 by 60000", png(60_000, 60_000, depth=1), PIXELS
    yield "BMP of 40000 by 40000", _bmp(40_000, 40_000), PIXELS
    yield "TIFF of 60000 by 60000", _tiff(60_000, 60_000), PIXELS
    yield "GIF of 65535 by 65535", _gif(65_535, 65_535), PIXELS
    yield "WebP of 16000 by 16000", _webp(16_000, 16_000), PIXELS
    jpeg = bytearray(encode(noise(), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"
    yield "JPEG that declares 65535 by 65535", bytes(jpeg), PIXELS
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(30_000_000), 9))
    yield "PNG with a text of 30 MB", png(96, 72, text), ": send"
    profile = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(30_000_000), 9))
    yield "PNG with a colour profile of 30 MB", png(96, 72, profile), ": send"


def _small() -> Iterator[tuple[str, bytes, str]]:
    yield "one pixel", encode(Image.new("RGB", (1, 1)), "PNG"), "too small"
    yield "an icon", encode(Image.new("RGB", (32, 32)), "PNG"), "too small"
    yield "a line", encode(Image.new("RGB", (5000, 2)), "PNG"), "too small"


def corpus() -> list[tuple[str, bytes, str]]:
    """All hostile and useless files with a part of the sentence that each must be answered with."""
    return [*_not_pictures(), *_cut(), *_bombs(), *_small()]
