# The program's window and the book behind it, as the scripts look at them and work them, with all that every script
# needs; needs BIN (the program), OUT (where pictures and logs go) and BOOK (the book that is open).

# shellcheck source=verdicts.sh
source "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/verdicts.sh"
# shellcheck source=session.sh
source "$HERE/session.sh"

# ---- the book, read from outside

book_json() { timeout 20 "$BIN" list --book "$BOOK" --form 05 --json; }

# entry N KEY: what the N-th slip (from 0; -1 is the newest) holds under a key; a dot leads into an object.
entry() {
    book_json 2>/dev/null | python3 -c '
import json, sys
at, path = int(sys.argv[1]), sys.argv[2].split(".")
slips = sorted(json.load(sys.stdin), key=lambda it: it["number"])
it = slips[at] if -len(slips) <= at < len(slips) else {}
for key in path:
    it = it.get(key, "") if isinstance(it, dict) else ""
sys.stdout.write(it if isinstance(it, str) else json.dumps(it, ensure_ascii=False))' "$1" "$2"
}

slips() { book_json 2>/dev/null | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))'; }

has() { [ "$(entry "$1" "$2")" = "$3" ]; }
# In a pattern, 汉 stands for any Chinese character.
looks() {
    entry "$1" "$2" | python3 -c 'import re, sys; sys.exit(not re.fullmatch(sys.argv[1].replace("汉", "[一-龥]"), sys.stdin.read()))' "$3"
}

# kept N KEY VALUE: a verdict: within a few seconds the book has it.
kept() {
    if until_true 6 has "$1" "$2" "$3"; then good "台帐里 $2 是“$3”"; else bad "台帐里 $2 应是“$3”" "却是“$(entry "$1" "$2")”"; fi
}

kept_like() {
    if until_true 6 looks "$1" "$2" "$3"; then
        good "台帐里 $2 是“$(entry "$1" "$2" | tr '\n' '/')”"
    else
        bad "台帐里 $2 应如“${3//$'\n'//}”" "却是“$(entry "$1" "$2" | tr '\n' '/')”"
    fi
}

# ---- the window

frames() { if [ -f "$FRAMES" ]; then wc -l <"$FRAMES"; else echo 0; fi; }
has_painted() { [ "$(frames)" -gt 0 ]; }
runs() { kill -0 "$APP" 2>/dev/null; }
has_ended() { ! runs; }
sees_window() { WINDOW=$(xdotool search --onlyvisible --class 'taizhang$' 2>/dev/null | sed -n 1p) && [ -n "$WINDOW" ]; }
is_active() { [ "$(xdotool getactivewindow 2>/dev/null)" = "$WINDOW" ]; }
title_is() { xprop -id "$WINDOW" _NET_WM_NAME | grep -F "\"$1\"" >/dev/null; }
sees_dialog() { DIALOG=$(xdotool search --onlyvisible --class 'zenity$' 2>/dev/null | sed -n 1p) && [ -n "$DIALOG" ]; }
no_dialog() { ! sees_dialog; }

# open_window BOOK: starts the program; its window is there, painted and active afterwards.
open_window() {
    FRAMES=$HOME/frames
    rm -f "$FRAMES"
    echo "---- $(date +%T) $*" >>"$OUT/taizhang.log"
    TAIZHANG_FRAMES=$FRAMES PATH=${APP_PATH:-$PATH} "$BIN" --book "$1" >>"$OUT/taizhang.log" 2>&1 </dev/null &
    APP=$!
    until_true 20 has_painted && until_true 20 sees_window || return 1
    front && settle
}

# front: brings the window before all others, with the keyboard, as large as every script counts on.
front() {
    sees_window || return 1
    xdotool windowactivate "$WINDOW" windowmove "$WINDOW" 0 0 windowsize "$WINDOW" 1440 900
    until_true 10 is_active
}

cut_power() {
    [ -n "$APP" ] || return 0
    kill -9 "$APP" 2>/dev/null || true
    wait "$APP" 2>/dev/null || true
    APP=
}

# Until half a second has gone by without a frame; 8 s at most.
settle() {
    local before=-1 now i
    for ((i = 0; i < 16; i++)); do
        now=$(frames)
        [ "$now" != "$before" ] || return 0
        before=$now
        sleep 0.5
    done
    return 1
}

# still SECONDS: no frame is painted.
still() {
    local before after
    settle || { echo "        一直在画" >&2; return 1; }
    before=$(frames)
    sleep "$1"
    after=$(frames)
    [ "$after" = "$before" ] || { echo "        $1 秒内又画了 $((after - before)) 帧" >&2; return 1; }
}

# ---- the hands

# Keys go one by one as from a hand; the pause lets the input method answer.
keys() { xdotool key --delay 40 "$@"; sleep 0.25; }
type_latin() { xdotool type --delay 40 "$1"; sleep 0.25; }
paste() { printf %s "$1" | xclip -selection clipboard -i >/dev/null 2>&1; sleep 0.3; keys ctrl+v; }
# by_name WORDS: what the command of this name does, whatever key it has and wherever it stands.
by_name() {
    keys ctrl+k
    settle || true
    paste "$1"
    settle || true
    keys Return
}
# pinyin LETTERS [KEY]: types them and takes a candidate (blank: the first).
pinyin() { xdotool type --delay 70 "$1"; sleep 0.4; keys "${2:-space}"; }

pinyin_is_on() { [ "$(fcitx5-remote)" = 2 ] && [ "$(fcitx5-remote -n)" = pinyin ]; }
# Only a cell that is being written on has an input method: so wait for the window to come to rest first.
pinyin_on() {
    settle || true
    turn_on() {
        pinyin_is_on || { fcitx5-remote -o; fcitx5-remote -s pinyin; sleep 0.2; }
        pinyin_is_on && sleep 0.3 && pinyin_is_on
    }
    until_true 8 turn_on || bad "拼音输入法打开了" "fcitx5-remote 说 $(fcitx5-remote) $(fcitx5-remote -n)"
}
pinyin_off() { fcitx5-remote -c; sleep 0.2; }

# Finds the cell under the pen by its blue frame: CELL_LEFT … CELL_BOTTOM; and LINE_LEFT … LINE_BOTTOM, what is written in
# it. cell_seen [LEFT TOP RIGHT BOTTOM]: as far as this rectangle does not hide it.
cell_seen() {
    local found
    found=$(import -silent -window root -depth 8 ppm:- | python3 "$HERE/cell.py" "$@") || return 1
    # shellcheck disable=SC2034  # the scripts read them
    read -r CELL_LEFT CELL_TOP CELL_RIGHT CELL_BOTTOM LINE_LEFT LINE_TOP LINE_RIGHT LINE_BOTTOM <<<"$found"
}

# find_cell: the pen is in 投诉内容, the widest cell (150 mm); MM is how many dots a millimetre has.
find_cell() {
    cell_seen && [ $((CELL_RIGHT - CELL_LEFT)) -ge 300 ] || return 1
    MM=$(python3 -c "print(($CELL_RIGHT - $CELL_LEFT - 2) / 150)")
}

# click X Y: at X mm from the left of 投诉内容 and Y mm from its top.
click() {
    local x y
    x=$(python3 -c "print(round($CELL_LEFT + $1 * $MM))")
    y=$(python3 -c "print(round($CELL_TOP + $2 * $MM))")
    xdotool mousemove "$x" "$y"
    sleep 0.1
    xdotool click 1
    sleep 0.4
}
# Cells by their place on the paper, from the top left corner of 投诉内容.
on_customer() { click 60 -15; }
on_phone() { click 60 -5; }
on_complaint() { click 30 38; }
on_registrar() { click 35 47; }
away() { xdotool mousemove 1470 500; sleep 0.1; }

# ---- by the names a screen reader reads (start_reader), wherever things stand; * stands for anything

reads() { /usr/bin/python3 "$HERE/reader.py" "$@"; }
# says SECONDS NAME…: within so many seconds all of these are in the window.
says() { reads "$@" >/dev/null 2>&1; }
# press NAME: clicks on it, as soon as it is there.
press() {
    local x y
    read -r x y < <(reads 10 --at "$1") && [ -n "$y" ] || { bad "窗口里有“$1”"; return; }
    xdotool mousemove --window "$WINDOW" "$x" "$y"
    sleep 0.1
    xdotool click 1
    settle || true
}
