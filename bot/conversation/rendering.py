"""What the message of a post shows: progress, then the deck with what is in doubt and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from bot.conversation.corrections import lines_of
from bot.conversation.model import Choice, Option, OutFile, Reply, Select, Style
from bot.conversation.preferences import Preferences
from bot.conversation.texts import Texts
from bot.conversation.tokens import token
from bot.conversation.words import line_text, section_sizes
from ocr_worker.decks import Deck
from ocr_worker.errors import ExportError
from ocr_worker.exporters import export, formats
from storage.records import ConversionRecord, DeckRecord, State

LONGEST_BLOCK = 1700
"""Characters of a list that stands in the message; Discord allows 2,000 in all."""
_DOUBTS_SHOWN = 5
_OPTIONS = 25


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one conversion: pictures before it, what its reader does, and until when, or for how long, it is held."""

    place: int | None = None
    stage: str | None = None
    until: str | None = None
    wait: timedelta | None = None


def progress_reply(conversions: Sequence[ConversionRecord], progress: Sequence[Progress], texts: Texts) -> Reply:
    """While anything of the post is open."""
    done = sum(one.state.is_end for one in conversions)
    now = next(
        (_now(one, how, texts) for one, how in zip(conversions, progress, strict=True) if not one.state.is_end), ""
    )
    text = now if len(conversions) == 1 else texts("of_several", done=done, all=len(conversions), now=now)
    # What is held may be so for hours, in which nobody is busy with it.
    is_working = any(not one.state.is_end and one.state is not State.HELD for one in conversions)
    return Reply(text, is_working=is_working)


def _now(conversion: ConversionRecord, progress: Progress, texts: Texts) -> str:
    if conversion.state is State.ACCEPTED:
        return texts("accepted")
    if conversion.state is State.RUNNING:
        stage = progress.stage
        return texts(stage if stage in ("decoding", "reading", "matching") else "running")
    if conversion.state is State.HELD:
        if progress.until is not None:
            return texts("held", until=progress.until)
        return texts("held_in_crowd", when=texts.span("when_it_is_its_turn", progress.wait))
    return texts("waiting", place=progress.place) if progress.place else texts("next")


def problem_text(conversion: ConversionRecord, texts: Texts) -> str:
    """Why there is no deck."""
    if conversion.code and texts.has(conversion.code):
        try:
            return texts(conversion.code)
        except KeyError:  # a sentence with values, which only its place of origin knows
            pass
    return conversion.sentence or texts("fetch_failed")


def problem_reply(conversions: Sequence[ConversionRecord], texts: Texts) -> Reply:
    """All ended, none with a deck."""
    sentences = dict.fromkeys(problem_text(one, texts) for one in conversions)
    first = conversions[0]
    can_retry = any(one.state in (State.FAILED, State.CANCELLED) and one.picture_hash for one in conversions)
    choices = ((Choice(texts("retry"), token("retry", first.post)),),) if can_retry else ()
    return Reply("\n".join(sentences), choices=choices)


def deck_reply(
    stored: DeckRecord,
    deck: Deck,
    conversions: Sequence[ConversionRecord],
    preferences: Preferences,
    picture_is_kept: bool,
) -> Reply:
    """The deck in the preferred format, what is in doubt, and what can be done with it."""
    texts = preferences.texts
    block, files, notes = _list(deck, preferences.format, preferences)
    lines = [facts(deck, stored.revision, texts), *_doubts(deck, texts), *deck.warnings, *notes]
    lines += [
        texts("part_unread", name=one.picture_name or str(one.position + 1), why=problem_text(one, texts))
        for one in conversions
        if one.state.is_end and one.state is not State.DONE
    ]
    return Reply(
        "\n".join(line for line in lines if line),
        block=block,
        files=files,
        selects=tuple(_selects(stored, deck, texts)),
        choices=_choices(stored, texts, picture_is_kept),
    )


def facts(deck: Deck, revision: int, texts: Texts) -> str:
    """``60 main, 15 sideboard, 2 lines to check``"""
    doubtful = sum(not line.certain for _, line in deck)
    trust = (
        texts.counted("to_check", doubtful)
        if doubtful
        else texts("verified")
        if deck.verified
        else texts("not_verified")
    )
    words = [*section_sizes(deck, texts), trust]
    if revision:
        words.append(texts("corrected", count=revision))
    return ", ".join(words)


def deck_label(stored: DeckRecord) -> str:
    """The picture's name, or when it was sent."""
    return str(stored.deck.get("image") or f"{stored.created_at:%Y-%m-%d %H:%M} UTC")


def _doubts(deck: Deck, texts: Texts) -> list[str]:
    doubtful = [(ref, line) for ref, line in lines_of(deck) if not line.certain]
    shown = [
        texts("doubt_or", line=line_text(ref, line, texts), others=", ".join(line.candidates[:3]))
        if line.candidates
        else texts("doubt", line=line_text(ref, line, texts))
        for ref, line in doubtful[:_DOUBTS_SHOWN]
    ]
    if len(doubtful) > _DOUBTS_SHOWN:
        shown.append(texts("more_doubts", count=len(doubtful) - _DOUBTS_SHOWN))
    return shown


def export_reply(deck: Deck, format: str, preferences: Preferences) -> Reply:
    """The deck in one format, to copy or as a file."""
    block, files, notes = _list(deck, format, preferences)
    return Reply("\n".join([formats()[format].title, *notes]), block=block, files=files)


def _list(deck: Deck, format: str, preferences: Preferences) -> tuple[str, tuple[OutFile, ...], list[str]]:
    """The block, or the file in its place, and what must be said of it."""
    texts = preferences.texts
    try:
        result = export(deck, format, preferences.set_codes)
    except ExportError as error:
        return "", (), [texts("cannot_hold", format=formats()[format].title, why=error)]
    if result.in_code_block and len(result.text) <= LONGEST_BLOCK:
        return result.text, (), list(result.notes)
    file = OutFile(result.filename, result.text.encode(), media_type=result.media_type)
    said = [texts("in_file")] if result.in_code_block else []
    return "", (file,), [*said, *result.notes]


def _selects(stored: DeckRecord, deck: Deck, texts: Texts) -> list[Select]:
    selects = [format_select(texts("copy_as"), "format", stored.id)]
    doubtful = [(ref, line) for ref, line in lines_of(deck) if not line.certain]
    if doubtful:
        options = tuple(
            Option(
                line_text(ref, line, texts)[:100],
                token("line", stored.id, stored.revision, ref),
                ", ".join(line.candidates)[:100],
            )
            for ref, line in doubtful[:_OPTIONS]
        )
        selects.append(Select(texts("check_lines"), options))
    return selects


def format_select(prompt: str, verb: str, subject: UUID | None) -> Select:
    """All formats to choose from, for a deck or for nothing in particular."""
    known = list(formats().values())[:_OPTIONS]
    return Select(
        prompt, tuple(Option(one.title[:100], token(verb, subject, one.name), one.help[:100]) for one in known)
    )


def _choices(stored: DeckRecord, texts: Texts, picture_is_kept: bool) -> tuple[tuple[Choice, ...], ...]:
    first = [
        Choice(texts("fix"), token("fix", stored.id), Style.MAIN),
        Choice(texts("swap"), token("swap", stored.id, stored.revision)),
    ]
    if stored.revision:
        first.append(Choice(texts("undo"), token("undo", stored.id, stored.revision)))
    second = [Choice(texts("merge"), token("merge", stored.id))]
    if picture_is_kept:
        second.append(Choice(texts("show"), token("show", stored.id)))
    second.append(Choice(texts("delete"), token("delete", stored.id), Style.DANGER))
    return (tuple(first), tuple(second))
