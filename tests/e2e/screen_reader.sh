#!/bin/bash
# The program's window as a screen reader on Linux meets it, through AT-SPI.
#
#   tests/e2e/screen_reader.sh BINARY OUTDIR
#
# One verdict a step (通过 / 不通过); what was read stays in OUTDIR; not 0 if a step failed.
set -euo pipefail

[ $# -eq 2 ] || { echo "用法：$0 <程序> <结果文件夹>" >&2; exit 2; }
BIN=$(realpath -e "$1")
# shellcheck source=window.sh
source "$(dirname "$0")/window.sh"

begin "$2"
ENDS=(cut_power end_session)

# read_window NAME WORDS…: reads the window until all the words are names in it.
read_window() {
    local name=$1
    shift
    if reads 20 "$@" >"$OUT/$name.txt" 2>"$OUT/$name.err"; then
        good "$name：读得到 $*"
    else
        bad "$name：读得到 $*" "$(tail -1 "$OUT/$name.err")"
    fi
}
told() { grep -qF -- "$2" "$OUT/$1.txt"; }

start_session "$OUT"
start_reader "$OUT"
BOOK="$HOME/测试 台帐.book"
open_window "$BOOK" || { bad "窗口打开"; exit 1; }
pinyin_off
keys ctrl+n
type_latin 4711
keys Tab
keys Tab
keys Tab
type_latin 13.45
keys Tab
settle || true
read_window 单据 用户名称 投诉内容 "用户意见 A 满意" 筛选 文件
step "格里写的字读得出来" told 单据 "“用户名称”：4711"
step "读不出的日期说得出不对在哪里" told 单据 "“投诉日期”：13.45（"
step "笔在哪一格说得出来" grep -q "“投诉内容”.*焦点" "$OUT/单据.txt"
keys F10
read_window 菜单 文件
step "F10 到菜单上" grep -q "“文件”.*焦点" "$OUT/菜单.txt"
keys ctrl+3
read_window 台帐 看这一段 筛选台帐
step "没有英文的名称" sh -c '! grep -E "“[A-Za-z ]+”" "$1"' sh "$OUT/台帐.txt"
no_panic
verdict 读屏
