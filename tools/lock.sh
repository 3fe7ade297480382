#!/usr/bin/env bash
# Pin every dependency with its hashes, for all platforms and Python 3.11+, without index addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
pin() { .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@"; }
pin pyproject.toml -o requirements/base.lock
printf 'hatchling\nbabel\neditables\n' | pin -c requirements/base.lock - -o requirements/build.lock
pin pyproject.toml --all-extras -c requirements/base.lock -o requirements/dev.lock
