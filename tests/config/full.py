"""Documents that say everything: taken from the commented file, so that no new setting is forgotten."""

from __future__ import annotations

import itertools
import textwrap
from pathlib import Path
from typing import Any, Final

from edged.config.text import read_yaml

ROOT: Final = Path(__file__).parents[2]
COMMENTED: Final = (ROOT / "config" / "edged.yaml").read_text()


def uncommented(text: str) -> str:
    """What remains of commented lines when the first `# ` of each is taken away."""
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in text.splitlines())


def settings_text() -> str:
    """The commented file without its head, uncommented once."""
    return uncommented(COMMENTED.partition("\n\n")[2])


def defaults() -> dict[str, Any]:
    return read_yaml(settings_text().encode(), "defaults")


def example_cameras() -> dict[str, Any]:
    """The commented file's examples: one camera of each kind."""
    examples = settings_text().partition("cameras: {}\n")[2].partition("\n\n")[0]
    return read_yaml(uncommented(examples).encode(), "examples")


def example(section: str) -> dict[str, Any]:
    """The commented file's example of an entry in a section with names of the owner's own."""
    lines = settings_text().partition(f"  {section}: {{}}\n  #\n")[2].splitlines()
    entry = "\n".join(itertools.takewhile(lambda line: line.startswith("  #   "), lines))
    return read_yaml(uncommented(textwrap.dedent(entry)).encode(), section)


def with_password() -> dict[str, Any]:
    """Every section, a camera of each kind, a password, TLS and certificates."""
    tree = defaults()
    tree["cameras"] = example_cameras()
    certificate = {"tls": True, "ca_file": "/ca.pem", "cert_file": "/a.pem", "key_file": "/a.key"}
    tree["mqtt"] |= {"username": "door", "password": "long secret", **certificate}
    tree["central"] |= {"kind": "miicloud", "url": "https://centre", "token": "long secret", "ca_file": "/ca.pem"}
    tree["access"] |= {name: example(name) for name in ("schedules", "holidays", "doors")}
    tree["access"]["schedules"]["other"] = {}
    tree["access"]["doors"]["other"] = {"relay": {"kind": "none"}}
    tree["access"]["doors"]["my-door"] |= {"schedule": "my-schedule"}
    tree["access"]["doors"]["my-door"]["relay"] |= {"username": "door"}
    tree["http"] |= {"certificate": "/a.pem", "key": "/a.key"}
    tree["photos"]["sync"] |= {"token_file": "/photos.token"}
    tree["photos"]["guests"] |= {"certificate": "/a.pem", "key": "/a.key"}
    tree["api"] |= {"certificate": "/a.pem", "key": "/a.key", "tokens": "/tokens"}
    return tree


def with_password_file() -> dict[str, Any]:
    """The same without a certificate, and the password in a file."""
    tree = with_password()
    tree["mqtt"] = defaults()["mqtt"] | {"password_file": "/secret"}
    tree["central"] = defaults()["central"] | {"kind": "hub", "url": "https://hub", "token_file": "/secret"}
    return tree
