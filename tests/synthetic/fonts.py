"""Free typefaces from data packages on the package index, found through their installed metadata."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from PIL import ImageFont


class FontMissingError(RuntimeError):
    """A font package of the development dependencies is not installed, or lost a file."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """One style of a family: the package that carries it, its file there, the weight of a variable file."""

    package: str
    file: str
    weight: int | None = None


PT_SERIF_BOLD = Typeface("fontpkg-pt-serif", "PT_Serif-Web-Bold.ttf")
PT_SERIF = Typeface("fontpkg-pt-serif", "PT_Serif-Web-Regular.ttf")
SOURCE_SERIF_BOLD = Typeface("font-source-serif-pro", "SourceSerifPro-Bold.ttf")
SOURCE_SERIF_SEMIBOLD = Typeface("font-source-serif-pro", "SourceSerifPro-Semibold.ttf")
SOURCE_SERIF = Typeface("font-source-serif-pro", "SourceSerifPro-Regular.ttf")
CALADEA_BOLD = Typeface("font-caladea", "Caladea-Bold.ttf")
CALADEA = Typeface("font-caladea", "Caladea-Regular.ttf")
ALEGREYA_SANS_BOLD = Typeface("fontpkg-alegreya-sans", "AlegreyaSans-ExtraBold.ttf")
SOURCE_SANS_SEMIBOLD = Typeface("font-source-sans-pro", "SourceSansPro-Semibold.ttf")
SOURCE_SANS_BOLD = Typeface("font-source-sans-pro", "SourceSansPro-Bold.ttf")
SOURCE_SANS = Typeface("font-source-sans-pro", "SourceSansPro-Regular.ttf")
ARIMO = Typeface("fontpkg-arimo", "Arimo[wght].ttf", 400)
ARIMO_BOLD = Typeface("fontpkg-arimo", "Arimo[wght].ttf", 700)
MONTSERRAT = Typeface("fontpkg-montserrat", "Montserrat[wght].ttf", 500)
MONTSERRAT_BOLD = Typeface("fontpkg-montserrat", "Montserrat[wght].ttf", 700)
OPEN_SANS = Typeface("fontpkg-open-sans", "OpenSans[wdth,wght].ttf", 400)
OPEN_SANS_SEMIBOLD = Typeface("fontpkg-open-sans", "OpenSans[wdth,wght].ttf", 600)
OPEN_SANS_BOLD = Typeface("fontpkg-open-sans", "OpenSans[wdth,wght].ttf", 700)
ROBOTO = Typeface("fontpkg-roboto", "Roboto[wdth,wght].ttf", 400)
ROBOTO_MEDIUM = Typeface("fontpkg-roboto", "Roboto[wdth,wght].ttf", 500)
ROBOTO_BOLD = Typeface("fontpkg-roboto", "Roboto[wdth,wght].ttf", 700)

#: Bold serifs (and one flared sans) that come near the lettering of card titles.
TITLES = (PT_SERIF_BOLD, SOURCE_SERIF_BOLD, CALADEA_BOLD, PT_SERIF_BOLD, ALEGREYA_SANS_BOLD)
#: Regular and bold of the families that deck sites and chat programs use.
WEB = (
    (ROBOTO, ROBOTO_BOLD),
    (OPEN_SANS, OPEN_SANS_BOLD),
    (SOURCE_SANS, SOURCE_SANS_BOLD),
    (ARIMO, ARIMO_BOLD),
)


@lru_cache(maxsize=64)
def font_path(face: Typeface) -> Path:
    """The installed file of a typeface."""
    try:
        files = distribution(face.package).files or []
    except PackageNotFoundError as missing:
        raise FontMissingError(
            f"the font package {face.package} is not installed; install the development dependencies"
        ) from missing
    for file in files:
        if file.name == face.file:
            return Path(str(file.locate()))
    raise FontMissingError(f"the font package {face.package} has no file {face.file}")


@lru_cache(maxsize=512)
def load_font(face: Typeface, size: float) -> ImageFont.FreeTypeFont:
    """A typeface at a size in pixels, kept for the next time."""
    font = ImageFont.truetype(str(font_path(face)), size, layout_engine=ImageFont.Layout.BASIC)
    if face.weight is not None:
        font.set_variation_by_axes([_axis_value(axis, face.weight) for axis in font.get_variation_axes()])
    return font


def _axis_value(axis: ImageFont.Axis, weight: int) -> float:
    is_weight = (axis["name"] or b"") == b"Weight"
    return weight if is_weight else axis["default"] or 0
