#!/bin/sh
# The wheel, installed from nothing under the system's own Python and under the newest one on PATH, runs the main job;
# what it writes is the same, byte by byte, in another time zone and language too.
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
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint "$here/constraints.txt" "$(ls "$work"/gpu_topo-*.whl)[xlsx,pictures]"
  tried=$((tried + 1))
  mkdir "$work/$tried"
  cd "$work/$tried"
  if [ "$tried" = 1 ]; then zone=UTC; else zone=Asia/Tokyo; fi
  run() { TZ=$zone LC_ALL=C PYTHONHASHSEED=$tried "$work/venv/bin/topo" "$@"; }
  for design in tiny-mpft tiny-ft3 hall-1024; do run example "$design" > /dev/null; done
  run check tiny-mpft.yaml --format json > report.json
  run verify report.json > /dev/null
  for design in tiny-mpft tiny-ft3 hall-1024; do run build "$design.yaml" -o "$design" > /dev/null; done
  run report tiny-mpft.yaml -o tiny.html
  for ending in svg png pdf dot; do run diagram tiny-mpft.yaml -o "drawn.$ending" > /dev/null; done
  run diff tiny-mpft.yaml tiny-ft3.yaml -o change > change.txt
  run compare tiny-mpft.yaml tiny-ft3.yaml --chart chart.svg --format json > compared.json
  if [ "$tried" -gt 1 ]; then diff -r "$work/1" "$work/$tried" > /dev/null || { diff -rq "$work/1" "$work/$tried"; exit 1; }; fi
  cd "$here"
  rm -rf "$work/venv"
done
[ "$tried" -gt 0 ] || { echo "no interpreter of 3.11 or newer was found"; exit 1; }
echo "$tried interpreters passed, with the same bytes: $(find "$work/1" -type f | wc -l) files"
