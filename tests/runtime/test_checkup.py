"""What `edged doctor` says of whose orders are followed."""

from __future__ import annotations

from pathlib import Path

from edged.control.signing import make_pair
from edged.runtime.checkup import signers_finding
from edged.runtime.finding import Mark


def test_without_keys_it_is_the_broker_that_decides() -> None:
    finding = signers_finding(None)
    assert (finding.mark, "access list" in finding.what) == (Mark.OK, True)


def test_whoever_may_sign_is_named_and_what_does_not_count_is_a_failure(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o755)
    assert signers_finding(keys).mark is Mark.FAIL, "nobody could order anything"
    make_pair(tmp_path / "anna", keys / "anna.pem")
    finding = signers_finding(keys)
    assert (finding.mark, "anna" in finding.what) == (Mark.OK, True)
    (keys / "ben.pem").write_text("no key")
    finding = signers_finding(keys)
    assert (finding.mark, "ben.pem" in finding.what) == (Mark.FAIL, True)
