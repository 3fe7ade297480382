#!/usr/bin/env bash
# Count what the base install weighs: a fresh environment with the base lock and tamna itself.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${1:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.lock
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps .
du -sm "$folder/venv" | awk '{print $1 " MB in the environment, pip included"}'
