"""How the configuration stands, in the words of the wire."""

from __future__ import annotations

from collections.abc import Mapping

from edged.config.kept import Verdict
from edged.config.layers import Loaded
from edged.config.secret import shown
from edged.wire.payload import instant
from edged.wire.reported import ProblemPart, Reported, ReportStatus


def reported(verdict: Verdict, followed: Mapping[str, int], loaded: Loaded) -> Reported:
    """What stands under `config/reported`; no secret is in it.

    Args:
        verdict: on the newest order.
        followed: by source, the version that holds.
        loaded: the document in force.
    """
    return Reported(
        at=instant(verdict.at),
        source=verdict.source,
        version=verdict.version,
        token=verdict.token,
        by=verdict.by,
        status=ReportStatus(verdict.status),
        problems=tuple(
            ProblemPart(path=item.path, message=item.message, got=item.got, allowed=item.allowed)
            for item in verdict.problems
        ),
        overruled=verdict.overruled,
        config=loaded.digest,
        versions=followed,
        effective=shown(loaded.document.model_dump()),
        provenance={path: str(origin) for path, origin in sorted(loaded.provenance.items())},
    )
