# What ./run and ./test share: find out what this machine lacks, say so, install it. Sourced by bash; not run by itself.

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# apt_install WHY PACKAGE... : installs those that are missing, from the system's own package source.
apt_install() {
  local why=$1 missing=() package
  shift
  for package in "$@"; do
    if ! dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
      missing+=("$package")
    fi
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    die "Missing, $why: ${missing[*]}" \
      "(names of Debian packages). This system has no apt-get: please install what fits, then try again."
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      die "Missing, $why: ${missing[*]}" \
        "There is no sudo here. As root, run: apt-get install --no-install-recommends ${missing[*]}"
    fi
    as_root=(sudo)
  fi
  say "Installing ${missing[*]} ($why)"
  "${as_root[@]}" apt-get update -qq || die "apt-get update failed; the packages still missing are: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}"
}

need_rust() {
  command -v cargo >/dev/null || die "cargo is missing: install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer with rustup, then try again."
  # SQLite is compiled along, and Rust itself links with the C compiler.
  command -v cc >/dev/null || apt_install "to compile SQLite and to link" build-essential
}

need_node() {
  local major
  command -v npm >/dev/null || die "npm is missing: install Node 20 or newer, then try again."
  major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  [ "$major" -ge 20 ] || die "Node $(node --version) is too old for the page's build tools: install Node 20 or newer."
}

need_desktop() {
  command -v pkg-config >/dev/null && pkg-config --exists webkit2gtk-4.1 ||
    apt_install "for the desktop window" pkg-config libwebkit2gtk-4.1-dev
}

need_window_tests() {
  command -v Xvfb >/dev/null && command -v WebKitWebDriver >/dev/null && command -v dbus-daemon >/dev/null &&
    [ -d /usr/share/fonts/truetype/dejavu ] ||
    apt_install "to test the desktop window without a screen" xvfb webkit2gtk-driver dbus-daemon fonts-dejavu-core
}

# A keychain to keep secrets in.
need_keychain() {
  command -v gnome-keyring-daemon >/dev/null || apt_install "to test the keychain" gnome-keyring
}

# A place like a container.
need_container() {
  command -v bwrap >/dev/null || apt_install "to test the server as in a container" bubblewrap
}

need_browser() {
  [ -x /usr/bin/chromium ] || apt_install "to test the page in a browser" chromium fonts-dejavu-core
}

# The page's packages, installed again only when the lock file has changed.
need_ui_packages() {
  need_node
  local stamp=ui/node_modules/.stamp
  if [ ! -e $stamp ] || [ ui/package-lock.json -nt $stamp ]; then
    say "Installing the page's packages (npm ci)"
    (cd ui && npm ci --no-audit --no-fund --loglevel=error >&2) || return 1
    touch $stamp
  fi
}

# The built page, built again only when one of its sources is newer.
need_ui() {
  need_ui_packages || return 1
  local sources=() path
  for path in src public index.html vite.config.ts vite.file.config.ts svelte.config.js package-lock.json; do
    [ ! -e "ui/$path" ] || sources+=("ui/$path")
  done
  if [ ! -e ui/dist/index.html ] || [ -n "$(find "${sources[@]}" -newer ui/dist/index.html -print -quit)" ]; then
    say "Building the page"
    (cd ui && npx --no-install vite build --logLevel warn >&2 &&
      npx --no-install vite build --config vite.file.config.ts --logLevel warn >&2)
  fi
}
