"""XML files as text: declaration, two spaces of indentation, one newline at the end."""

from xml.etree import ElementTree


def xml_text(root: ElementTree.Element) -> str:
    """``root`` indented as the programs write it themselves; attributes keep their order."""
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
