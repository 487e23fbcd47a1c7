# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
# Debian packages by purpose, and how to get those that are missing. Sourced by ./run and ./test.

build_packages=(
  g++ meson ninja-build pkg-config
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libgstreamer-plugins-bad1.0-dev libgstrtspserver-1.0-dev
  libopus-dev libsoup-3.0-dev libjson-glib-dev libpango1.0-dev libssl-dev libnice-dev libsrt-openssl-dev libgtest-dev
)
run_packages=(
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-nice
  fonts-dejavu-core glib-networking
)
# libsrtp2 is the reference of our SRTP, ffmpeg reads recordings; Python runs the lint, the tallies and the examples;
# aiortc is somebody else's WHIP server; nginx with its RTMP module is where rooms are pushed to.
test_packages=(
  curl ffmpeg git libsrtp2-dev libbenchmark-dev python3 python3-gi gir1.2-gstreamer-1.0 python3-gst-1.0
  gir1.2-gst-plugins-base-1.0 gir1.2-gst-plugins-bad-1.0 gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-tools gstreamer1.0-plugins-ugly python3-aiortc openssl nginx libnginx-mod-rtmp srt-tools
)
# iproute2, iptables and unshare (util-linux) make the networks that let no UDP through.
browser_packages=(
  chromium firefox-esr ca-certificates iproute2 iptables nftables util-linux coturn python3-aiortc simple-whip-client
)

# missing_packages PACKAGE..: those that are not installed, one a line. One dpkg-query for all: a few milliseconds.
missing_packages() {
  local installed package
  installed=" $(dpkg-query -W -f='${db:Status-Abbrev}${Package} ' "$@" 2>/dev/null || true) "
  for package in "$@"; do
    [[ $installed == *"ii $package "* ]] || echo "$package"
  done
}

# ensure_packages WHY PACKAGE..: installs what is missing, or says what to type and fails.
ensure_packages() {
  local why=$1 missing as_root=()
  shift
  if ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian: make sure that you have what these packages hold, $why: $*" >&2
    return 0
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Missing $why: ${missing[*]}. As root, type:" >&2
      echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing with apt, $why: ${missing[*]}" >&2
  "${as_root[@]}" apt-get -qq update >&2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get -qq install --yes --no-install-recommends "${missing[@]}" >&2
}
