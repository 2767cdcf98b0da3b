#!/bin/bash
# Makes what an office on Linux installs, x86_64, for glibc 2.28 and later (Debian 10, UOS 20, Kylin V10):
#
#   packaging/linux.sh [FOLDER]        (target/packaging)
#
#   taizhang_VERSION_amd64.deb         for the whole computer
#   taizhang-VERSION-linux-x86_64.tar.gz      for one user, without root: install.sh, uninstall.sh
#   rare-full.ttf                             every rare character of GB18030, for whoever wants them
#
# Needs Debian 12 with Rust; installs the rest when root, and says what is missing when not.
set -euo pipefail
exec </dev/null
cd "$(dirname "$(realpath "$0")")/.."
# shellcheck source=need.sh
source packaging/need.sh
out=${1:-target/packaging}
mkdir -p "$out"
out=$(realpath "$out")
why() { echo "error: $*" >&2; exit 1; }
say() { echo "=== $* ($SECONDS s)"; }

GLIBC=2.28
TARGET=x86_64-unknown-linux-gnu
MOST_BYTES=45000000
VERSION=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)

say "system packages"
need gcc libc6-dev binutils python3-venv librsvg2-bin desktop-file-utils appstream lintian
cargo --version || why "no cargo"

say "tools"
tools=$PWD/target/tools
[ -x "$tools/bin/python" ] || python3 -m venv "$tools"
"$tools/bin/pip" -q --disable-pip-version-check install ziglang==0.17.1 cargo-zigbuild==0.24.0
cargo install -q --locked --root "$tools" --target-dir "$tools/build" cargo-deb --version "=3.8.0"
export PATH=$tools/bin:$PATH

say "the program"
cargo zigbuild --locked --profile dist --target "$TARGET.$GLIBC" --bin taizhang
program=target/$TARGET/dist/taizhang

say "what it asks of the system"
newest=$(objdump -T "$program" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -1)
[ "$(printf '%s\n' "$newest" "$GLIBC" | sort -V | tail -1)" = "$GLIBC" ] || why "it asks for glibc $newest"
needed=$(objdump -p "$program" | sed -n 's/^ *NEEDED *//p')
alien=$(grep -vxE 'lib(c|m|pthread|dl|rt|util|gcc_s)\.so\.[0-9]+|ld-linux-x86-64\.so\.2' <<<"$needed" || true)
[ -z "$alien" ] || why "it is linked to $alien"
size=$(stat -c %s "$program")
[ "$size" -le $MOST_BYTES ] || why "the program is $size bytes, more than $MOST_BYTES"
echo "glibc $newest; linked to $(tr '\n' ' ' <<<"$needed"); $size bytes"

say "what goes beside it"
share=target/packaging/share
rm -rf "$share"
install -Dm644 -t "$share/applications" packaging/linux/taizhang.desktop packaging/linux/taizhang-book.desktop
install -Dm644 -t "$share/mime/packages" packaging/linux/taizhang.xml
install -Dm644 -t "$share/icons/hicolor/scalable/apps" assets/icons/taizhang.svg
for side in 16 22 24 32 48 64 128 256 512; do
    folder=$share/icons/hicolor/${side}x$side/apps
    mkdir -p "$folder"
    rsvg-convert -w "$side" -h "$side" assets/icons/taizhang.svg -o "$folder/taizhang.png"
done
metainfo=$share/metainfo/cn.taizhang.taizhang.metainfo.xml
mkdir -p "$share/metainfo"
day=$(git log -1 --format=%cs 2>/dev/null || date +%F)
sed "s/@VERSION@/$VERSION/; s/@DATE@/$day/" packaging/linux/cn.taizhang.taizhang.metainfo.xml >"$metainfo"
install -Dm644 -t "$share/doc/taizhang" packaging/linux/copyright fonts/OFL-Noto.txt fonts/OFL-HanaMin.txt fonts/ARPHICPL.txt
printf 'taizhang (%s-1) stable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n' "$VERSION" "$VERSION" \
    "$(sed -n 's/^maintainer = "\(.*\)"$/\1/p' Cargo.toml)" "$(date -R -d "$day")" | gzip -9n >"$share/doc/taizhang/changelog.Debian.gz"
desktop-file-validate "$share"/applications/*.desktop
appstreamcli validate --no-net "$metainfo"

say "the .deb"
deb=$out/taizhang_${VERSION}_amd64.deb
cargo deb -q --no-build --no-strip --profile dist --target "$TARGET" --output "$deb"
# It has no manual page, and never was a bug of Debian's.
lintian --fail-on error --suppress-tags no-manual-page,initial-upload-closes-no-bugs --tag-display-limit 0 --allow-root "$deb"

say "the tar.gz"
name=taizhang-$VERSION-linux-x86_64
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/$name/bin"
install -m755 "$program" "$tree/$name/bin/taizhang"
cp -r "$share" "$tree/$name/share"
rm "$tree/$name/share/doc/taizhang/changelog.Debian.gz"
install -m755 packaging/linux/install.sh packaging/linux/uninstall.sh "$tree/$name/"
install -m644 packaging/linux/说明.txt "$tree/$name/"
tar -C "$tree" --owner=0 --group=0 --numeric-owner --sort=name --mtime="$day" -czf "$out/$name.tar.gz" "$name"

cp fonts/rare-full.ttf "$out/"

say "done"
ls -l "$out"/*.deb "$out"/*.tar.gz
