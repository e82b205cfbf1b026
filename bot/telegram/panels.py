"""Shows answers to commands and presses: panels, questions, remarks."""

from dataclasses import dataclass

from telegram import Message
from telegram.error import TelegramError

from bot.conversation.model import Form, Reply
from bot.telegram import callbacks
from bot.telegram.callbacks import Holder
from bot.telegram.chatting import Chatting, Spot
from bot.telegram.forms import Asked, answer_field, question
from bot.telegram.reading import Bot
from bot.telegram.refusals import is_gone
from bot.telegram.rendering import Rendered, html_of, rendered


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel that is there already; ``is_media`` says that it is a file with a caption."""

    chat: int
    message: int
    is_media: bool = False


@dataclass(frozen=True, slots=True)
class Panels:
    """Sends and changes panels."""

    chatting: Chatting
    bot: Bot

    async def show(self, reply: Reply, spot: Spot, holder: Holder, before: Panel | None = None) -> None:
        """Show a panel, in place of the one that was there; what cannot be pressed, such as a list, stays beside it."""
        shown = rendered(reply, holder)
        if before is None or shown.markup is None:
            await self._send(shown, spot)
            return
        try:
            await self._replace(shown, spot, before)
        except TelegramError as error:
            if not is_gone(error):
                raise
            await self._send(shown, spot)

    async def remark(self, text: str, spot: Spot) -> None:
        """Say a sentence."""
        await self.chatting.say(spot, html_of(text))

    async def ask(self, form: Form, asked: Asked, name: str, spot: Spot) -> None:
        """Ask for a line of text."""
        await self.chatting.say(spot, question(form, asked, self.bot, name), answer_field(form))

    async def close(self, panel: Panel) -> None:
        """Remove a panel; where that is too late, its buttons."""
        if await self.chatting.delete(panel.chat, panel.message):
            return
        try:
            await self.chatting.edit_keyboard(panel.chat, panel.message, None)
        except TelegramError as error:
            if not is_gone(error):
                raise

    async def _replace(self, shown: Rendered, spot: Spot, before: Panel) -> None:
        media = _media(shown)
        if media is None and not before.is_media:
            await self.chatting.edit(before.chat, before.message, shown)
            await self._send_files(shown, spot)
        elif media is not None and before.is_media:
            await self.chatting.edit_picture(before.chat, before.message, shown.files[0], shown)
        else:
            await self._send(shown, spot)
            await self.chatting.delete(before.chat, before.message)

    async def _send(self, shown: Rendered, spot: Spot) -> None:
        if _media(shown) is not None:
            await self.chatting.send_file(spot, shown.files[0], shown.text, shown.markup)
            return
        await self.chatting.say(spot, shown.text, shown.markup)
        await self._send_files(shown, spot)

    async def _send_files(self, shown: Rendered, spot: Spot) -> None:
        for file in shown.files:
            await self.chatting.send_file(spot, file)


def panel_of(message: Message) -> Panel:
    """The panel that a message is."""
    return Panel(message.chat_id, message.message_id, bool(message.photo or message.document))


def holder_for(user: int, token: str, *, is_by_chat: bool) -> Holder:
    """What a new panel carries; one whose way back does not fit into a button shows all at once."""
    holder = callbacks.of_panel(user, token, is_by_chat=is_by_chat)
    try:
        callbacks.folding_data(None, holder)
    except ValueError:
        return Holder(user, is_by_chat)
    return holder


def _media(shown: Rendered) -> object | None:
    """The file that is the message, with the text below it."""
    return shown.files[0] if len(shown.files) == 1 and shown.fits_caption else None
