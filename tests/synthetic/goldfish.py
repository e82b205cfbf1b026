"""A site's deck picture: piles of four copies, the sideboard in a zigzag, type totals in a dark band."""

from random import Random

from PIL import Image

from .art import cloudy, random_art
from .canvas import Canvas
from .cards import HEIGHT, Face, draw_card
from .deck import DrawnDeck, Slot, total
from .fonts import OPEN_SANS, OPEN_SANS_BOLD
from .picture import Drawn
from .styles import print_style
from .truth import Truth
from .web_parts import type_of
from .words import player_name, price

_STRIP = 0.203
_TOP = 286.0
_TYPES = ("Land", "Artifact", "Creature", "Enchantment", "Sorcery", "Instant", "Planeswalker", "Battle")


def draw_piles(rng: Random, deck: DrawnDeck) -> Drawn:
    """A picture of this deck."""
    return _Poster(rng, deck).draw()


class _Poster:
    def __init__(self, rng: Random, deck: DrawnDeck) -> None:
        self.rng, self.deck = rng, deck
        self.style = print_style(rng)
        self.card = rng.uniform(160, 200)
        self.across = rng.randint(4, 6)
        self.truth = Truth("website-visual", deck)
        self.faces: dict[str, Face] = {}

    def draw(self) -> Drawn:
        card, rng = self.card, self.rng
        copies = [slot for slot in self.deck.main for _ in range(slot.count)]
        piles = [copies[start : start + 4] for start in range(0, len(copies), 4)]
        pile = card * (HEIGHT + 3 * _STRIP) + 8
        rows = -(-len(piles) // self.across)
        side = [slot for slot in self.deck.side for _ in range(slot.count)]
        step = card * 0.34
        low = max(rows * pile, step * (len(side) - 1) + card * HEIGHT)
        self.left = 40.0
        side_left = self.left + self.across * (card + 4) + 104
        self.width, self.height = side_left + card * 1.52 + 24, _TOP + low + 84
        self.canvas = Canvas(self.width, self.height, (240, 240, 240), 1.6)
        self._ground()
        self._head()
        for place, slots in enumerate(piles):
            down, right = divmod(place, self.across)
            self._pile(slots, self.left + right * (card + 4), _TOP + down * pile)
        self._label(side_left - 46, _TOP + low / 2)
        for place, slot in enumerate(side):
            self.canvas.paste(self._face(slot).image, side_left + place % 2 * card * 0.5, _TOP + place * step)
        self._foot()
        cut = rng.choice((0, 0, 30))
        image = self.canvas.finish(round(self.width), round(self.height))
        image = image.crop((0, 0, image.width - cut, image.height))
        return Drawn(image, self.truth, card * self.style.title_size * 0.75)

    def _ground(self) -> None:
        light = ((250, 228, 214), (228, 228, 226), (206, 224, 246))
        size = self.canvas.image.size
        wash = cloudy(self.rng, size[0] // 8, size[1] // 8, light)
        self.canvas.paste(wash.resize(size, Image.Resampling.BICUBIC), 0, 0)

    def _head(self) -> None:
        canvas, rng = self.canvas, self.rng
        canvas.rectangle((0, 0, self.width, 146), (255, 255, 248))
        canvas.rectangle((0, 146, self.width, 242), (48, 48, 46))
        canvas.paste(random_art(rng, round(330 * 1.6), round(242 * 1.6), rng.choice("WUBRG")), 0, 0)
        canvas.text((412, 54), self.deck.title, OPEN_SANS_BOLD, 66, (50, 50, 48))
        line = f"Standard, {price(rng)} ({rng.randint(2, 400)} tix), {player_name(rng)}"
        canvas.text((412, 116), line, OPEN_SANS, 21, (60, 60, 58))
        canvas.rectangle((376, 178, 496, 210), (222, 90, 84))
        canvas.rectangle((500, 178, 600, 210), (62, 184, 244))
        for place, (_, number) in enumerate(self._totals()):
            x = 626 + place * 68
            if x + 60 < self.width:
                canvas.ellipse((x, 178, x + 32, 210), (240, 240, 240))
                canvas.text((x + 38, 194), str(number), OPEN_SANS_BOLD, 19, (255, 255, 255))

    def _totals(self) -> list[tuple[str, int]]:
        """Cards of main deck and sideboard together, by type, as the picture counts them."""
        counts: dict[str, int] = {}
        for slot in (*self.deck.main, *self.deck.side):
            counts[type_of(slot)] = counts.get(type_of(slot), 0) + slot.count
        shown = {word.lower(): counts[word] for word in _TYPES if word in counts}
        self.truth.displayed.update(shown, type_totals_sum=sum(shown.values()))
        return list(shown.items())

    def _pile(self, slots: list[Slot], x: float, y: float) -> None:
        for slot in slots:
            self.canvas.paste(self._face(slot).image, x, y)
            y += self.card * _STRIP

    def _face(self, slot: Slot) -> Face:
        if slot.card.name not in self.faces:
            width = self.card * self.canvas.scale
            self.faces[slot.card.name] = draw_card(self.rng, slot.card, self.style, width, None, self.deck.card_names)
        return self.faces[slot.card.name]

    def _label(self, x: float, y: float) -> None:
        """The word SIDEBOARD, standing on its end."""
        scale = self.canvas.scale
        page = Canvas(190, 34, (238, 232, 228), scale)
        page.text((4, 17), "SIDEBOARD", OPEN_SANS_BOLD, 29, (40, 40, 38))
        turned = page.image.transpose(Image.Transpose.ROTATE_90)
        if total(self.deck.side):
            self.canvas.paste(turned, x, y - 95)

    def _foot(self) -> None:
        canvas, y = self.canvas, self.height - 18
        canvas.rectangle((0, self.height - 36, self.width, self.height), (48, 48, 46))
        x = 12.0
        for word, number in self._totals():
            text = f"{word.capitalize()}  {number}"
            canvas.text((x, y), text, OPEN_SANS_BOLD, 18, (250, 250, 250))
            x += canvas.width_of(text, OPEN_SANS_BOLD, 18) + 44
