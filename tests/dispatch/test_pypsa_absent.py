"""The base does without PyPSA: it is imported when a network is asked for, and named with its command where it is absent."""

import subprocess
import sys

BLOCKED = """
import sys
from importlib.abc import MetaPathFinder
class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pypsa":
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
"""


def python(text):
    return subprocess.run([sys.executable, "-c", BLOCKED + text], capture_output=True, text=True, check=False)


def test_everything_imports_without_it():
    done = python(
        "import tamna.dispatch.interchange.inward, tamna.dispatch.interchange.outward, tamna.runs.interchange\n"
        "import tamna.serve.cli.dispatch, tamna.serve.cli.network\nprint('pypsa' in sys.modules)"
    )
    assert done.stdout.strip() == "False", done.stderr


def test_who_asks_for_a_network_is_told_what_to_install(tmp_path):
    done = python(
        "from tamna.serve.cli.app import run\n"
        f"sys.exit(run(['dispatch', '--from-pypsa', {str(tmp_path / 'x.nc')!r}, '--lang', 'en']))"
    )
    assert done.returncode == 2
    assert "pip install 'tamna[pypsa]'" in done.stderr
