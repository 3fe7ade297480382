"""``python -m benchmarks.dispatch j1|j2 [--days N] [--json] [--alone] [--pypsa PYTHON] [--oemof PYTHON]``: tamna beside its peers.

J1: a year of hourly dispatch as one linear problem. J2: rolling unit commitment, 48 h windows, 24 h steps, gap 1e-4,
the carried-out cost of --days (7). Each tool runs in a process of its own on one thread; reading the profiles and
importing are not counted, building and solving are. PyPSA and oemof.solph run in the Pythons named by --pypsa and
--oemof, else in environments that are made once in the folder for temporary files; where one cannot be made, why is told
in its place. oemof cannot state J2. --alone leaves both out. Ratios are PyPSA's figure over the tool's:
``ratio_vs_pypsa`` of elapsed time, beside it those of CPU time and memory.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import asdict
from pathlib import Path

import benchmarks.dispatch_cases as cases
from tamna.dispatch.check.whole import broken
from tamna.dispatch.rolling import roll
from tamna.dispatch.year import solve_year

PEERS = {"pypsa": ("pypsa==1.4.0", "highspy"), "oemof": ("oemof.solph==0.6.5", "highspy")}
NO_J2 = (
    "cannot state J2: no window begins in the state that the last one left (times on and off, last output)"
)
HERE = Path(__file__).resolve().parent


def data_folder() -> Path:
    """Give the folder of real files (not through the other benchmarks, whose libraries would count as memory)."""
    return Path(os.environ.get("TAMNA_SHARED_DATA", HERE.parent.parent / "shared" / "data"))


def tamna(which: str, days: int) -> dict:
    hours = cases.hours(cases.profiles(data_folder()))
    system = cases.system(commit=which == "j2")
    wall, cpu = time.perf_counter(), time.process_time()
    if which == "j1":
        state, extra = None, {}
        done, found = solve_year(system, hours)
        objective = found.objective
    else:
        state = cases.first_state()
        rolled = roll(system, hours, state, carry_out_h=24 * days)
        done, objective = rolled.done, rolled.done.total_cost
        extra = {"worst_gap": max(w.found.gap for w in rolled.windows), "days": days}
    seconds, spent = time.perf_counter() - wall, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rules = broken(system, hours.part(0, len(done.cost["demand"])), done, state)
    known = cases.J1_OPTIMUM if which == "j1" else cases.J2_COST.get(days)
    return {
        "objective": objective, "total_s": seconds, "cpu_s": spent, "rss_mb": memory,
        "known": known, "off_known": None if known is None else objective / known - 1,
        "rules_broken": len(rules), **extra,
    }  # fmt: skip


def figures() -> str:
    """Give the case as the peer reads it."""
    units = [asdict(u) for u in cases.UNITS]
    given = {k: v.tolist() for k, v in cases.profiles(data_folder()).items()}
    return json.dumps(
        given
        | {
            "units": units, "links": cases.LINKS, "battery": cases.BATTERY, "store": cases.STORE,
            "electrolyser": cases.ELECTROLYSER, "lost": cases.LOST, "lost_hydrogen": cases.LOST_HYDROGEN,
            "hydrogen_mw": cases.HYDROGEN_MW, "wind_mw": cases.WIND_MW, "pv_mw": cases.PV_MW,
        }
    )  # fmt: skip


def peer_python(peer: str) -> str:
    """Give a Python that has the peer, made once; leaves nothing behind that looks ready where it cannot be made."""
    folder = Path(tempfile.gettempdir()) / f"tamna-benchmark-{peer}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True)
        command = [python, "-m", "pip", "install", "--quiet", *PEERS[peer]]
        subprocess.run(command, check=True, capture_output=True, text=True)
        (folder / "ready").touch()
    return str(python)


def beside(peer: str, which: str, days: int) -> dict:
    """Run a peer; where it cannot be installed or cannot state the case, say why."""
    if (peer, which) == ("oemof", "j2"):
        return {"skipped": NO_J2}
    try:
        python = option(f"--{peer}", "") or peer_python(peer)
    except subprocess.CalledProcessError as error:
        return {"skipped": f"does not install: {str(error.stderr).strip().splitlines()[-1:]}"}
    found = in_own_process([python, str(HERE / f"dispatch_{peer}.py"), which, str(days)], figures())
    known = cases.J1_OPTIMUM if which == "j1" else cases.J2_COST.get(days)
    return found | ({} if known is None else {"off_known": found["objective"] / known - 1})


def in_own_process(command: list[str], given: str = "") -> dict:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, input=given, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.strip().splitlines()[-1])


def option(name: str, default: str) -> str:
    arguments = sys.argv[1:]
    return arguments[arguments.index(name) + 1] if name in arguments else default


def main() -> None:
    which, days = next((a for a in sys.argv[1:] if a in {"j1", "j2"}), "j1"), int(option("--days", "7"))
    if "--only-tamna" in sys.argv:
        print(json.dumps(tamna(which, days)))
        return
    tools = {
        "tamna": in_own_process(
            [sys.executable, "-m", "benchmarks.dispatch", which, "--days", str(days), "--only-tamna"]
        )
    }
    if "--alone" not in sys.argv:
        tools |= {peer: beside(peer, which, days) for peer in PEERS}
        peer = tools["pypsa"]
        for tool in tools.values():
            if "skipped" in tool or "skipped" in peer:
                continue
            tool["ratio_vs_pypsa"] = peer["total_s"] / tool["total_s"]
            tool["cpu_ratio_vs_pypsa"] = peer["cpu_s"] / tool["cpu_s"]
            tool["rss_ratio_vs_pypsa"] = peer["rss_mb"] / tool["rss_mb"]
    if "--json" in sys.argv:
        print(json.dumps({"case": which, **tools}, indent=1))
        return
    for name, tool in tools.items():
        print(f"{which} {name:6}", {k: round(v, 6) if isinstance(v, float) else v for k, v in tool.items()})


if __name__ == "__main__":
    main()
