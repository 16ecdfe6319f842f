"""`edged bench booth` with real daemons, hubs and kills, as few as show that it works."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from edged.cli import main
from edged.config.document import ModelSettings
from edged.domain.progress import quiet
from edged.measure.booth_crowd import take_selfies
from edged.measure.booth_folder import add_folder
from edged.measure.booth_kills import BoothKills, judge, kill_booth_writers
from edged.measure.booth_ledger import BoothLedger, Deed
from edged.measure.booth_store import BoothStore
from edged.measure.booth_sync_kills import kill_syncing_booth
from edged.measure.byte_search import count_traces
from edged.measure.made_photo import digest_of_file, file_of, guests_in, id_of, vector_of
from edged.photos.photo import PhotoKind
from edged.runtime.booth import DEVICE
from edged.vision.sight import open_sight

EVENT = "0f8fad5b-d9cb-469f-a165-70867728950e"
REQUEST = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BoothStore]:
    with BoothStore.opened(tmp_path / "state") as opened:
        yield opened


def judged(store: BoothStore, ledger: BoothLedger) -> BoothKills:
    tally = BoothKills()
    judge(store.kept, ledger, tally)
    return tally


def evening(store: BoothStore) -> BoothLedger:
    """Two photographs of the guest 0, whom a search was done with."""
    ledger = BoothLedger()
    theirs = [number for number in range(100) if 0 in guests_in(number)][:2]
    deeds = [
        Deed("create", EVENT, "evening"),
        *(Deed("add", EVENT, str(number)) for number in theirs),
        Deed("search", EVENT, request=REQUEST, guest=0),
    ]
    for deed in deeds:
        store.do(deed)
        ledger.done(deed)
    return ledger


def number_in(ledger: BoothLedger) -> int:
    return min(ledger.events[EVENT].photos)


def test_it_asks_a_device_and_a_hub_and_says_what_came_of_it(
    capsys: pytest.CaptureFixture[str], models_dir: Path, astronaut_path: Path, tmp_path: Path
) -> None:
    config = tmp_path / "edged.yaml"
    config.write_text(f"models: {{directory: {models_dir}}}")
    page = tmp_path / "benchmarks.md"
    words = ["--photo", str(astronaut_path), "--quick", "--json", "--write", str(page), "--config", str(config)]
    only = ["--only", "selfies", "--only", "pages", "--only", "replays", "--searches", "2", "--seconds", "1"]

    assert main(["bench", "booth", *words, *only]) == 0

    found = json.loads(capsys.readouterr().out)
    assert [(one["camera"], one["phone"]) for one in found["selfies"]] == [(True, True), (True, False)]
    assert [len(one["waits"]["latencies"]) for one in found["selfies"]] == [2, 2]
    assert [one["where"] for one in found["pages"]] == ["device", "hub"]
    assert all(one["pages"]["latencies"] and not one["pages"]["wrong"] for one in found["pages"])
    assert [(one["where"], one["runs"], one["results"], one["stored"]) for one in found["replays"]] == [
        ("device", 1, 1, 1),
        ("hub", 1, 1, 1),
    ]
    assert all(one["runs"] == one["stored"] == one["cuts"] > 1 for one in found["cuts"])
    assert "| the same POST 8 times at once, hub | one match run, one result |" in page.read_text()


def test_kills_lose_nothing_and_bring_nothing_back() -> None:
    tally = kill_booth_writers(3)

    assert tally.kills == 3
    assert tally.is_good, tally
    assert tally.acknowledged["add"] > 0
    assert tally.searched > 0


def test_booth_and_hub_agree_after_both_were_killed(models_dir: Path) -> None:
    found = kill_syncing_booth("hub", ModelSettings(directory=models_dir), 1)

    assert found.is_good, found
    assert (found.booth.kills, found.hub.kills) == (1, 1)


def test_a_folder_is_added_whole_over_a_kill(models_dir: Path, astronaut_path: Path) -> None:
    models = ModelSettings(directory=models_dir)
    (selfie,) = take_selfies(open_sight(models), [astronaut_path])

    found = add_folder(models, [selfie.file], 3, 1, quiet)

    assert (found.added, found.missing, found.strange, found.kills) == (3, 0, 0, 1)
    assert found.each_s > 0


def test_what_was_acknowledged_and_is_there_is_found_good(store: BoothStore) -> None:
    ledger = evening(store)
    number = number_in(ledger)
    for deed in (
        Deed("deny", EVENT, str(number), REQUEST),
        Deed("forget", EVENT, request=REQUEST),
        Deed("delete", EVENT, str(number)),
        Deed("create", str(uuid.UUID(int=1)), "afternoon"),
        Deed("purge", EVENT),
        Deed("finish", EVENT),
    ):
        store.do(deed)
        ledger.done(deed)
        assert store.has_done(deed)
        if deed.word != "purge":  # its files and its report wait for the rest
            assert judged(store, ledger).is_good, deed


def test_a_photograph_that_is_gone_is_lost(store: BoothStore) -> None:
    ledger = evening(store)
    store.kept.albums.delete_photo(id_of(EVENT, number_in(ledger)), by=DEVICE)

    assert any(one.startswith("photograph") for one in judged(store, ledger).lost)


def test_a_file_that_is_not_whole_is_lost(store: BoothStore) -> None:
    ledger = evening(store)
    digest = digest_of_file(EVENT, number_in(ledger), PhotoKind.PREVIEW)
    (store.kept.files.path / digest[:2] / digest).write_bytes(b"half")

    tally = judged(store, ledger)

    assert len(tally.lost) == 1
    assert tally.strays == 0


def test_rows_without_files_and_files_without_rows_are_strays(store: BoothStore) -> None:
    ledger = evening(store)
    store.kept.files.delete(digest_of_file(EVENT, number_in(ledger), PhotoKind.THUMBNAIL))
    assert judged(store, ledger).strays == 1
    store.kept.files.put("0" * 64, b"nobody's")
    assert judged(store, ledger).strays == 2


def test_whoever_is_back_after_they_were_forgotten_or_purged_is_found(store: BoothStore) -> None:
    ledger = evening(store)
    ledger.done(Deed("forget", EVENT, request=REQUEST))  # and it was not done
    back = judged(store, ledger).back
    assert {one.partition(" ")[0] for one in back} == {"face", "search"}

    ledger.done(Deed("purge", EVENT))
    tally = judged(store, ledger)
    assert any(one.startswith("event") for one in tally.back)
    assert tally.unfinished == 1


def test_traces_are_found_wherever_they_lie(tmp_path: Path) -> None:
    photo, face = file_of(EVENT, 7, PhotoKind.ORIGINAL), vector_of(EVENT, 1, "7").tobytes()
    traces = {photo[100:130], face, vector_of(EVENT, 2, "7").tobytes()}
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"x" + photo)
    (tmp_path / "rows").write_bytes(b"some" + face + b"more")

    size, found = count_traces(tmp_path, traces)

    assert (size, found) == (1 + len(photo) + 8 + len(face), 2)
    assert count_traces(tmp_path, set()) == (size, 0)
