# shellcheck shell=bash
# Sourced by ./demo and ./test: what has to be on a Debian 12 machine that has the Swift toolchain.

# What the toolchain itself links with, and the libraries that Zij borrows.
build_packages=(
  binutils gcc g++ libc6-dev libgcc-12-dev libstdc++-12-dev git pkg-config tzdata ca-certificates
  liblz4-dev libzstd-dev zlib1g-dev libsnappy-dev libcfitsio-dev libreadline-dev
)

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

need_swift() {
  command -v swift > /dev/null \
    || fail "swift is not on the PATH: install a Swift 6.2 toolchain or a newer one first"
}

# Installs the packages that are missing, as root or through sudo. Without either it names them.
need_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed' \
      || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo > /dev/null || ! { sudo -n true 2> /dev/null || [[ -t 0 ]]; }; then
      say "These Debian packages are missing. Install them and start again:" >&2
      say "  apt-get install -y --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  say "Installing ${missing[*]}"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
  "${apt[@]}" update -qq && "${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}"
}

# Python of any origin with the modules that are asked for; otherwise Debian's.
need_python() {
  local packages=()
  command -v python3 > /dev/null || packages+=(python3)
  python3 -m pip --version > /dev/null 2>&1 || packages+=(python3-pip)
  if [[ ${1:-} == venv ]]; then
    python3 -c 'import ensurepip, venv' 2> /dev/null || packages+=(python3-venv)
  fi
  ((${#packages[@]} == 0)) || need_packages "${packages[@]}"
}

# A venv with the tools of Tests/Interop, made anew when their list changes.
install_python_tools() {
  need_python venv || return 1
  [[ -x .venv/bin/python ]] || python3 -m venv .venv || return 1
  ! cmp -s Tests/Interop/requirements.txt .venv/installed.txt || return 0
  .venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --requirement Tests/Interop/requirements.txt || return 1
  cp Tests/Interop/requirements.txt .venv/installed.txt
}
