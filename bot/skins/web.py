"""The local chat page."""

from bot.conversation.conversation import Conversation
from bot.skins import Skin, SkinKind
from config.settings import Settings


def create(settings: Settings, conversation: Conversation) -> Skin:
    """The page, on the bot's own HTTP server."""
    from bot.web.skin import WebSkin

    return WebSkin(settings, conversation)


SKIN = SkinKind("web", lambda settings: settings.web_page, create)
