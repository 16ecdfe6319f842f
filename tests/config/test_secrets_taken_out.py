"""A secret that stands in a text after all is taken out of it."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from edged.config.problems import checked
from edged.config.secret import MASK, secrets_of, without_secrets
from tests.config.full import with_password

URL = "rtsp://user:p%40ss-w0rd@192.0.2.7/streams/very-secret-path?token=t0ken-1"


@pytest.mark.parametrize(
    "text", [URL, "p%40ss-w0rd", "p@ss-w0rd", "token=t0ken-1", "t0ken-1", "streams/very-secret-path"]
)
def test_all_parts_of_an_address_that_give_access_are_secret(text: str) -> None:
    assert without_secrets(f"before {text} after", secrets_of(SecretStr(URL))) == f"before {MASK} after"


def test_words_are_left() -> None:
    secrets = secrets_of([SecretStr("rtsp://user:abc@host/live"), SecretStr(""), SecretStr("x")])
    text = "a user saw abc live on the host, exactly"
    assert without_secrets(text, secrets) == text


def test_every_secret_of_a_document_is_found() -> None:
    document = checked(with_password(), "test")
    secrets = secrets_of(document)
    assert "long secret" in secrets
    for camera in document.cameras.values():
        url = getattr(camera, "url", None)
        assert url is None or url.get_secret_value() in secrets


def test_a_broken_address_is_one_secret() -> None:
    assert without_secrets("x rtsp://[broken y", secrets_of(SecretStr("rtsp://[broken"))) == f"x {MASK} y"
