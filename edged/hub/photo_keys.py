"""The keys of the storage of photographs: from a file or from the environment, never from the document."""

from __future__ import annotations

import configparser
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.hub.photo_bucket import BucketAddress, PhotoBucket
from edged.hub.signature import Credentials

_NAMES: Final = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_PROFILE: Final = "default"
_MOST: Final = 65_536


def open_bucket(address: str, keys: Path | None, *, environment: Mapping[str, str] = os.environ) -> PhotoBucket:
    """The storage at an address; connects to nothing yet.

    Args:
        address: see `BucketAddress.read`.
        keys: the file with the keys, in the form of ~/.aws/credentials; None: they are in the environment.
        environment: has AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for lent ones, AWS_SESSION_TOKEN.

    Raises:
        Refused: `no_keys`, `bad_address`.
        Unavailable: the file cannot be read. Corrupt: it is not in that form.
    """
    values = _in_environment(environment) if keys is None else _in_file(keys)
    access, secret, token = (values.get(name, "").strip() for name in _NAMES)
    if not access or not secret:
        raise Refused(
            "no_keys",
            f"the keys of the storage of photographs are missing{f' in {keys}' if keys else ''}",
            "Put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or into the file of store.photos_keys",
        )
    return PhotoBucket(BucketAddress.read(address), Credentials(access, secret, token))


def _in_environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {name: environment.get(name.upper(), "") for name in _NAMES}


def _in_file(path: Path) -> Mapping[str, str]:
    parser = configparser.RawConfigParser()
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_string(file.read(_MOST))
    except OSError as error:
        raise Unavailable(f"cannot read {path}: {error.strerror}", "Check who may read it") from error
    except (configparser.Error, UnicodeDecodeError):
        raise Corrupt(
            f"{path} does not hold keys",
            f"Write [{_PROFILE}], and below it {_NAMES[0]} = … and {_NAMES[1]} = …",
        ) from None  # what it holds is quoted in theirs
    return dict(parser[_PROFILE]) if parser.has_section(_PROFILE) else {}
