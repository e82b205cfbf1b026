"""Changing lines of a deck."""

from collections.abc import Callable
from functools import partial

from bot.conversation import corrections
from bot.conversation.actions.registry import Context, verb
from bot.conversation.corrections import LineRef, lines_of
from bot.conversation.desk import Refused
from bot.conversation.drawing import CannotDraw
from bot.conversation.model import Answer, Choice, Form, Option, OutFile, Reply, Select, Style
from bot.conversation.tokens import name_key, token
from bot.conversation.words import line_text, section_name
from ocr_worker.cards import Card
from ocr_worker.decks import Deck, DeckLine, Section
from storage import conversions
from storage.records import DeckRecord

_PAGE = 24
_NEW = "n"
"""In place of a line: a card that is to be added."""


@verb("fix")
async def choose_line(context: Context) -> Answer:
    """Which line? Doubtful ones come first."""
    stored = await context.desk.own_deck(context.token.subject, context.who)
    deck = await context.desk.library.deck(stored.deck)
    page = context.token.number(0) if context.token.arguments else 0
    return Answer(panel=_line_panel(stored, deck, page, context))


def _line_panel(stored: DeckRecord, deck: Deck, page: int, context: Context) -> Reply:
    texts = context.who.texts
    found = lines_of(deck)
    shown = found[page * _PAGE : (page + 1) * _PAGE]
    options = tuple(
        Option(
            ("" if line.certain else "❓ ") + line_text(ref, line, texts)[:95],
            token("line", stored.id, stored.revision, ref),
            ", ".join(line.candidates)[:100],
        )
        for ref, line in shown
    )
    choices = [Choice(texts("add_card"), token("find", stored.id, stored.revision, _NEW))]
    if len(found) > (page + 1) * _PAGE:
        choices.append(Choice(texts("more"), token("fix", stored.id, page + 1)))
    choices.append(Choice(texts("close"), token("close")))
    selects = (Select(texts("which_line"), options),) if options else ()
    return Reply(texts("which_line"), selects=selects, choices=(tuple(choices),))


@verb("line")
async def show_line(context: Context) -> Answer:
    """One line with its crop and candidates, and what can be done with it."""
    stored, deck, ref, line = await _line(context)
    return Answer(panel=await _panel_of_line(stored, deck, ref, line, context))


async def _panel_of_line(stored: DeckRecord, deck: Deck, ref: LineRef, line: DeckLine, context: Context) -> Reply:
    texts, at = context.who.texts, (stored.id, stored.revision, ref)
    said = [texts("line_now", count=line.count, name=line.card.name, section=section_name(ref.section, texts))]
    if line.read and line.read != line.card.name:
        said.append(texts("was_read", read=line.read))
    options = tuple(Option(name[:100], token("pick", *at, name_key(name))) for name in line.candidates)
    counts = sorted({1, 2, 3, 4, line.count - 1, line.count + 1} - {0, line.count, -1})
    first = [
        *([] if line.certain else [Choice(texts("is_right"), token("right", *at), Style.MAIN)]),
        Choice(texts("search"), token("find", *at)),
        Choice(texts("remove_line"), token("count", *at, 0), Style.DANGER),
        Choice(texts("back"), token("fix", stored.id)),
    ]
    second = [Choice(f"{count}×", token("count", *at, count)) for count in counts[:5]]
    third = [
        Choice(texts("to_section", section=section_name(section, texts)), token("move", *at, section.value))
        for section in Section
        if section is not ref.section
    ]
    return Reply(
        "\n".join(said),
        files=await _crop(stored, deck, line, context),
        selects=(Select(texts("which_card"), options),) if options else (),
        choices=(tuple(first), tuple(second), tuple(third)),
    )


async def _crop(stored: DeckRecord, deck: Deck, line: DeckLine, context: Context) -> tuple[OutFile, ...]:
    """Where the picture shows the line; nothing where it is no longer kept."""
    if line.box is None:
        return ()
    conversion = await conversions.conversion(stored.conversion)
    picture = None if conversion.picture_hash is None else await context.blobs.get(conversion.picture_hash)
    if picture is None:
        return ()
    row = {"name": line.card.name, "count": line.count, "certain": False, "box": list(line.box)}
    try:
        data = await context.drawing.crops(picture, {"schema": 1, "main": [row]})
    except CannotDraw:
        return ()
    return (OutFile("line.png", data, is_picture=True, media_type="image/png"),)


@verb("right")
async def confirm(context: Context) -> Answer:
    """It is right as it is."""
    return await _change_line(context, "confirm", {}, corrections.confirm)


@verb("pick")
async def pick(context: Context) -> Answer:
    """It is another card."""
    card = await context.desk.library.card_of_key(context.token.arguments[-1])
    if card is None:
        raise Refused("old_button")
    if context.token.arguments[1] == _NEW:
        return await _add(context, card)
    return await _change_line(context, "card", {"card": card.name}, partial(_set_card, card=card))


def _set_card(deck: Deck, at: LineRef, card: Card) -> Deck:
    return corrections.set_card(deck, at, card)


async def _add(context: Context, card: Card) -> Answer:
    stored, deck = await context.desk.deck_at(context.token.subject, context.token.number(0), context.who)
    added = corrections.add(deck, Section.MAIN, card)
    stored = await context.desk.change(stored, "add", {"card": card.name}, added, context.who)
    ref = next(ref for ref, line in lines_of(added) if ref.section is Section.MAIN and line.card.name == card.name)
    return Answer(panel=await _panel_of_line(stored, added, ref, ref.line(added), context))


@verb("count")
async def count(context: Context) -> Answer:
    """Another number of copies; 0 removes the line."""
    copies = context.token.number(2)
    return await _change_line(
        context, "count", {"count": copies}, lambda deck, at: corrections.set_count(deck, at, copies)
    )


@verb("move")
async def move(context: Context) -> Answer:
    """Into another section."""
    section = Section(context.token.arguments[2])
    return await _change_line(
        context, "move", {"section": section.value}, lambda deck, at: corrections.move(deck, at, section)
    )


@verb("find")
async def find(context: Context) -> Answer:
    """Search a card: ask for its name, then offer what is like it."""
    texts, wanted = context.who.texts, context.press.values.get("text", "").strip()
    stored, _ = await context.desk.deck_at(context.token.subject, context.token.number(0), context.who)
    at = (stored.id, stored.revision, context.token.arguments[1])
    if not wanted:
        return Answer(form=Form(texts("search"), texts("search_prompt"), token("find", *at)))
    found = await context.desk.library.search(wanted)
    if not found:
        return Answer(notice=texts("nothing_found", text=wanted[:60]))
    options = tuple(
        Option(card.name[:100], token("pick", *at, name_key(card.name)), card.type_line[:100]) for card in found
    )
    back = (Choice(texts("back"), token("fix", stored.id)),)
    return Answer(
        panel=Reply(texts("choose_found"), selects=(Select(texts("choose_found"), options),), choices=(back,))
    )


async def _line(context: Context) -> tuple[DeckRecord, Deck, LineRef, DeckLine]:
    stored, deck = await context.desk.deck_at(context.token.subject, context.token.number(0), context.who)
    ref = LineRef.of(context.token.arguments[1])
    return stored, deck, ref, ref.line(deck)


async def _change_line(
    context: Context, kind: str, what: dict[str, object], change: Callable[[Deck, LineRef], Deck]
) -> Answer:
    stored, deck, ref, line = await _line(context)
    changed = change(deck, ref)
    told = {"line": str(ref), "from": ref.section.value, "name": line.card.name, **what}
    stored = await context.desk.change(stored, kind, told, changed, context.who)
    return Answer(panel=_line_panel(stored, changed, 0, context), notice=context.who.texts("changed"))
