#!/bin/sh
# Installs the foreign engines that tests/foreign runs: on Debian and Ubuntu from their archives (infragraph comes with the development dependencies).
set -e
if ! command -v ibsim >/dev/null 2>&1 || ! command -v opensm >/dev/null 2>&1 || ! command -v ibdmchk >/dev/null 2>&1 \
    || ! /usr/bin/python3 -c 'import simgrid' >/dev/null 2>&1; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -q
    $as_root apt-get install -q -y --no-install-recommends \
        opensm ibsim-utils infiniband-diags ibutils graphviz python3-simgrid
fi
