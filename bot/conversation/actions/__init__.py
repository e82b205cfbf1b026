"""What buttons and selects do: a file for each matter, a function for each verb.

A new verb is a function under ``@verb`` in a file here; nothing else has to know it.
"""

from bot.conversation.actions.registry import Handler, verb, verbs

__all__ = ["Handler", "verb", "verbs"]
