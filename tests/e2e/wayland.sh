#!/bin/bash
# The program on a Wayland desktop (weston, in a window on a screen of its own): painted, written in with real keys, copied
# from and pasted into, still when nothing happens; and once more on an output of twice as many dots.
#
#   tests/e2e/wayland.sh BINARY OUTDIR
#
# Needs weston and wl-clipboard beside what run.sh needs. One verdict a step (通过 / 不通过); pictures and logs stay in
# OUTDIR; not 0 if a step failed.
set -euo pipefail

[ $# -eq 2 ] || { echo "用法：$0 <程序> <结果文件夹>" >&2; exit 2; }
BIN=$(realpath -e "$1")
# shellcheck source=window.sh
source "$(dirname "$0")/window.sh"

begin "$2"
ENDS=(cut_power end_session)

# What stands before a program that knows of no X server.
ON_WAYLAND=()
sees_desk() { [ -S "$XDG_RUNTIME_DIR/desk-$1" ] && grep -q 'launching .*desktop-shell' "$OUT/weston-$1.log"; }
# open_desk SCALE: a desktop of its own, and the program on it.
open_desk() {
    local socket=desk-$1
    beside "$OUT/weston-$1.log" weston --backend=x11-backend.so --width=1480 --height=930 --scale="$1" --socket="$socket"
    until_true 20 sees_desk "$1" || { bad "weston 启动（$1 倍）" "见 weston-$1.log"; exit 1; }
    ON_WAYLAND=(env -u DISPLAY "WAYLAND_DISPLAY=$socket")
    rm -f "$FRAMES"
    "${ON_WAYLAND[@]}" "TAIZHANG_FRAMES=$FRAMES" "$BIN" --book "$BOOK" >>"$OUT/taizhang.log" 2>&1 </dev/null &
    APP=$!
    step "窗口打开（$1 倍）" until_true 20 has_painted
    step "什么也不变时，3 秒内一帧也不画（$1 倍）" still 3
}
clipboard_is() { [ "$("${ON_WAYLAND[@]}" timeout 5 wl-paste --no-newline 2>/dev/null)" = "$1" ]; }

# Room for an output of 1480 × 930 at scale 2.
SCREEN=3000x1900
start_session "$OUT"
BOOK="$HOME/测试 台帐.book"
FRAMES=$HOME/frames
printf '[core]\nidle-time=0\n[shell]\npanel-position=none\n' >"$HOME/.config/weston.ini"

open_desk 1
shot wayland-1-start
keys ctrl+n
settle || true
type_latin "Shanghai 021"
kept 0 用户名称 "Shanghai 021"
step "笔在第一格（蓝框）" cell_seen
wide=$((CELL_RIGHT - CELL_LEFT))
keys ctrl+a ctrl+c
step "复制的字别的程序读得到" until_true 10 clipboard_is "Shanghai 021"
printf '上海化工厂' | "${ON_WAYLAND[@]}" wl-copy
step "别的程序复制了" until_true 10 clipboard_is 上海化工厂
# The keyboard comes back from the window of the one who looked, sooner or later.
pasted() { keys ctrl+a ctrl+v; settle; has 0 用户名称 上海化工厂; }
step "粘贴进来的字在台帐里" until_true 10 pasted
shot wayland-2-pasted
step "停下时，3 秒内一帧也不画" still 3
step "程序一直开着" runs
cut_power

open_desk 2
keys ctrl+n
settle || true
type_latin "Beijing"
kept 1 用户名称 Beijing
shot wayland-3-twice
if cell_seen; then
    twice=$((CELL_RIGHT - CELL_LEFT))
    step "两倍的屏幕上格子有两倍的像素（$wide，$twice）" test $((twice - 2 * wide)) -ge -4 -a $((twice - 2 * wide)) -le 4
else
    bad "笔在第一格（蓝框，2 倍）"
fi
step "程序一直开着（2 倍）" runs
no_panic
verdict Wayland
