"""Start a PostgreSQL of its own in a temporary folder, on a free port of this machine, and stop it in every way a server stops."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

PASSWORD = "pa:ss/wo@rd"  # noqa: S105 - what a URL must escape, and what no message may show
USER = "ann"
PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root


def find_postgres() -> Path | None:
    """The folder of the server's programs, or None."""
    named = os.environ.get("LABELSCOPE_POSTGRES")
    if named:
        return Path(named)
    on_path = shutil.which("initdb")
    installed = [folder for pattern in PLACES for folder in sorted(Path("/").glob(pattern[1:]), reverse=True)]
    found = ([Path(on_path).parent] if on_path else []) + installed
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def other_user() -> dict[str, object]:
    """What lets a child of root run as somebody else; nothing where we are not root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root, and this machine has no user postgres or nobody")


class Server:
    """One server. It starts in about two seconds and leaves nothing behind.

    Parameters
    ----------
    programs : Path
        The folder of initdb and postgres.
    durable : bool
        Whether a commit waits for the disk, as a team's server does. A stopped process loses nothing either way.
    """

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        self.port = free_port()
        self._programs, self._durable = programs, durable
        self._as, self._numbers = other_user(), count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self):
        # not below pytest's folder, which another user cannot enter; short, because a socket's path must be
        self._folder = Path(tempfile.mkdtemp(prefix="labelscope-pg-"))
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if self._as:
            for path in (self._folder, secret):
                os.chown(path, self._as["user"], self._as["group"])
        command = [self._programs / "initdb", "-D", self._folder / "data", "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256"]
        options = ["--no-sync", "--encoding=UTF8", "--locale=C"]
        done = subprocess.run([*command, *options], capture_output=True, text=True, cwd=self._folder, check=False, **self._as)
        if done.returncode:
            self.__exit__()
            raise RuntimeError(f"initdb: {done.stderr.strip()}")
        self.start()
        return self

    def __exit__(self, *_):
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.go_on()
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self._folder, "port": self.port}
        settings |= {"fsync": "on" if self._durable else "off", "shared_buffers": "16MB", "max_connections": "40"}
        command = [self._programs / "postgres", "-D", self._folder / "data"]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, **self._as)
        deadline = time.monotonic() + 60
        while not self._takes_connections():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {self.log[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends the sessions in order, SIGQUIT as a crash does."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(timeout=60)
        self._process = None

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        self.stop(how)
        self.start()

    def freeze(self) -> None:
        """Stop every process of the server where it is: connections stay, nothing answers."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """What :meth:`freeze` stopped goes on."""
        for pid in self._processes():
            os.kill(pid, signal.SIGCONT)

    @property
    def log(self) -> str:
        return (self._folder / "server.log").read_text(errors="replace")

    def url(self, database: str, *, port: int | None = None) -> str:
        """The URL of a database on this server, password included."""
        from urllib.parse import quote

        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port or self.port}/{database}"

    def connect(self, database: str = "postgres"):
        """A connection of somebody else's, in autocommit."""
        import psycopg

        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True, connect_timeout=10
        )

    def database(self) -> str:
        """Make an empty database; its name."""
        name = f"team{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return name

    def _takes_connections(self) -> bool:
        import psycopg

        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _processes(self) -> list[int]:
        assert self._process is not None
        main = self._process.pid
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(main)], capture_output=True, text=True, check=False)
        return [main, *map(int, listed.stdout.split())]
