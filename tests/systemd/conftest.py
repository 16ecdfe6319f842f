"""A machine on which this tree was installed by its own script, for all tests of this room."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.systemd.machine import Machine, booted

_PYTHON: Final = "/usr/bin/python3"
_CAN_BUILD: Final = """\
import ensurepip, os, sys, sysconfig
os.stat(sysconfig.get_path("include") + "/Python.h")
print("%d.%d" % sys.version_info[:2])
sys.exit(sys.version_info < (3, 11))
"""


@dataclass(frozen=True, slots=True)
class Device:
    """A machine that edged can be installed on, without a network.

    Attributes:
        checkout: this tree, copied; changes here touch nothing else.
        photo: a real face, for the demo camera.
    """

    machine: Machine
    checkout: Path
    photo: Path
    wheels: Path

    def install(self) -> str:
        return self.machine.run(*self._install, **self._offline)

    def refuse_to_install(self) -> str:
        return self.machine.refused(*self._install, **self._offline)

    @property
    def _install(self) -> tuple[str, str]:
        return "bash", f"{self.checkout}/scripts/install"

    @property
    def _offline(self) -> dict[str, str]:
        return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}

    def configure(self, document: str) -> None:
        self.machine.write("/etc/edged/edged.yaml", document)


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory, models_dir: Path, astronaut_path: Path) -> Iterator[Device]:
    """Freshly installed."""
    wheels = _wheels_for(_system_python())
    folder = tmp_path_factory.mktemp("device")
    checkout = _copy_of_this_tree(folder / "checkout", models_dir)
    with booted(folder, checkout, wheels, astronaut_path.parent) as machine:
        # The service may not look into anybody's home, and the checkout may lie in one.
        machine.run("install", "-D", "-m", "644", str(astronaut_path), "/srv/astronaut.png")
        made = Device(machine, checkout, Path("/srv/astronaut.png"), wheels)
        made.install()
        yield made


def _system_python() -> str:
    """The version of the interpreter that scripts/install takes; skips where no machine can be booted or built on."""
    missing = [name for name in ("systemd-nspawn", "nsenter", "g++") if shutil.which(name) is None]
    if os.geteuid() != 0 or missing:
        pytest.skip(f"booting a machine needs root and systemd-container, building needs g++; missing: {missing}")
    probe = subprocess.run([_PYTHON, "-c", _CAN_BUILD], check=False, capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip("needs Debian's own Python 3.11 or later: apt-get install python3-venv python3-dev")
    return probe.stdout.strip()


def _wheels_for(python: str) -> Path:
    """All that an installation downloads, fetched once for each lock."""
    locks = [ROOT / "requirements" / name for name in ("build.txt", "device.txt")]
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    folder = ROOT / "build" / f"wheels-{python}"
    mark = folder / ".complete"
    if not mark.is_file() or mark.read_text() != digest:
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--no-build-isolation", f"--python-version={python}", f"--dest={folder}"]
        subprocess.run([*command, *(f"--requirement={lock}" for lock in locks)], check=True)
        mark.write_text(digest)
    return folder


def _copy_of_this_tree(checkout: Path, models: Path) -> Path:
    for name in ("edged", "config", "requirements", "scripts", "systemd"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(models, checkout / "models")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    return checkout
