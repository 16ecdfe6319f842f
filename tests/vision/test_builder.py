"""Where models come from, and that they come out the same."""

from __future__ import annotations

import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from edged.domain.errors import Corrupt, Unavailable, Unsupported
from edged.domain.progress import quiet
from edged.vision.build.builder import build_models
from edged.vision.build.source import Sources
from edged.vision.manifest import DetectorManifest, Origin, read_detector, read_manifest

MEMBER = "package/model.tflite"
PUBLISHED = b"a published model"


@pytest.fixture
def manifest(models_dir: Path) -> DetectorManifest:
    """A model that is one file of a wheel, as published."""
    digest = hashlib.sha256(PUBLISHED).hexdigest()
    origin = Origin(wheel="some-models", version="1.2", member=MEMBER, sha256=digest, recipe="as-published")
    shipped = read_detector(models_dir, "blazeface-short-range")
    return shipped.model_copy(update={"file": "model.tflite", "sha256": digest, "build": origin})


def _wheel(folder: Path, content: bytes = PUBLISHED, version: str = "1.2") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"some_models-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, content)
    return path


def test_shipped_models_come_out_the_same_again(models_dir: Path, tmp_path: Path) -> None:
    """Byte for byte what the manifests say: `models_dir` was checked against them, and is built anew here."""
    names = ("yunet-2023mar", "sface-2021dec-int8", "blazeface-short-range")
    manifests = [read_manifest(models_dir, name) for name in names]
    shutil.copy(models_dir / "sface-2021dec-ranges.json", tmp_path)
    steps: list[tuple[str, float]] = []
    made = build_models(
        manifests, tmp_path, Sources(models_dir / "cache"), lambda doing, share: steps.append((doing, share))
    )
    assert made == names
    for manifest in manifests:
        content = (tmp_path / manifest.file).read_bytes()
        assert content == (models_dir / manifest.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == manifest.sha256
    assert [share for _, share in steps] == sorted(share for _, share in steps)
    assert steps[-1][1] == 1
    assert "sface-2021dec-int8" in steps[1][0]


def test_a_damaged_model_is_made_again_and_a_good_one_left_alone(manifest: DetectorManifest, tmp_path: Path) -> None:
    sources = Sources(tmp_path / "cache", _wheel(tmp_path / "wheels"))
    assert build_models([manifest], tmp_path, sources, quiet) == (manifest.name,)
    file = tmp_path / manifest.file
    written = file.stat().st_mtime_ns
    assert build_models([manifest], tmp_path, sources, quiet) == ()
    assert file.stat().st_mtime_ns == written
    file.write_bytes(b"half a mod")
    assert build_models([manifest], tmp_path, sources, quiet) == (manifest.name,)
    assert file.read_bytes() == PUBLISHED
    assert [path.name for path in tmp_path.glob(".*")] == [], "no leftovers"


def test_a_wheel_a_folder_and_the_cache_are_looked_at_in_this_order(manifest: DetectorManifest, tmp_path: Path) -> None:
    good, other = _wheel(tmp_path / "good"), _wheel(tmp_path / "other", b"another")
    cache = _wheel(tmp_path / "cache").parent
    assert Sources(cache, good).read(manifest.build) == PUBLISHED
    assert Sources(cache, good.parent).read(manifest.build) == PUBLISHED
    assert Sources(cache).read(manifest.build) == PUBLISHED
    with pytest.raises(Corrupt, match="sha256"):
        Sources(cache, other).read(manifest.build)


def test_a_wheel_of_another_version_is_not_taken(manifest: DetectorManifest, tmp_path: Path) -> None:
    folder = _wheel(tmp_path / "wheels", version="1.3").parent
    with pytest.raises(Unavailable, match=r"no wheel of some-models 1\.2") as caught:
        Sources(tmp_path / "cache", folder).read(manifest.build)
    assert "pip download" in caught.value.remedy


def test_a_wheel_of_another_package_is_not_taken(manifest: DetectorManifest, tmp_path: Path) -> None:
    other = _wheel(tmp_path).rename(tmp_path / "other_models-1.2-py3-none-any.whl")
    with pytest.raises(Unavailable, match="no wheel of some-models"):
        Sources(tmp_path / "cache", other).read(manifest.build)


def test_any_damage_to_a_wheel_is_noticed(manifest: DetectorManifest, tmp_path: Path) -> None:
    wheel = _wheel(tmp_path / "cache")
    whole = wheel.read_bytes()
    for place in range(len(whole)):
        wheel.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            assert Sources(tmp_path / "cache").read(manifest.build) == PUBLISHED
        except Corrupt:
            continue


def test_a_cache_that_cannot_be_made_is_named(manifest: DetectorManifest, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be made"):
        Sources(tmp_path / "file" / "cache").read(manifest.build)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"x" * 1000])
def test_a_damaged_wheel_is_corrupt_and_the_remedy_says_to_delete_it(
    manifest: DetectorManifest, tmp_path: Path, content: bytes
) -> None:
    wheel = _wheel(tmp_path / "cache")
    wheel.write_bytes(content)
    with pytest.raises(Corrupt) as caught:
        Sources(tmp_path / "cache").read(manifest.build)
    assert str(wheel) in caught.value.remedy


def test_offline_is_said_with_what_to_do(
    manifest: DetectorManifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(Unavailable, match="could not be downloaded") as caught:
        build_models([manifest], tmp_path, Sources(tmp_path / "cache"), quiet)
    assert "pip download --no-deps some-models==1.2" in caught.value.remedy
    assert "--from" in caught.value.remedy
    assert not (tmp_path / manifest.file).exists()


def test_without_the_onnx_package_it_says_what_to_install(
    manifest: DetectorManifest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "edged.vision.build.recipe", None)
    with pytest.raises(Unsupported, match="onnx") as caught:
        build_models([manifest], tmp_path, Sources(tmp_path, _wheel(tmp_path)), quiet)
    assert "pip install" in caught.value.remedy


def test_a_result_other_than_the_manifests_is_not_kept(manifest: DetectorManifest, tmp_path: Path) -> None:
    other = manifest.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(Corrupt, match="different from its manifest"):
        build_models([other], tmp_path, Sources(tmp_path, _wheel(tmp_path)), quiet)
    assert not (tmp_path / manifest.file).exists()


def test_a_recipe_that_does_not_exist_is_named(manifest: DetectorManifest, tmp_path: Path) -> None:
    origin = manifest.build.model_copy(update={"recipe": "goulash"})
    with pytest.raises(Corrupt, match="goulash"):
        build_models(
            [manifest.model_copy(update={"build": origin})], tmp_path, Sources(tmp_path, _wheel(tmp_path)), quiet
        )
