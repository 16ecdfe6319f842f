"""The directory as the holder of a token sees it: all of it, or one gallery."""

from __future__ import annotations

from typing import Final

from edged.api.access import Grant
from edged.api.directory import (
    DEFAULT_GALLERY,
    MAX_FACE,
    Directory,
    FaceChange,
    FaceFilter,
    GalleryChange,
    KnownFace,
)
from edged.api.findface.faults import bad_param, forbidden, not_found

_AT_ONCE: Final = 500


class View:
    """What a grant may see and touch. Every method blocks; any thread.

    For a grant that is bound to a gallery, that gallery is the world: `default` means all of it, other galleries do not
    exist, and a face that is in others too leaves this one where it would be deleted.
    """

    def __init__(self, directory: Directory, grant: Grant) -> None:
        self._directory = directory
        self._grant = grant
        self._bound = None if grant.gallery == DEFAULT_GALLERY else grant.gallery

    def wanted(
        self,
        gallery: str | None = None,
        key: str | None = None,
        least: int | None = None,
        below: int | None = None,
    ) -> FaceFilter:
        """A filter that lets through nothing that may not be seen.

        Args:
            gallery: as the client named it.

        Raises:
            Fault: `NOT_FOUND`: there is no such gallery.
        """
        if gallery is not None and gallery not in self.galleries():
            raise not_found(f"There is no gallery {gallery}")
        inside = self._bound if self._bound is not None else (None if gallery == DEFAULT_GALLERY else gallery)
        return FaceFilter(gallery=inside, key=key, least=least, below=below)

    def galleries(self) -> tuple[str, ...]:
        """Names, `default` first."""
        if self._bound is not None:
            return (DEFAULT_GALLERY, self._bound)
        return tuple(self._directory.galleries())

    def galleries_of(self, face: KnownFace) -> list[str]:
        """A face's galleries that may be seen."""
        shown = (DEFAULT_GALLERY, self._bound)
        return [name for name in face.galleries if self._bound is None or name in shown]

    def to_enrol_into(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The galleries that a new face gets when a client names these.

        Raises:
            Fault: `AUTH_FAILED`: one of them is not the token's.
        """
        self.check(names)
        return tuple(dict.fromkeys([*names, self._bound])) if self._bound is not None else names

    def check(self, names: tuple[str, ...]) -> None:
        """Raises Fault `AUTH_FAILED` where a gallery is not to be touched."""
        if self._bound is not None and not {*names} <= {DEFAULT_GALLERY, self._bound}:
            raise forbidden(f"This token is for the gallery {self._bound} only")

    def check_key(self, key: str) -> None:
        """Raises Fault `AUTH_FAILED` where somebody has this key who is not in the token's gallery alone.

        Whoever's face is added to a person is taken for that person everywhere.
        """
        person = None if self._bound is None else self._directory.person(key)
        if person is not None and not (
            person.faces and all({*face.galleries} == {DEFAULT_GALLERY, self._bound} for face in person.faces)
        ):
            raise forbidden(f"This token is for the gallery {self._bound} only, and this meta is not in it alone")

    def face(self, number: str) -> KnownFace:
        """By the number in an address.

        Raises:
            Fault: `NOT_FOUND`.
        """
        face = None
        if number.isascii() and number.isdecimal() and len(number) < 12 and 0 < int(number) <= MAX_FACE:
            face = self._directory.face(int(number))
        if face is None or (self._bound is not None and self._bound not in face.galleries):
            raise not_found(f"There is no face {number[:20]}")
        return face

    def change(self, face: KnownFace, key: str | None, galleries: GalleryChange | None) -> KnownFace:
        """Raises Fault `NOT_FOUND` where the face has gone, `AUTH_FAILED`, and what `Directory.change_face` raises."""
        if self._bound is not None and key is not None and key != face.key and self._elsewhere(face):
            raise forbidden("The face is in other galleries too: this token may not change whose it is")
        if key is not None and key != face.key:
            self.check_key(key)
        change = FaceChange(key, self._within(galleries) if galleries else None)
        changed = self._directory.change_face(face.number, change, by=self._grant)
        if changed is None:
            raise not_found(f"There is no face {face.number}")
        return changed

    def remove(self, face: KnownFace) -> None:
        """Deletes a face; where it is in galleries beside the token's, only takes it out of that one."""
        if self._bound is not None and self._elsewhere(face):
            change = FaceChange(galleries=GalleryChange(remove=(self._bound,)))
            self._directory.change_face(face.number, change, by=self._grant)
        else:
            self._directory.delete_face(face.number, by=self._grant)

    def remove_all(self, wanted: FaceFilter) -> None:
        """Removes all faces that a filter of ours lets through."""
        if self._bound is None:
            self._directory.delete_faces(wanted, by=self._grant)
            return
        while faces := self._directory.faces(wanted, _AT_ONCE).faces:
            for face in faces:
                self.remove(face)

    def create_gallery(self, name: str) -> None:
        """One that is there already stays as it is.

        Raises:
            Fault: `AUTH_FAILED`; Refused: `bad_gallery`.
        """
        self.check((name,))
        self._directory.create_gallery(name, by=self._grant)

    def delete_gallery(self, name: str, *, purge: bool) -> None:
        """Raises Fault `NOT_FOUND`, `BAD_PARAM`."""
        if name == DEFAULT_GALLERY:
            raise bad_param("gallery", name, "The gallery default cannot be deleted")
        wanted = self.wanted(name)
        if self._bound is not None and purge:
            self.remove_all(wanted)
        if (
            not self._directory.delete_gallery(name, purge=purge and self._bound is None, by=self._grant)
            and self._bound is None
        ):
            raise not_found(f"There is no gallery {name}")

    def _elsewhere(self, face: KnownFace) -> bool:
        return bool({*face.galleries} - {DEFAULT_GALLERY, self._bound})

    def _within(self, change: GalleryChange) -> GalleryChange:
        """A change of the token's gallery alone, however it was written."""
        self.check((*change.add, *change.remove, *(change.exactly or ())))
        if self._bound is None or change.exactly is None:
            return change
        if self._bound in change.exactly:
            return GalleryChange(add=(self._bound,))
        return GalleryChange(remove=(self._bound,))
