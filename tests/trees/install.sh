#!/bin/sh
# What the bare trees need, on Debian.
set -eu
command -v mmdebstrap > /dev/null && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends mmdebstrap > /dev/null
