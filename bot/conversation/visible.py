"""Text as it may be shown anywhere: nothing in it that cannot be seen, or that turns what follows around."""

import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, but for tabs and ends of lines
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff\ufff9-\ufffb"  # what takes no room
    "\u202a-\u202e\u2066-\u206f"  # directions of writing
    "\U000e0000-\U000e007f]"  # letters of tags
)
_ENDS = re.compile("\r\n?|[\u2028\u2029]")


def visible(text: str) -> str:
    """The same text without what hides or turns; halves of letters become a sign that something was there."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _HIDDEN.sub("", _ENDS.sub("\n", whole))
