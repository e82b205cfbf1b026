"""Photos of printed cards that lie in columns on a table or a playmat."""

from collections.abc import Sequence
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .art import add_grain, cloudy, random_art, texture
from .canvas import Canvas
from .cards import HEIGHT, draw_card
from .deck import DeckShape, DrawnDeck, Slot, random_deck
from .degrade import skew, uneven_light
from .fonts import ARIMO_BOLD
from .picture import Drawn
from .pool import Pool
from .styles import print_style
from .truth import Truth

KIND = "paper-photo"
_MATS = ("art", "cloth", "wood")


def draw(rng: Random, pool: Pool) -> Drawn:
    """A photo of a random limited or cube deck."""
    size = rng.choice((30, 36, 40, 40, 45))
    lands = rng.randint(4, 9)
    shape = DeckShape(size, 0, 1, lands, basics_only=rng.random() < 0.6, widest=33)
    return _Table(rng, random_deck(rng, pool, shape)).draw()


class _Table:
    def __init__(self, rng: Random, deck: DrawnDeck) -> None:
        self.rng, self.deck = rng, deck
        self.truth = Truth(KIND, deck)
        self.style = print_style(rng)
        self.card = rng.uniform(190, 280)
        self.has_sleeves = rng.random() < 0.6
        self.uses_dice = rng.random() < 0.3

    def draw(self) -> Drawn:
        rng, card = self.rng, self.card
        columns = self._columns()
        strip = card * rng.uniform(0.235, 0.3)
        rows = max(len(column) for column in columns)
        width = card * (1.16 * len(columns) + 0.4)
        height = strip * (rows - 1) + card * (HEIGHT + 0.42)
        self.page = self._mat(round(width), round(height)).filter(ImageFilter.GaussianBlur(1.5))
        for place, column in enumerate(columns):
            self._lay(column, card * (0.25 + 1.16 * place), card * rng.uniform(0.14, 0.22), strip)
        image = _trimmed(skew(rng, self.page, 0.02, (26, 24, 24)), 0.022)
        image = uneven_light(rng, self._tinted(image), rng.uniform(0.1, 0.4))
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.7)))
        image = add_grain(rng, image, rng.uniform(2, 8))
        return Drawn(image, self.truth, card * self.style.title_size * 0.72, is_screen=False)

    def _columns(self) -> list[list[Slot]]:
        """Single cards by cost, cards that lie on their side at the ends of columns."""
        with_dice = [slot for slot in self.deck.main if self._has_die(slot)]
        copies = [Slot(1, slot.card) for slot in self.deck.main if slot not in with_dice for _ in range(slot.count)]
        number = max(3, -(-len(copies) // self.rng.randint(7, 9)))
        each = -(-len(copies) // number)
        columns = [copies[start : start + each] for start in range(0, len(copies), each)]
        columns = [sorted(column, key=lambda slot: slot.card.is_split) for column in columns]
        for place, slot in enumerate(with_dice):
            self.truth.mark("main", slot.card, "unreadable-count")
            columns[place % len(columns)].append(slot)
        return columns

    def _has_die(self, slot: Slot) -> bool:
        return self.uses_dice and slot.card.is_basic and slot.count > 1

    def _mat(self, width: int, height: int) -> Image.Image:
        rng, kind = self.rng, self.rng.choice(_MATS)
        if kind == "art":
            small = random_art(rng, width // 4, height // 4, rng.choice("WUBRG"))
            return small.resize((width, height), Image.Resampling.BICUBIC)
        if kind == "cloth":
            base = rng.choice(((28, 30, 34), (24, 44, 70), (60, 24, 28), (34, 56, 40)))
            return texture(rng, width, height, base, 6)
        planks = cloudy(rng, 24, max(8, height // 6), ((92, 62, 38), (130, 92, 58), (104, 72, 46)))
        return planks.resize((width, height), Image.Resampling.BICUBIC)

    def _lay(self, column: Sequence[Slot], x: float, y: float, strip: float) -> None:
        rng = self.rng
        lean = rng.uniform(-1.2, 1.2)
        for place, slot in enumerate(column):
            card = self._card(slot).rotate(lean + rng.gauss(0, 0.5), Image.Resampling.BICUBIC, expand=True)
            at = round(x + rng.gauss(0, self.card * 0.015)), round(y + strip * place + rng.gauss(0, 2))
            shadow = Image.new("RGBA", card.size, (0, 0, 0, 0))
            shadow.putalpha(card.getchannel("A").point(lambda value: value // 3))
            self.page.paste((0, 0, 0), (at[0] + 4, at[1] + 5), shadow)
            self.page.paste(card, at, card)
            if slot.count > 1:
                self._die(slot.count, at)

    def _card(self, slot: Slot) -> Image.Image:
        face = draw_card(self.rng, slot.card, self.style, self.card, None, self.deck.card_names).image
        if not self.has_sleeves:
            return face
        rim = round(self.card * 0.022)
        sleeve = Image.new("RGBA", (face.width + 2 * rim, face.height + 3 * rim), (0, 0, 0, 0))
        box = (0, 0, sleeve.width - 1, sleeve.height - 1)
        ImageDraw.Draw(sleeve).rounded_rectangle(box, rim, (26, 26, 28, 255))
        sleeve.paste(face, (rim, 2 * rim), face)
        return sleeve

    def _die(self, count: int, at: tuple[int, int]) -> None:
        """A die on a basic land that tells how many there are, with other numbers around."""
        size = self.card * 0.34
        canvas = Canvas(1, 1, (0, 0, 0), size)
        tint = self.rng.choice(((150, 24, 30), (24, 24, 28), (30, 60, 130)))
        canvas.polygon([(0.5, 0.02), (0.93, 0.26), (0.93, 0.74), (0.5, 0.98), (0.07, 0.74), (0.07, 0.26)], tint)
        canvas.polygon([(0.5, 0.2), (0.8, 0.7), (0.2, 0.7)], (255, 255, 255, 40))
        canvas.text((0.5, 0.53), str(count), ARIMO_BOLD, 0.26, (240, 240, 240), "mm")
        for x, y in ((0.22, 0.4), (0.78, 0.4), (0.5, 0.84)):
            canvas.text((x, y), str(self.rng.randint(8, 20)), ARIMO_BOLD, 0.14, (225, 225, 225), "mm")
        mask = Image.new("L", canvas.image.size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), 255)
        place = at[0] + round(self.card * 0.33), at[1] + round(self.card * 0.4)
        self.page.paste(canvas.image, place, mask)

    def _tinted(self, image: Image.Image) -> Image.Image:
        """Warm or cold lamps."""
        red, blue = self.rng.uniform(0.9, 1.0), self.rng.uniform(0.82, 1.0)
        tint = (round(255 * red), round(255 * self.rng.uniform(0.92, 1.0)), round(255 * blue))
        return ImageChops.multiply(image, Image.new("RGB", image.size, tint))


def _trimmed(image: Image.Image, share: float) -> Image.Image:
    """The picture without its rim, where the skew left nothing to see."""
    rim = round(share * max(image.size))
    return image.crop((rim, rim, image.width - rim, image.height - rim))
