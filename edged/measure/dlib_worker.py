"""PyPI's face_recognition, as a program of its own in an environment of its own (`scripts/venv compare`).

Reads the path of a photograph a line; for each writes a line of JSON: the number of faces found and encoded, and the
processor seconds that took, reading the file not counted. It is started by its path and knows nothing of edged.
"""

import json
import sys
import time

import face_recognition


def main() -> None:
    for line in sys.stdin:
        picture = face_recognition.load_image_file(line.rstrip("\n"))
        begun = time.process_time()
        encodings = face_recognition.face_encodings(picture)
        seconds = time.process_time() - begun
        print(json.dumps({"faces": len(encodings), "seconds": seconds}), flush=True)  # noqa: T201  the answer


if __name__ == "__main__":
    main()
