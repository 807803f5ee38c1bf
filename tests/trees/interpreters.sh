#!/bin/sh
# The wheel, installed from nothing under the system's own Python and under the newest one on PATH, runs the main job.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/.venv/bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$work" "$here"
works() { "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; }
if ! works /usr/bin/python3 && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv > /dev/null
fi
installed=""
if command -v pyenv > /dev/null; then
  installed=$(ls -d "$(pyenv root)"/versions/3.1[1-9]*/bin/python 2> /dev/null | sort -rV)
fi
newest=""
for each in python3.14 python3.13 $installed python3.12 python3.11; do
  found=$(command -v "$each" || true)
  if [ -n "$found" ] && works "$found"; then newest=$found; break; fi
done
tried=0
for python in /usr/bin/python3 "$newest"; do
  { [ -n "$python" ] && works "$python"; } || continue
  "$python" --version
  "$python" -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint "$here/constraints.txt" "$work"/gpu_topo-*.whl
  cd "$work"
  venv/bin/topo example tiny-mpft
  venv/bin/topo check tiny-mpft.yaml --format json > report.json
  venv/bin/topo verify report.json > /dev/null
  venv/bin/topo build tiny-mpft.yaml -o out > /dev/null
  venv/bin/topo report tiny-mpft.yaml -o tiny.html
  rm -rf venv tiny-mpft.yaml out tiny.html report.json
  tried=$((tried + 1))
done
[ "$tried" -gt 0 ] || { echo "no interpreter of 3.11 or newer was found"; exit 1; }
echo "$tried interpreters passed"
