"""What guests said about what was found of them, on the server; within somebody else's transaction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.hub.postgresql.database import Session, row, rows
from edged.hub.postgresql.vectors import unpacked
from edged.photos.search import Search


def deny(session: Session, event: int, search: Search, photo: str) -> bool:
    """False where the search did not find the photograph, or it is gone.

    Args:
        session: within a transaction that holds the search.
    """
    if photo not in search.photos:
        return False
    number = row(session, "SELECT number FROM photos WHERE event = %s AND id = %s FOR KEY SHARE", event, photo)
    if number is None:
        return False
    session.execute(
        "INSERT INTO denials (event, request_id, photo) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (event, search.request_id, number[0]),
    )
    session.execute(
        "UPDATE searches SET photos = array_remove(photos, %s), renewals = renewals + 1"
        " WHERE event = %s AND request_id = %s",
        (photo, event, search.request_id),
    )
    return True


def withdraw_denial(session: Session, event: int, search: Search, photo: str) -> bool:
    """False where the guest of this search did not deny the photograph, or it is gone.

    Args:
        session: within a transaction that holds the search.
    """
    gone = session.execute(
        "DELETE FROM denials WHERE event = %s AND request_id = %s"
        " AND photo = (SELECT number FROM photos WHERE event = %s AND id = %s)",
        (event, search.request_id, event, photo),
    )
    if gone.rowcount != 1:
        return False
    session.execute(
        "UPDATE searches SET photos = array_append(photos, %s), renewals = renewals + 1"
        " WHERE event = %s AND request_id = %s",
        (photo, event, search.request_id),
    )
    return True


def denied(
    session: Session, event: int, number: int, model: ModelRef, probe: NDArray[np.float32], least: float
) -> frozenset[int]:
    """Numbers of the photographs of which somebody with a face like this has said that it is not them.

    Args:
        number: of the model.
    """
    found = rows(
        session,
        "SELECT d.photo, vector_send(s.vector) FROM denials d JOIN searches s USING (event, request_id)"
        " WHERE d.event = %s AND s.model = %s",
        *(event, number),
    )
    near = _near([sent for _photo, sent in found], model, probe, least)
    return frozenset(photo for (photo, _sent), is_near in zip(found, near, strict=True) if is_near)


def denied_by(session: Session, event: int, request_id: str) -> tuple[str, ...]:
    """The photographs of which a guest has said that it is not them."""
    found = rows(
        session,
        "SELECT p.id FROM denials d JOIN photos p ON p.number = d.photo WHERE d.event = %s AND d.request_id = %s"
        " ORDER BY p.id",
        *(event, request_id),
    )
    return tuple(photo for (photo,) in found)


def take_denials(session: Session, event: int, request_id: str, denied: Sequence[str], shown: Sequence[str]) -> None:
    """These photographs are denied, as far as they are here, and of the others those that were, unless they are shown.

    A store that has a photograph no more, to make room, tells nothing of it: that is no taking back.

    Args:
        session: within a transaction that holds the search.
    """
    session.execute(
        "DELETE FROM denials d USING photos p WHERE d.event = %s AND d.request_id = %s AND p.number = d.photo"
        " AND p.id = ANY(%s::text[])",
        (event, request_id, list(shown)),
    )
    session.execute(
        "INSERT INTO denials (event, request_id, photo) SELECT p.event, %s, p.number FROM photos p"
        " WHERE p.event = %s AND p.id = ANY(%s::text[]) ORDER BY p.number FOR KEY SHARE ON CONFLICT DO NOTHING",
        (request_id, event, list(denied)),
    )


def alike(session: Session, event: int, search: Search, least: float) -> Sequence[str]:
    """The searches that were done with a face like this one's, itself first."""
    if search.probe is None:
        return [search.request_id]
    found = rows(
        session,
        "SELECT s.request_id, vector_send(s.vector) FROM searches s JOIN models m ON m.number = s.model"
        " WHERE s.event = %s AND s.request_id <> %s AND m.digest = %s",
        *(event, search.request_id, search.probe.model.digest),
    )
    near = _near([sent for _request, sent in found], search.probe.model, search.probe.vector, least)
    return [search.request_id, *(request for (request, _sent), is_near in zip(found, near, strict=True) if is_near)]


def forget(session: Session, event: int, requests: Sequence[str]) -> tuple[int, Sequence[str]]:
    """Deletes searches with their denials: how many of these, and the digests of the selfies that were kept."""
    those = (event, list(requests))
    denials = rows(
        session,
        "DELETE FROM denials WHERE event = %s AND request_id = ANY(%s::text[]) RETURNING photo",
        *those,
    )
    gone = rows(
        session,
        "DELETE FROM searches WHERE event = %s AND request_id = ANY(%s::text[]) RETURNING selfie",
        *those,
    )
    session.execute("UPDATE events SET guests_forgotten = guests_forgotten + 1 WHERE number = %s", (event,))
    return len(denials), [selfie for (selfie,) in gone if selfie is not None]


def _near(sent: Sequence[bytes], model: ModelRef, probe: NDArray[np.float32], least: float) -> Sequence[bool]:
    if not sent:
        return ()
    near: list[bool] = (unpacked(sent, model.dimension) @ probe.astype(np.float32) >= least).tolist()
    return near
