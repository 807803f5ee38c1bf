#!/bin/sh
# Installs the Chromium that tests/browser drive: on Debian and Ubuntu from their archives.
set -e
if ! command -v chromium >/dev/null 2>&1; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    $as_root apt-get update -q
    $as_root apt-get install -q -y --no-install-recommends chromium
fi
