# shellcheck shell=bash
# Sourced by ./demo and ./test: what has to be on a Debian 12 machine that has the Swift toolchain.

# What the toolchain itself links with, and the libraries that Zij borrows.
build_packages=(
  binutils gcc g++ libc6-dev libgcc-12-dev libstdc++-12-dev git pkg-config tzdata ca-certificates
  liblz4-dev libzstd-dev zlib1g-dev libsnappy-dev libbz2-dev libcfitsio-dev libreadline-dev
  libmicrohttpd-dev libssl-dev libpcre2-dev
)

# Judges of ./test that are no Python: STILTS, with a Java, validates the Virtual Observatory's door;
# PostgreSQL and psql the system tables.
judge_packages=(stilts default-jre-headless postgresql-15 postgresql-client-15)

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# What a toolchain from swift.org needs to start; a machine on which it starts has them.
toolchain_packages=(libcurl4 libedit2 libncurses6 libsqlite3-0 libxml2)

need_swift() {
  command -v swift > /dev/null \
    || fail "swift is not on the PATH: install a Swift 6.2 toolchain or a newer one first"
}

swift_starts() { swift package --version > /dev/null 2>&1; }

# Those of the packages that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' \
      || printf '%s\n' "$package"
  done
}

# Installs the packages that are missing, as root or through sudo. Without either it names them and
# returns 3.
need_packages() {
  local missing=()
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo > /dev/null || ! { sudo -n true 2> /dev/null || [[ -t 0 ]]; }; then
      say "Debian packages are missing. Install them as root and start again:" >&2
      say "  apt-get install -y --no-install-recommends ${missing[*]}" >&2
      return 3
    fi
    as_root=(sudo)
  fi
  say "Installing ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
  "${apt[@]}" update -qq && "${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}"
}

# The packages that give a Python with pip, and with venv if that is asked for. A Python of any
# origin will do.
python_packages() {
  command -v python3 > /dev/null || say python3
  python3 -m pip --version > /dev/null 2>&1 || say python3-pip
  [[ ${1:-} != venv ]] || python3 -c 'import ensurepip, venv' 2> /dev/null || say python3-venv
}

# Everything that building and fetching needs, in one go.
need_machine() {
  need_swift
  local packages=("${build_packages[@]}")
  swift_starts || packages+=("${toolchain_packages[@]}")
  # shellcheck disable=SC2207  # names of packages have no blanks
  packages+=($(python_packages "$@"))
  need_packages "${packages[@]}" || return
  swift_starts || fail "swift does not start: $(swift package --version 2>&1 | head -n 1)"
}

# A venv with the tools of Tests/Interop, made anew when their list changes.
install_python_tools() {
  # shellcheck disable=SC2046  # names of packages have no blanks
  need_packages $(python_packages venv) || return 1
  [[ -x .venv/bin/python ]] || python3 -m venv .venv || return 1
  ! cmp -s Tests/Interop/requirements.txt .venv/installed.txt || return 0
  .venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --requirement Tests/Interop/requirements.txt || return 1
  cp Tests/Interop/requirements.txt .venv/installed.txt
}
