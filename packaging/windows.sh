#!/bin/bash
# The program for Windows, made on Debian 12 from nothing but this repository: an installer and a zip to unpack.
#
#   packaging/windows.sh [FOLDER]        puts both, and the program itself, into FOLDER (target/packaging)
#
# PROFILE=release builds sooner, and a larger program, to try something.
#
# Rust for Windows comes from Debian too: its standard library is built once, from Debian's own sources of it, and kept in
# target/windows-kit. Everything stays apart from what is built for Linux.
set -euo pipefail
exec </dev/null
cd "$(dirname "$(realpath "$0")")/.."
OUT=$(realpath -m "${1:-target/packaging}")
TARGET=x86_64-pc-windows-gnu
PROFILE=${PROFILE:-dist}
MOST_BYTES=45000000
KIT=$PWD/target/windows-kit
export CARGO_TARGET_DIR=$PWD/target/windows
step() { echo; echo "=== $* ($SECONDS s)"; }
why() { echo "error: $*" >&2; exit 1; }
# shellcheck source=need.sh
source packaging/need.sh

step "packages"
need ca-certificates rustc-web cargo-web rust-web-src gcc libc6-dev gcc-mingw-w64-x86-64-posix nsis zip python3

# Another cargo or rustc may come first on the path; the standard library fits only the compiler it was built with.
export PATH=/usr/bin:$PATH
unset RUSTC RUSTUP_TOOLCHAIN RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
COMPILER=$(rustc -V)
echo "$COMPILER, $(cargo -V)"

SYSROOT=$KIT/sysroot
if [ "$(cat "$SYSROOT/made-by" 2>/dev/null || true)" != "$COMPILER" ]; then
    step "Rust's standard library for Windows"
    work=$KIT/std
    rm -rf "$work" "$SYSROOT"
    mkdir -p "$work/src" "$SYSROOT/lib/rustlib/$TARGET/lib"
    : >"$work/src/lib.rs"
    cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "nothing"
version = "0.0.0"
edition = "2024"

[profile.release]
opt-level = 3
codegen-units = 1

[workspace]
TOML
    (
        cd "$work"
        # Only the standard library itself needs what is not for everybody yet.
        RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR=$work/target cargo build -q --release \
            -Zbuild-std=std,panic_unwind,panic_abort,proc_macro,test --target "$TARGET"
    )
    rm "$work/target/$TARGET/release/deps/"libnothing-*
    cp "$work/target/$TARGET/release/deps/"*.rlib "$SYSROOT/lib/rustlib/$TARGET/lib/"
    rm -rf "$work"
    echo "$COMPILER" >"$SYSROOT/made-by"
fi
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="--sysroot $SYSROOT"
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc-posix
export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc-posix AR_x86_64_pc_windows_gnu=x86_64-w64-mingw32-ar

step "the program"
cargo build --profile "$PROFILE" --locked --target "$TARGET" --bin taizhang
mkdir -p "$OUT"
EXE=$OUT/taizhang.exe
cp "$CARGO_TARGET_DIR/$TARGET/$PROFILE/taizhang.exe" "$EXE"
VERSION=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
size=$(stat -c %s "$EXE")
echo "taizhang.exe $VERSION, $size bytes"
[ "$PROFILE" != dist ] || [ "$size" -le $MOST_BYTES ] || why "the program is $size bytes, more than $MOST_BYTES"

step "what it asks of Windows"
headers=$(x86_64-w64-mingw32-objdump -p "$EXE")
dlls=$(awk '/DLL Name/ { print tolower($3) }' <<<"$headers" | sort -u)
echo "${dlls//$'\n'/ }"
# These every Windows 10 has; any other would have to come with the program.
own='^(advapi32|bcrypt|bcryptprimitives|combase|comctl32|comdlg32|crypt32|d3d12|d3dcompiler_47|dcomp|dwmapi|dxgi|gdi32|imm32|kernel32'
own+='|msvcrt|ntdll|ole32|oleaut32|opengl32|propsys|rpcrt4|setupapi|shcore|shell32|shlwapi|ucrtbase|uiautomationcore|user32'
own+='|userenv|uxtheme|winmm|winspool|ws2_32|api-ms-win-[a-z0-9-]+)\.(dll|drv)$'
if stray=$(grep -vE "$own" <<<"$dlls"); then why "not Windows' own: $stray"; fi
grep -q '^Subsystem.*Windows GUI' <<<"$headers" || why "a console would stand behind the window"

step "what it says of itself"
# The manifest is plain text, the rest is in Windows' own writing.
for word in PerMonitorV2 longPathAware activeCodePage; do
    grep -aq "$word" "$EXE" || why "the manifest does not say $word"
done
python3 - "$EXE" 用户服务台帐 "$VERSION" <<'PYTHON'
import sys
with open(sys.argv[1], "rb") as file:
    exe = file.read()
for word in sys.argv[2:]:
    if word.encode("utf-16-le") not in exe:
        sys.exit(f"error: it does not say {word}")
PYTHON

step "zip"
folder=用户服务台帐
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$folder/许可证"
cp "$EXE" packaging/windows/说明.txt "$work/$folder/"
cp fonts/ARPHICPL.txt fonts/OFL-HanaMin.txt fonts/OFL-Noto.txt "$work/$folder/许可证/"
# As Windows' own editor wants its lines.
sed -i 's/\r*$/\r/' "$work/$folder/说明.txt"
ZIP=$OUT/taizhang-$VERSION-windows.zip
rm -f "$ZIP"
(cd "$work" && zip -q -9 -r "$ZIP" "$folder")

step "installer"
SETUP=$OUT/taizhang-$VERSION-setup.exe
makensis -V2 -INPUTCHARSET UTF8 -DVERSION="$VERSION" -DFILES="$work/$folder" -DICON="$PWD/assets/icons/taizhang.ico" \
    -DSIZE=$((size / 1024)) -DOUT="$SETUP" packaging/windows/installer.nsi

cp fonts/rare-full.ttf "$OUT/"

step "done"
ls -l "$OUT"
