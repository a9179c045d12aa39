#!/bin/sh
# install_config.sh FILE TO: copies FILE to DESTDIR/TO unless there is one.
set -eu
to=${DESTDIR:-}$2
if [ -e "$to" ]; then
  echo "$to stays as it is"
  exit 0
fi
install -D -m 0644 "$1" "$to"
echo "Installing $to"
