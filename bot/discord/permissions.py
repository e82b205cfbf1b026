"""Which permission the bot lacks, as far as it can tell."""

import discord


def missing_permission(channel: object, *, has_files: bool = False) -> str | None:
    """The first that writing in a channel needs and the bot does not have; None where nothing is known to lack."""
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return None
    is_thread = isinstance(channel, discord.Thread)
    held = channel.permissions_for(channel.guild.me)
    needed = ["view_channel", "send_messages_in_threads" if is_thread else "send_messages"]
    if has_files:
        needed.append("attach_files")
    return next((name for name in needed if not getattr(held, name)), None)
