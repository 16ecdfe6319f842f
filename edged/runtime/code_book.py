"""Codes and the block list for whoever asks from any thread: each question opens the file for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from edged.config.document import Document
from edged.credentials.credentials import Credentials
from edged.domain.passage import Factor
from edged.runtime.state_dir import StateDir


class CodeBook:
    """`edged.runtime.console.people_desk.Codes`. Any thread; see `Credentials` for what each raises.

    Args:
        state, document: where the file is, and the device's key.
    """

    def __init__(self, state: StateDir, document: Document) -> None:
        self._state = state
        self._document = document

    def codes_of(self, person_id: str) -> frozenset[Factor]:
        with self._open() as credentials:
            return credentials.codes_of(person_id)

    def set_code(self, person_id: str, factor: Factor, code: str) -> None:
        with self._open() as credentials:
            credentials.set_code(person_id, factor, code)

    def remove_code(self, person_id: str, factor: Factor) -> None:
        with self._open() as credentials:
            credentials.remove_code(person_id, factor)

    def block(self, person_id: str, why: str) -> None:
        with self._open() as credentials:
            credentials.block(person_id, why)

    def unblock(self, person_id: str) -> None:
        with self._open() as credentials:
            credentials.unblock(person_id)

    def blocked(self) -> Mapping[str, str]:
        with self._open() as credentials:
            return credentials.blocked()

    def forget(self, person_id: str) -> None:
        with self._open() as credentials:
            credentials.forget(person_id)

    @contextmanager
    def _open(self) -> Iterator[Credentials]:
        with closing(self._state.open_credentials(self._document)) as credentials:
            yield credentials
