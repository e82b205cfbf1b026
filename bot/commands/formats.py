"""``screen2deck formats``: what decklists can be written as."""

import typer


def formats_command() -> None:
    """List the formats of decklists."""
    from ocr_worker.exporters import formats

    known = formats().values()
    name_width = max(len(each.name) for each in known)
    suffix_width = max(len(each.suffix) for each in known)
    for each in known:
        typer.echo(f"{each.name:{name_width}}  {each.suffix:{suffix_width}}  {each.title}: {each.help}")
