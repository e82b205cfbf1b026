"""A card as the catalogue knows it: facts that name and place it, no rules text."""

from dataclasses import dataclass

#: Layouts whose faces are printed side by side on one card: both halves are its name everywhere.
SPLIT_LAYOUTS = frozenset({"split", "aftermath"})

BASIC_NAMES = frozenset(
    f"{snow}{land}"
    for snow in ("", "Snow-Covered ")
    for land in ("Plains", "Island", "Swamp", "Mountain", "Forest", "Wastes")
)


@dataclass(frozen=True, slots=True)
class Printing:
    """One printing of a card: Scryfall's code of the set in small letters, the number there as it is printed.

    Numbers are texts (``290``, ``1532★``, ``A-248``). ``is_on_arena`` says that this very printing can be had there.
    """

    set_code: str
    number: str
    is_on_arena: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One card.

    ``name`` is the full oracle name (``Fire // Ice``, ``Bonecrusher Giant // Stomp``), ``layout`` the word
    that Scryfall uses for it, ``colour_identity`` a subset of ``WUBRG`` in that order, ``printed_names`` the
    names on re-skinned printings. ``type_line`` and ``mana_cost`` are those of the front face. ``max_copies``
    is how many of it a constructed deck may hold (None: any number), ``can_be_companion`` that it has the
    companion ability. ``mtgo_id`` is Magic Online's catalogue number, where the source knows it. ``is_funny``
    marks cards of Un-sets, playtests and the like, ``melds_into`` names what two meld cards become.
    ``printing`` is one that people know it by, where the source tells one; no picture is meant by it.
    """

    name: str
    layout: str = "normal"
    type_line: str = ""
    mana_cost: str = ""
    colour_identity: str = ""
    printed_names: tuple[str, ...] = ()
    max_copies: int | None = 4
    can_be_companion: bool = False
    mtgo_id: int | None = None
    is_funny: bool = False
    melds_into: str = ""
    printing: Printing | None = None

    @property
    def faces(self) -> tuple[str, ...]:
        """Names of the faces, front first; one for cards with a single face."""
        return tuple(self.name.split(" // "))

    @property
    def front(self) -> str:
        """Name of the front face."""
        return self.faces[0]

    @property
    def is_split(self) -> bool:
        """Both halves stand side by side on the front (split cards, aftermath, rooms)."""
        return self.layout in SPLIT_LAYOUTS

    @property
    def is_basic(self) -> bool:
        """A basic land, of which a deck may hold any number."""
        return self.name in BASIC_NAMES

    @property
    def is_land(self) -> bool:
        """The front face is a land."""
        return "Land" in self.type_line.split(" // ")[0]
