"""Discord."""

from bot.conversation.conversation import Conversation
from bot.skins import Skin, SkinKind
from chatops.on_call.emergency import Speaker
from config.settings import Settings


def create(settings: Settings, conversation: Conversation) -> Skin:
    """Its libraries are loaded only where Discord is asked for."""
    from bot.discord.skin import DiscordSkin

    return DiscordSkin(settings, conversation)


def speaker(settings: Settings) -> Speaker:
    """What says things there when nothing else works."""
    from bot.discord.speaking import DiscordSpeaker

    return DiscordSpeaker(settings)


SKIN = SkinKind("discord", lambda settings: settings.discord_token is not None, create, speaker)
