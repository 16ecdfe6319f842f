"""What Prometheus reads, read as strictly as `promtool check metrics` would."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_NO_BASE_UNIT = re.compile(r"_(ms|milliseconds|minutes|hours|days|mb|kb|megabytes|kilobytes|percent)(_|$)")


@dataclass(frozen=True, slots=True)
class Exposition:
    """Attributes: values: by name and sorted labels; helps: by family; text: as it came."""

    values: Mapping[tuple[str, tuple[tuple[str, str], ...]], float]
    helps: Mapping[str, str]
    text: str

    def value(self, name: str, /, **labels: str) -> float:
        return self.values[name, tuple(sorted(labels.items()))]

    def labels(self, name: str) -> set[tuple[tuple[str, str], ...]]:
        """The label sets that a name comes with."""
        return {labels for found, labels in self.values if found == name}


def read_exposition(body: bytes) -> Exposition:
    """Fails where a family has no help or type, comes twice, or breaks the rules for names; where a sample comes twice;
    and where a number is none.
    """
    text = body.decode()
    assert text.endswith("\n")
    declared = [line.split(" ", 3) for line in text.splitlines() if line.startswith("# ")]
    for kind in ("HELP", "TYPE"):
        names = [words[2] for words in declared if words[1] == kind]
        assert len(names) == len(set(names)), f"{kind} comes twice"
    assert {words[2] for words in declared if words[1] == "HELP"} == {
        words[2] for words in declared if words[1] == "TYPE"
    }
    values: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    helps = {}
    for family in text_string_to_metric_families(text):
        assert family.type in {"gauge", "counter", "summary", "histogram"}, family.name
        assert _NAME.fullmatch(family.name), family.name
        assert not _NO_BASE_UNIT.search(family.name), family.name
        assert family.documentation[0].isupper() or family.documentation[0].isdigit(), family.name
        assert family.documentation.endswith("."), family.name
        helps[family.name] = family.documentation
        for sample in family.samples:
            if family.type == "counter":
                assert sample.name.endswith("_total")
            else:
                assert not sample.name.endswith("_total")
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in values, key
            assert sample.value == sample.value, f"{key} is no number"
            values[key] = sample.value
    assert len(text.splitlines()) == len(values) + len(declared), "a line was passed over"
    return Exposition(values, helps, text)
