# Set-up shared by the commands in Tools/. Sourced, not run: it defines functions and installs nothing by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$root/.venv

say() { printf '\n== %s\n' "$*"; }

# Stops with the one line that the reader has to run.
stop_with_advice() {
  printf 'skein: %s\nskein: run this once, then try again:\n  %s\n' "$1" "$2" >&2
  exit 4
}

# Installs Debian packages that are missing: need_packages PACKAGE...
need_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local run=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2>/dev/null || stop_with_advice "these packages are missing: ${missing[*]}" \
      "sudo apt-get update && sudo apt-get install -y ${missing[*]}"
    run=(sudo -n)
  fi
  say "installing ${missing[*]}"
  "${run[@]}" apt-get update -qq
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
}

need_swift() {
  command -v swift >/dev/null || stop_with_advice "there is no Swift toolchain on the PATH (6.2 or newer is needed)" \
    "see https://www.swift.org/install/linux/"
}

# Makes the Python environment with skeintrace, real Twisted and what the tests need, if it is not there or out of date.
need_python() {
  local stamp=$venv/.skein-stamp wanted
  wanted=$(cat "$root/Tools/skeintrace/pyproject.toml" | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
  command -v python3 >/dev/null || need_packages python3
  say "making the Python environment in .venv"
  python3 -m venv "$venv" 2>/dev/null || { need_packages python3-venv; python3 -m venv "$venv"; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check --editable "$root/Tools/skeintrace[test]"
  printf '%s\n' "$wanted" >"$stamp"
}

# Builds with the Swift package manager and says so when there was nothing to build: build ARGUMENT...
build() {
  local log
  log=$(mktemp)
  if ! swift build --package-path "$root" "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    exit 1
  fi
  if grep -qE 'Compiling|Linking|Emitting' "$log"; then
    tail -n 1 "$log"
  else
    echo "nothing to build: everything is up to date"
  fi
  rm -f "$log"
}
