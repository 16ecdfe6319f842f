"""Installing over what is there, and removing it. Comes after test_service, whose machine it takes apart."""

from __future__ import annotations

import pytest

from tests.systemd.conftest import Device

pytestmark = pytest.mark.nspawn


def test_installing_again_builds_nothing_and_keeps_the_document(device: Device) -> None:
    machine = device.machine
    device.configure("device: {name: mine}\n")
    before = machine.run("readlink", "/opt/edged/current")
    assert "is there already" in device.install()
    assert machine.run("readlink", "/opt/edged/current") == before
    assert machine.run("cat", "/etc/edged/edged.yaml") == "device: {name: mine}"
    assert machine.unit("ActiveState") == "active"


def test_a_document_that_does_not_fit_leaves_everything_as_it_was(device: Device) -> None:
    machine = device.machine
    running = machine.unit("MainPID")
    device.configure("cameras: 3\n")
    try:
        assert "does not fit this release; nothing was changed" in device.refuse_to_install()
        assert machine.unit("MainPID") == running
    finally:
        device.configure("")


def test_an_upgrade_that_does_not_start_is_taken_back(device: Device) -> None:
    machine = device.machine
    good = machine.run("readlink", "/opt/edged/current")
    daemon = device.checkout / "edged" / "commands" / "run.py"
    daemon.write_text(daemon.read_text() + "\nraise SystemExit('this release is broken')\n")
    said = device.refuse_to_install()
    assert "this release is broken" in said
    assert f"{good} is in use again" in said
    assert machine.run("readlink", "/opt/edged/current") == good
    machine.wait_for("ActiveState", "active")


def test_removing_keeps_people_and_configuration_unless_told_otherwise(device: Device) -> None:
    machine = device.machine
    machine.run("bash", f"{device.checkout}/scripts/uninstall")
    assert machine.unit("LoadState") == "not-found"
    assert machine.run("ls", "/opt") == ""
    assert "gallery.db" in machine.run("ls", "/var/lib/edged")
    assert machine.run("cat", "/etc/edged/edged.yaml") == ""
    machine.run("bash", f"{device.checkout}/scripts/uninstall", "--purge")
    assert machine.refused("ls", "/var/lib/edged", "/etc/edged").count("No such file") == 2
    assert "no such user" in machine.refused("id", "edged")
