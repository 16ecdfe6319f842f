"""A hub as a process of its own, as its users run it."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import ROOT


def edged(*words: str) -> subprocess.CompletedProcess[str]:
    """A command, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "edged", *words], check=False, capture_output=True, text=True, env=_environment()
    )


def made_hub(folder: Path, models: Path, *more: str) -> dict[str, Any]:
    """What `edged hub init --json` says; any free port."""
    made = edged(
        "hub", "init", str(folder), "--listen", "127.0.0.1", "--port", "0", "--models", str(models), "--json", *more
    )
    assert made.returncode == 0, made.stderr
    document: dict[str, Any] = json.loads(made.stdout)
    return document


@dataclass
class Running:
    """Attributes: url: where it answers; ca: whom to trust; log: its standard error."""

    process: subprocess.Popen[str]
    url: str
    ca: Path
    log: Path

    def client(self, token: str = "") -> httpx.Client:
        headers = {"authorization": f"Token {token}"} if token else {}
        context = ssl.create_default_context(cafile=str(self.ca))
        context.verify_flags |= ssl.VERIFY_X509_STRICT  # what Python 3.13 does by itself
        return httpx.Client(base_url=self.url, headers=headers, verify=context, timeout=30, trust_env=False)

    def terminated(self) -> int:
        """Its exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def running(config: Path, log: Path) -> Iterator[Running]:
    """Until the block ends; it answers when it begins."""
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "edged", "hub", "run", "--config", str(config)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=_environment(),
        ) as process,
    ):
        try:
            assert process.stdout is not None
            word, _, url = process.stdout.readline().strip().partition(" ")
            assert word == "READY", log.read_text()
            yield Running(process, url, config.parent / "tls" / "ca.crt", log)
        finally:
            if process.poll() is None:
                process.kill()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"}
