"""``python -m tests.synthetic OUT_DIR --count 200 --seed 1 [--kinds ...]`` or ``--sample PICTURE.jpg``."""

import argparse
import sys
from pathlib import Path

from ocr_worker.cards import load_index

from .generate import KINDS, make_set, write_picture
from .pool import Pool
from .sample import sample_picture


def main() -> None:
    """Write a set of pictures with truths, or the sample picture of the product."""
    options = _parse()
    cards = load_index().cards
    if options.sample:
        options.sample.parent.mkdir(parents=True, exist_ok=True)
        options.sample.write_bytes(sample_picture(cards))
        return
    pool = Pool.of(cards)
    for made, picture in enumerate(make_set(pool, options.count, options.seed, options.kinds), start=1):
        write_picture(options.out_dir, picture)
        print(f"\r{made}/{options.count} {picture.name}   ", end="", file=sys.stderr)  # noqa: T201
    print(file=sys.stderr)  # noqa: T201


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.synthetic", description="Draw decks with their truth.")
    parser.add_argument("out_dir", nargs="?", type=Path, help="where images/ and truth/ are written")
    parser.add_argument("--count", type=int, default=200, help="how many pictures (200)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other pictures (1)")
    parser.add_argument("--kinds", nargs="+", default=[], choices=[kind.name for kind in KINDS])
    parser.add_argument("--sample", type=Path, metavar="PICTURE", help="write the product's sample picture instead")
    options = parser.parse_args()
    if not options.sample and not options.out_dir:
        parser.error("give OUT_DIR or --sample PICTURE")
    return options


if __name__ == "__main__":
    main()
