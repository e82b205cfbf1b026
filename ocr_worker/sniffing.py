"""What a file is, judged by its first bytes; names and declared types are never believed."""

import string
from dataclasses import dataclass

#: Bytes that are looked at; every signature below lies within.
HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: ``name`` as people call it, ``decoder`` the Pillow format that reads it, if any."""

    name: str
    decoder: str | None = None


PNG = Kind("PNG picture", "PNG")
JPEG = Kind("JPEG picture", "JPEG")
GIF = Kind("GIF picture", "GIF")
BMP = Kind("BMP picture", "BMP")
TIFF = Kind("TIFF picture", "TIFF")
WEBP = Kind("WebP picture", "WEBP")
AVIF = Kind("AVIF picture", "AVIF")
HEIC = Kind("HEIC picture", "HEIF")
VIDEO = Kind("video")
WEB_PAGE = Kind("web page")
TEXT = Kind("text file")
UNKNOWN = Kind("unknown kind")

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
    (b"%PDF", Kind("PDF")),
    (b"PK\x03\x04", Kind("ZIP archive or office document")),
    (b"PK\x05\x06", Kind("ZIP archive or office document")),
    (b"Rar!\x1a\x07", Kind("RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", Kind("7z archive")),
    (b"\x1f\x8b", Kind("compressed archive")),
    (b"\x1aE\xdf\xa3", VIDEO),
    (b"8BPS", Kind("Photoshop document")),
    (b"\xff\x0a", Kind("JPEG XL picture")),
    (b"\x00\x00\x00\x0cJXL ", Kind("JPEG XL picture")),
    (b"\x00\x00\x00\x0cjP  ", Kind("JPEG 2000 picture")),
    (b"MZ", Kind("program")),
    (b"\x7fELF", Kind("program")),
    (b"OggS", Kind("sound or video")),
    (b"ID3", Kind("sound")),
)
_RIFF = {b"WEBP": WEBP, b"AVI ": VIDEO, b"WAVE": Kind("sound")}
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_BMP_HEADER_SIZES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_CONTROL = frozenset(map(chr, range(32))) - frozenset(string.whitespace)


def sniff(data: bytes) -> Kind:
    """Return what ``data`` is; ``UNKNOWN`` where nothing fits."""
    head = data[:HEAD_BYTES]
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return _by_brands(head)
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return BMP
    return _by_text(head)


def _by_brands(head: bytes) -> Kind:
    """Tell AVIF, HEIC and video apart, which share one container, by the brands that its first box lists."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    major, others = head[8:12], {head[at : at + 4] for at in range(16, length - 3, 4)}
    if major in _AVIF_BRANDS or (major in _HEIC_BRANDS and others & _AVIF_BRANDS):
        return AVIF
    if major in _HEIC_BRANDS or others & _HEIC_BRANDS:
        return HEIC
    return VIDEO


def _by_text(head: bytes) -> Kind:
    text = _as_text(head)
    if text is None:
        return UNKNOWN
    start = text.lstrip().casefold()
    if "<svg" in start[:1000]:
        return Kind("SVG drawing")
    if start.startswith(("<!doctype", "<html", "<head", "<body", "<?xml", "<script")):
        return WEB_PAGE
    return TEXT


def _as_text(head: bytes) -> str | None:
    """Return the text that ``head`` holds, or None where it is not text."""
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), "utf-8")
    text = head.decode(encoding, errors="ignore")
    # Bytes that do not decode are dropped: text in an old 8-bit encoding loses a little, other data a lot.
    if len(text.encode(encoding)) < 0.7 * len(head) or any(letter in _CONTROL for letter in text):
        return None
    return text
