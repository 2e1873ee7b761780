#!/bin/sh
# Fetches Docker Compose 2 into a folder, as a program that needs neither Docker nor root nor an installation.
#
#   deploy/ci-tools.sh FOLDER     leaves FOLDER/docker-compose
#
# It comes out of Debian's package, through apt with lists of its own, so that nothing on this machine changes.
set -eu
folder=${1:?name the folder that docker-compose shall be put into}
suite=trixie # the first whose Compose is version 2

complain() {
    echo "ci-tools.sh: $*; install Docker Compose 2 yourself" >&2
    exit 1
}

command -v apt-get > /dev/null || complain "this is not a Debian system, apt-get is missing"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2> /dev/null |
    sed -n -e 's/^URIs: *\([^ ]*\).*/\1/p' -e 's/^deb .*\(https\{0,1\}:[^ ]*\).*/\1/p' | head -n 1)
[ -n "$mirror" ] || complain "apt's sources name no mirror of Debian"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder" "$work/lists/partial" "$work/archives/partial"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
    > "$work/sources.list"
apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work" -o APT::Sandbox::User="$(id -un)" "$@"
}
apt update
(cd "$work" && apt download docker-compose)
dpkg-deb -x "$work"/docker-compose_*.deb "$work/unpacked"
mv "$work/unpacked/usr/libexec/docker/cli-plugins/docker-compose" "$folder/docker-compose"
