# Shared by the scripts beside it; not run by itself.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# shellcheck disable=SC2034  # used by the scripts that read this file
BUILD_PACKAGES=(g++ meson ninja-build pkg-config ccache libpcap-dev libdpdk-dev libndpi-dev libreaderwriterqueue-dev libsimdjson-dev
  libtomlplusplus-dev libcli11-dev libfmt-dev libspdlog-dev libssl-dev zlib1g-dev libzstd-dev libjemalloc-dev libcap-dev libseccomp-dev libcpp-httplib-dev libmicrohttpd-dev libsqlite3-dev)
# The dashboard's build. Debian's npm and other builders' node do not go together: what is there is taken.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then BUILD_PACKAGES+=(nodejs npm); fi
# shellcheck disable=SC2034
TEST_PACKAGES=(libgtest-dev libgmock-dev python3 python3-jsonschema openssl git)
# shellcheck disable=SC2034
LIVE_PACKAGES=(tcpdump iproute2 iputils-ping tcpreplay curl procps libcap2-bin ethtool prometheus dpdk-dev)
# shellcheck disable=SC2034
BROWSER_PACKAGES=(chromium fonts-dejavu-core openssl)
# shellcheck disable=SC2034
LINT_PACKAGES=(shellcheck clang-format-14)
# shellcheck disable=SC2034
CLANG_PACKAGES=(clang-16 libclang-rt-16-dev llvm-16 clang-tidy-16)
# shellcheck disable=SC2034
BENCH_PACKAGES=(libbenchmark-dev libabsl-dev)

# install_packages NAME …: installs with apt what is missing, and says so first. Quick when nothing is missing.
install_packages() {
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "These packages are missing, and neither root nor sudo is at hand: ${missing[*]}" >&2; return 1; }
    sudo=(sudo)
  fi
  echo "Installing: ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# configure FOLDER [meson option …]: sets up root/FOLDER once.
configure() {
  local dir="$root/$1" log
  shift
  [ -f "$dir/build.ninja" ] && return 0
  log=$(mktemp)
  meson setup "$dir" "$root" "$@" >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; return 1; }
  rm -f "$log"
}
