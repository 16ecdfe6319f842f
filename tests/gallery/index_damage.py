"""Damages an index file in many ways and opens the gallery each time; run as a process of its own, which Annoy may end.

Prints one line of JSON for each damage.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path

from tests.gallery.sample import fill, names, open_gallery, rebuild


def damaged(chance: random.Random, content: bytes, foreign: bytes) -> bytes:
    """The content with one fault of those that disks and people make; never the content itself."""
    place = chance.randrange(len(content))
    flipped, overwritten = bytearray(content), bytearray(content)
    flipped[place] ^= 1 << chance.randrange(8)
    overwritten[place : place + 512] = chance.randbytes(512)
    cut_off = content[:place]
    half = len(content) // 2
    zeroed = content[:half] + bytes(len(content) - half)
    longer = content + chance.randbytes(64)
    return chance.choice((bytes(flipped), bytes(overwritten), cut_off, zeroed, longer, b"", foreign))


def main(path: Path, rounds: int) -> None:
    gallery = open_gallery(path.parent / "foreign" / "gallery.db", exact_below=5, trees=5)
    fill(gallery, people=30, photos=2, seed=50)
    rebuild(gallery)
    gallery.close()
    (foreign,) = (path.parent / "foreign" / "index").glob("*/*.annoy")
    gallery = open_gallery(path, exact_below=5, trees=5)
    vectors = fill(gallery, people=30, photos=2)
    rebuild(gallery)
    gallery.close()
    sound = path.parent / "sound"
    shutil.copytree(path.parent / "index", sound)
    chance = random.Random(11)
    for turn in range(rounds):
        shutil.rmtree(path.parent / "index")
        shutil.copytree(sound, path.parent / "index")
        suffix = chance.choice(("annoy", "annoy", "scan", "keys", "json"))
        (victim,) = (path.parent / "index").glob(f"*/*.{suffix}")
        victim.write_bytes(damaged(chance, victim.read_bytes(), foreign.read_bytes()))

        gallery = open_gallery(path, exact_below=5, trees=5)
        result = {
            "turn": turn,
            "file": suffix,
            "detected": gallery.snapshot().narrowing is None and gallery.needs_rebuild,
            "right": [names(gallery, vectors[person, 0], k=1)[0] for person in range(30)],
        }
        rebuild(gallery)
        result["rebuilt"] = gallery.snapshot().narrowing is not None and not gallery.needs_rebuild
        result["right again"] = names(gallery, vectors[7, 1], k=1)
        gallery.close()
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
