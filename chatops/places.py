"""Where the console speaks unasked."""

from chatops.authorisation import Authorisation
from chatops.model import Place
from chatops.parts import Parts


def alert_places(parts: Parts) -> list[Place]:
    """The operations channels of the settings, or else all chats of the console."""
    places = Authorisation(parts.policy, parts.settings).places()
    channels = {str(one) for one in (parts.settings.ops_discord_channel, parts.settings.ops_telegram_chat) if one}
    return [one for one in places if one.chat in channels or one.platform == "web"] if channels else places
