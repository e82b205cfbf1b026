"""Telegram, where TELEGRAM_TOKEN is set."""

from bot.conversation.conversation import Conversation
from bot.skins import Skin, SkinKind
from chatops.on_call.emergency import Speaker
from config.settings import Settings


def _create(settings: Settings, conversation: Conversation) -> Skin:
    from bot.telegram.skin import telegram_skin  # loads the client library, which others need not

    return telegram_skin(settings, conversation)


def _speaker(settings: Settings) -> Speaker:
    from bot.telegram.speaking import TelegramSpeaker

    return TelegramSpeaker(settings)


SKIN = SkinKind("telegram", lambda settings: settings.telegram_token is not None, _create, _speaker)
