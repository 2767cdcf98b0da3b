#!/bin/bash
# The program on a Wayland desktop (weston, in a window on a screen of its own): painted, written in with real keys, copied
# from and pasted into, still when nothing happens.
#
#   tests/e2e/wayland.sh BINARY OUTDIR
#
# Needs weston and wl-clipboard beside what run.sh needs. One verdict a step (通过 / 不通过); pictures and logs stay in
# OUTDIR; not 0 if a step failed.
set -euo pipefail

[ $# -eq 2 ] || { echo "用法：$0 <程序> <结果文件夹>" >&2; exit 2; }
BIN=$(realpath -e "$1")
mkdir -p "$2"
OUT=$(realpath "$2")
HERE=$(dirname "$(realpath "$0")")
# shellcheck source=session.sh
source "$HERE/session.sh"
# shellcheck source=window.sh
source "$HERE/window.sh"

APP=
FAILED=()
finish() {
    local code=$?
    trap - EXIT INT TERM
    [ -z "$APP" ] || cut_power
    end_session
    [[ ${HOME:-} != */taizhang-e2e.* ]] || rm -rf "$HOME"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# on_wayland COMMAND…: a program that knows of no X server.
on_wayland() { env -u DISPLAY WAYLAND_DISPLAY=desk "$@"; }
sees_desk() { [ -S "$XDG_RUNTIME_DIR/desk" ] && grep -q 'launching .*desktop-shell' "$OUT/weston.log"; }
clipboard_is() { [ "$(on_wayland timeout 5 wl-paste --no-newline 2>/dev/null)" = "$1" ]; }

start_session "$OUT"
BOOK="$HOME/测试 台帐.book"
FRAMES=$HOME/frames
printf '[core]\nidle-time=0\n[shell]\npanel-position=none\n' >"$HOME/.config/weston.ini"
beside "$OUT/weston.log" weston --backend=x11-backend.so --width=1480 --height=930 --socket=desk
until_true 20 sees_desk || { echo "weston 没有启动，见 weston.log" >&2; exit 1; }

TAIZHANG_FRAMES=$FRAMES on_wayland "$BIN" --book "$BOOK" >"$OUT/taizhang.log" 2>&1 </dev/null &
APP=$!
step "窗口打开" until_true 20 has_painted
step "什么也不变时，3 秒内一帧也不画" still 3
shot wayland-1-start

keys ctrl+n
settle || true
type_latin "Shanghai 021"
kept 0 用户名称 "Shanghai 021"
keys ctrl+a ctrl+c
step "复制的字别的程序读得到" until_true 10 clipboard_is "Shanghai 021"
printf '上海化工厂' | on_wayland wl-copy
step "别的程序复制了" until_true 10 clipboard_is 上海化工厂
# The keyboard comes back from the window of the one who looked, sooner or later.
pasted() { keys ctrl+a ctrl+v; settle; has 0 用户名称 上海化工厂; }
step "粘贴进来的字在台帐里" until_true 10 pasted
shot wayland-2-pasted
step "停下时，3 秒内一帧也不画" still 3
step "程序一直开着" runs
if grep -nE "panicked|RUST_BACKTRACE" "$OUT/taizhang.log"; then bad "程序没有崩溃"; else good "程序没有崩溃"; fi

echo
[ ${#FAILED[@]} -eq 0 ] || { echo "Wayland：${#FAILED[@]} 步不通过" >&2; exit 1; }
echo "Wayland：全部通过"
