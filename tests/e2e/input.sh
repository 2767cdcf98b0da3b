#!/bin/bash
# Chinese typed through the real input methods of Linux desktops, fcitx5 and IBus, over XIM, into the real window.
#
#   tests/e2e/input.sh BINARY OUTDIR [fcitx|spot|ibus]…
#
# fcitx: fcitx5 as it comes, which shows what is composed in its own window; spot: with “On The Spot” ticked, as IBus
# always does it: in the cell. One verdict a step (通过 / 不通过); pictures and logs stay in OUTDIR; not 0 if a step failed.
set -euo pipefail

[ $# -ge 2 ] || { echo "用法：$0 <程序> <结果文件夹> [fcitx|spot|ibus]…" >&2; exit 2; }
BIN=$(realpath -e "$1")
# shellcheck source=window.sh
source "$(dirname "$0")/window.sh"

begin "$2"
OUTER=$OUT
shift 2
[ $# -gt 0 ] || set -- fcitx spot ibus
OTHER=
end_other() { [ -z "$OTHER" ] || kill "$OTHER" 2>/dev/null || true; OTHER=; }
ENDS=(cut_power end_other end_session)

# ---- the input method, whichever it is

compose_on() {
    settle || true
    case $METHOD in
        ibus) until_true 8 sh -c 'ibus engine libpinyin; [ "$(ibus engine)" = libpinyin ]' || bad "拼音输入法打开了" ;;
        *) pinyin_on ;;
    esac
}
compose_off() {
    case $METHOD in
        ibus) ibus engine xkb:us::eng >/dev/null 2>&1 || true; sleep 0.3 ;;
        *) pinyin_off ;;
    esac
}
# letters WORD: composes, and leaves it composing.
letters() { xdotool type --delay 70 "$1"; sleep 0.5; }

# candidates: CAND_LEFT CAND_TOP CAND_RIGHT CAND_BOTTOM, the window with the words to choose from.
candidates() {
    local id pattern='^(Fcitx5 Input Window|ibus-ui-gtk3|IBus Panel|.*[Cc]andidate.*)$' found
    found=$(for id in $(xdotool search --onlyvisible --name "$pattern" 2>/dev/null) \
            $(xdotool search --onlyvisible --class 'ibus-ui-gtk3' 2>/dev/null); do
        xwininfo -id "$id" | awk '/Absolute upper-left X/ {x = $NF} /Absolute upper-left Y/ {y = $NF} /Width:/ {w = $NF}
            /Height:/ {h = $NF} END {if (w > 40 && h > 20) print x, y, x + w, y + h}'
    done | sed -n 1p)
    [ -n "$found" ] || return 1
    read -r CAND_LEFT CAND_TOP CAND_RIGHT CAND_BOTTOM <<<"$found"
}
no_candidates() { ! candidates; }
sees_composing() { line_seen && [ $((LINE_RIGHT - LINE_LEFT)) -gt 15 ]; }

# line_seen: what is written in the first cell, with its caret, as far as the candidates do not hide it.
line_seen() { cell_seen "${CAND_LEFT:-0}" "${CAND_TOP:-0}" "${CAND_RIGHT:-0}" "${CAND_BOTTOM:-0}"; }

# stands_right WHAT: a verdict: the candidates stand under the line, near the caret, and do not hide it.
stands_right() {
    local high near
    if ! until_true 4 candidates; then bad "$1：选字窗口出来了"; return; fi
    # The window takes its place a moment after it is there.
    sleep 0.3
    candidates || true
    if ! line_seen; then bad "$1：找得到笔在的格子"; return; fi
    if [ "$METHOD" = fcitx ] && [ $((LINE_BOTTOM - LINE_TOP)) -le 4 ]; then
        # Nothing is in the cell yet, and the caret at its left is hidden: the line is taken for the middle of the cell.
        LINE_TOP=$CELL_TOP LINE_RIGHT=$((CELL_LEFT + 8)) LINE_BOTTOM=$(((CELL_TOP + CELL_BOTTOM) / 2))
    fi
    high=$((LINE_BOTTOM - LINE_TOP))
    near=$((CAND_TOP - LINE_BOTTOM))
    local said="格 $CELL_LEFT,$CELL_TOP–$CELL_RIGHT,$CELL_BOTTOM，字 $LINE_LEFT,$LINE_TOP–$LINE_RIGHT,$LINE_BOTTOM，选字窗口 $CAND_LEFT,$CAND_TOP–$CAND_RIGHT,$CAND_BOTTOM"
    if [ "$high" -le 4 ]; then bad "$1：选字窗口不盖住正在写的字" "$said"; return; fi
    if [ "$near" -ge -2 ] && [ "$near" -le $((high * 2 + 12)) ] &&
        [ "$CAND_LEFT" -ge $((LINE_LEFT - 60)) ] && [ "$CAND_LEFT" -le $((LINE_RIGHT + 60)) ]; then
        good "$1：选字窗口紧挨在字下（隔 $near 像素）"
    else
        bad "$1：选字窗口紧挨在字下" "$said"
    fi
}

other_window() {
    if [ -z "$OTHER" ]; then
        zenity --info --title=别的窗口 --text=别的窗口 >/dev/null 2>&1 &
        OTHER=$!
        until_true 10 sees_dialog || return 1
    fi
    sees_dialog || return 1
    xdotool windowactivate --sync "$DIALOG"
    sleep 0.4
}
back_to_window() { xdotool windowactivate --sync "$WINDOW"; sleep 0.4; settle || true; }

new_slip() { keys Escape; keys Escape; keys ctrl+n; settle || true; compose_on; }

writing() {
    local name=$1 before i
    # ---- the composition, at the caret in the cell
    new_slip
    letters shanghai
    shot "$name-1-composing"
    candidates || true
    # What fcitx5 shows in its own window is not in the cell.
    if [ "$METHOD" != fcitx ]; then step "$name：拼的字母在格里看得见" until_true 4 sees_composing; fi
    stands_right "$name"
    step "$name：拼音没上屏时不取编号" test "$(slips)" = 0
    keys space
    kept 0 用户名称 上海
    step "$name：选好字，选字窗口就收起" until_true 4 no_candidates

    # ---- Enter, Backspace, Esc, digits and blank belong to the input method
    letters huagong
    keys BackSpace BackSpace
    keys Escape
    sleep 0.3
    letters huagong
    keys 1
    kept 0 用户名称 上海化工
    letters abc
    keys Return
    # Still in the same cell: what comes now stands behind it.
    letters chang
    keys space
    kept_like 0 用户名称 '上海化工abc汉'
    keys Tab
    letters zhang
    keys space
    kept_like 0 投诉联系人 '汉'
    shot "$name-2-keys"

    # ---- another cell, another window, while composing
    keys Tab
    compose_off
    type_latin 021
    keys Tab
    type_latin 11.20
    keys Return
    compose_on
    find_cell || { bad "$name：笔在投诉内容里（蓝框）"; return; }
    pinyin nihao
    kept 0 投诉内容 你好
    letters wanbi
    on_customer
    settle || true
    shot "$name-3-clicked-away"
    # The word is taken, or it is not: letters that were never chosen do not stay.
    kept_like 0 投诉内容 '你好(完毕)?'
    kept_like 0 用户名称 '上海化工abc汉'
    keys Escape
    keys Escape
    on_complaint
    compose_on
    keys ctrl+End
    letters gongchang
    other_window || bad "$name：别的窗口打开"
    shot "$name-4-other-window"
    back_to_window
    compose_on
    pinyin zai
    settle || true
    shot "$name-5-back"
    kept_like 0 投诉内容 '你好(完毕)?(工厂)?汉'

    # ---- taking back
    before=$(entry 0 投诉内容)
    pinyin dizhi
    sleep 0.7
    keys ctrl+z
    kept 0 投诉内容 "$before"

    # ---- a long text, over to the continuation sheet
    keys ctrl+End
    for ((i = 0; i < 24; i++)); do xdotool key Return; sleep 0.05; done
    settle || true
    compose_on
    letters xuye
    shot "$name-6-continuation"
    stands_right "$name，续页上"
    keys space
    kept_like 0 投诉内容 '(?s:你好.*)\n{24}汉汉'

    # ---- fields that are no cells
    keys Escape
    keys ctrl+f
    settle || true
    compose_on
    letters shanghai
    shot "$name-7-search"
    step "$name：查找里有选字窗口" until_true 3 candidates
    keys space
    settle || true
    shot "$name-8-found"
    keys Escape
    keys ctrl+e
    settle || true
    compose_on
    letters wangwu
    shot "$name-9-signing"
    keys space
    keys Return
    kept_like 0 登记人.姓名 '汉汉'
    compose_off
    keys ctrl+i
    settle || true
    keys Escape
}

# ---- where the candidates stand, at each zoom and scale

# zooms NAME KEEP STEPS…: goes so many steps down or up each time; KEEP (yes): a picture of each.
zooms() {
    local name=$1 keep=$2 at=0 steps key i before now
    shift 2
    keys ctrl+2
    new_slip
    find_first || { bad "$name：找得到第一格"; return; }
    for steps in "$@"; do
        before=$((CELL_RIGHT - CELL_LEFT))
        xdotool mousemove $(((CELL_LEFT + CELL_RIGHT) / 2)) $(((CELL_TOP + CELL_BOTTOM) / 2))
        key=ctrl+plus
        [ "$steps" -gt 0 ] || key=ctrl+minus
        for ((i = 0; i < ${steps#-}; i++)); do xdotool key "$key"; sleep 0.05; done
        settle || true
        at=$((at + steps))
        if ! find_first; then bad "$name，缩放第 $at 步：找得到第一格"; return; fi
        now=$((CELL_RIGHT - CELL_LEFT))
        step "$name，缩放第 $at 步：格子从 $before 到 $now 像素宽" test $(((now - before) * steps)) -gt 0
        letters nihao
        stands_right "$name，缩放第 $at 步"
        [ "$keep" = no ] || shot "$name-zoom$at"
        keys Escape
        sleep 0.2
    done
}
find_first() { CAND_LEFT=0 CAND_TOP=0 CAND_RIGHT=0 CAND_BOTTOM=0; line_seen; }

echo "程序：$BIN"
echo "结果：$OUTER"
for METHOD in "$@"; do
    OUT=$OUTER/$METHOD
    mkdir -p "$OUT"
    rm -f "$OUT"/*.png "$OUT"/*.log
    case $METHOD in ibus) start_session "$OUT" ibus ;; *) start_session "$OUT" fcitx "$METHOD" ;; esac
    BOOK="$HOME/测试 台帐.book"
    for scale in 1 1.25 1.5 2; do
        export WINIT_X11_SCALE_FACTOR=$scale
        if ! open_window "$BOOK"; then bad "$METHOD：窗口打开（$scale 倍）"; continue; fi
        if [ "$scale" = 1 ]; then
            writing "$METHOD"
            # From fit to width down to 50 %; then up to 300 %, step by step once.
            if [ "$METHOD" = spot ]; then
                zooms "$METHOD" no -10 1 1 1 1 1 1 1 1 1 1 1 1 1 1
            else
                zooms "$METHOD" no -10 5 5 4
            fi
        else
            zooms "$METHOD $scale 倍" yes -10 5
        fi
        cut_power
    done
    unset WINIT_X11_SCALE_FACTOR
    no_panic "$METHOD"
    end_other
    end_session
done

verdict 输入法
