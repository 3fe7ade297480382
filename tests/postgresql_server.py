"""A private PostgreSQL cluster for the tests: in a folder of its own, on a socket of its own, thrown away after."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

_FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=40",
         "shared_buffers=32MB", "listen_addresses=''"]  # fmt: skip
_NUMBER = itertools.count()


def binaries():
    """Find initdb and pg_ctl: on the path, or where Debian puts them; the newest."""
    found = [Path(p).parent for p in [shutil.which("initdb")] if p]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name))
    return next((p for p in found if (p / "pg_ctl").exists()), None)


def missing():
    """Say why no cluster can be started here, or None."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed"
    if binaries() is None:
        return "no PostgreSQL server is installed (initdb, pg_ctl)"
    if os.geteuid() == 0 and _postgres() is None:
        return "PostgreSQL does not run as root and there is no user postgres"
    return None


def _postgres():
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None


class Cluster:
    """A server that lives as long as the block; PostgreSQL refuses root, so root becomes user postgres for it.

    `settings` of its own make it as safe as the machine's: the tests' are for speed, and lose everything with the power.
    """

    def __init__(self, _folder, settings=_FAST):
        self.settings = list(settings)
        # a short path: the name of a socket has at most 107 characters
        self.folder = Path(tempfile.mkdtemp(prefix="tamna-pg-"))
        self.user = _postgres() if os.geteuid() == 0 else None
        self.bin = binaries()

    def __enter__(self):
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        data = self.folder / "data"
        self._run(
            "initdb", "-D", data, "-U", "tamna", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"
        )
        with (data / "postgresql.conf").open("a") as file:
            file.write("\n".join([*self.settings, f"unix_socket_directories='{self.folder}'", ""]))
        self._run("pg_ctl", "-D", data, "-w", "-t", "60", "-l", self.folder / "log", "start")
        self.address = f"postgresql+psycopg://tamna@/postgres?host={self.folder}"
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def cpu_s(self):
        """Give the CPU seconds of the server so far: the postmaster's, its children's, and those of children gone."""
        head = (self.folder / "data" / "postmaster.pid").read_text().splitlines()[0]
        spent = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended meanwhile
            if stat.parent.name == head:
                spent += sum(map(int, fields[11:15]))
            elif fields[1] == head:
                spent += sum(map(int, fields[11:13]))
        return spent / os.sysconf("SC_CLK_TCK")

    def _run(self, name, *arguments):
        other = (
            {}
            if self.user is None
            else {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        )
        subprocess.run(
            [self.bin / name, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=self.folder, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, **other,
        )  # fmt: skip


def fresh_schema(address):
    """Make an empty schema in the cluster, which is much quicker than a database, and give its address."""
    from sqlalchemy import create_engine, make_url, text

    name = f"book_{os.getpid()}_{next(_NUMBER)}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as to:
        to.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    url = make_url(address).update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)
