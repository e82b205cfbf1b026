"""Discord's limits, from its documentation of messages, components, interactions and application commands."""

PLATFORM = "discord"

CONTENT = 2000
"""Characters of a message; counted here in UTF-16, which is never less than Discord counts."""
ROWS = 5
BUTTONS_IN_ROW = 5
OPTIONS = 25
LABEL = 80
OPTION_TEXT = 100
PLACEHOLDER = 150
MODAL_TITLE = 45
INPUT_LABEL = 45
FILE_BYTES = 10 * 1024 * 1024
"""Of one file in a server without boosts."""
CHOICES = 25
CHOICE_TEXT = 100
NAME, DESCRIPTION = 32, 100
"""Letters of a command's or an option's name and description."""
COMMANDS = 100
"""Of one application in one server."""
SUBCOMMANDS = 25
COMMAND_LETTERS = 8000
"""Names, descriptions and values of one command, those of its options included."""
OPTION_LETTERS = 6000
INPUT_DESCRIPTION = 100
INPUT_LETTERS = 200

TOKEN_S = 14 * 60.0
"""An interaction's token is good for 15 minutes; the last of them is left to clocks that disagree."""
COMPLETE_S = 2.5
"""So too for what is offered while somebody types."""
FIRST_RESPONSE_S = 1.5
"""Discord waits 3 seconds for the first response; half of them are left to the network."""

REQUESTS, REQUESTS_S = 5, 0.125
"""Requests of the bot: so many at once, and then as many again in that time. 50 a second are allowed; what answers an
interaction is not counted."""
