#!/bin/sh
# Installs topo in a bare Debian tree and runs the main job there: sh tests/trees/try.sh SUITE (bookworm, trixie).
# Needs root and mmdebstrap. What pip needs is downloaded outside the tree for the tree's own Python, so that nothing of
# the machine's settings is copied into it.
set -eu
suite=$1
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,make,git "$suite" "$tree"
version=$(chroot "$tree" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
echo "$suite: Python $version"
mkdir -p "$tree/wheels" "$tree/topo"
git -c safe.directory="*" -C "$here" archive HEAD | tar -x -C "$tree/topo"
python3 -m pip download --quiet --dest "$tree/wheels" --python-version "$version" --only-binary=:all: \
  --constraint "$here/constraints.txt" $(python3 "$here/tests/trees/needs.py" "$here/pyproject.toml") hatchling editables
chroot "$tree" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels \
  sh -ec 'cd /topo && make demo > /dev/null && .venv/bin/topo report designs/tiny-mpft.yaml -o /tmp/r.html &&
          .venv/bin/topo diagram designs/tiny-mpft.yaml -o /tmp/d.svg && .venv/bin/topo check designs/tiny-ft2.yaml'
echo "$suite: passed"
