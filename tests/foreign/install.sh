#!/bin/sh
# Installs the foreign engines that tests/foreign runs: on Debian and Ubuntu from their archives (infragraph and
# Graphviz's parser come with the development dependencies).
set -e
PATH="$PATH:/usr/sbin"
missing=""
for tool in ibsim opensm ibnetdiscover dump_lfts ibdmchk ibdmtr slurmctld; do
    command -v "$tool" >/dev/null 2>&1 || missing=yes
done
/usr/bin/python3 -c 'import simgrid' >/dev/null 2>&1 || missing=yes
if [ "$missing" ]; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -q
    $as_root apt-get install -q -y --no-install-recommends \
        opensm ibsim-utils infiniband-diags ibutils graphviz python3-simgrid slurmctld
fi
