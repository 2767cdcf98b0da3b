# The program's window and the book behind it, as the scripts look at them and work them. Sourced after session.sh; needs
# BIN, OUT, BOOK.

# ---- verdicts

shot() { import -silent -window root "$OUT/$1.png" || echo "没有截成图：$1" >&2; }

good() { echo "通过    $1"; }

bad() {
    echo "不通过  $1${2:+：$2}"
    FAILED+=("$1")
    [ -z "${DISPLAY:-}" ] || shot "failed-$(printf %02d "${#FAILED[@]}")"
}

# step NAME COMMAND…: a verdict over a command.
step() {
    local name=$1
    shift
    if "$@"; then good "$name"; else bad "$name"; fi
}

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
sees_window() { WINDOW=$(xdotool search --onlyvisible --class 'taizhang$' 2>/dev/null | head -1) && [ -n "$WINDOW" ]; }
is_active() { [ "$(xdotool getactivewindow 2>/dev/null)" = "$WINDOW" ]; }
title_is() { xprop -id "$WINDOW" _NET_WM_NAME | grep -qF "\"$1\""; }
sees_dialog() { DIALOG=$(xdotool search --onlyvisible --class 'zenity$' 2>/dev/null | head -1) && [ -n "$DIALOG" ]; }
no_dialog() { ! sees_dialog; }

# open_window BOOK: starts the program; its window is there, painted and active afterwards.
open_window() {
    FRAMES=$HOME/frames
    rm -f "$FRAMES"
    echo "---- $(date +%T) $*" >>"$OUT/taizhang.log"
    TAIZHANG_FRAMES=$FRAMES PATH=${APP_PATH:-$PATH} "$BIN" --book "$1" >>"$OUT/taizhang.log" 2>&1 </dev/null &
    APP=$!
    until_true 20 has_painted && until_true 20 sees_window || return 1
    sees_window
    xdotool windowactivate "$WINDOW" windowmove "$WINDOW" 0 0 windowsize "$WINDOW" 1440 900
    until_true 10 is_active || return 1
    settle
}

cut_power() {
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

# Finds the blue frame round 投诉内容, the widest cell (150 mm): CELL_LEFT, CELL_TOP, CELL_BOTTOM, and MM, dots a millimetre.
find_cell() {
    local found
    found=$(import -silent -window root -depth 8 ppm:- | python3 -c '
import sys
data = sys.stdin.buffer.read()
assert data[:2] == b"P6"
head, at = [], 2
while len(head) < 3:
    while data[at:at + 1].isspace():
        at += 1
    end = at
    while not data[end:end + 1].isspace():
        end += 1
    head.append(int(data[at:end]))
    at = end
width, height, _ = head
pixels = data[at + 1:]
blue, best = bytes((0x24, 0x52, 0x7A)), []
for y in range(height):
    row = pixels[y * width * 3:(y + 1) * width * 3]
    x = row.find(blue * 300)
    if x >= 0 and x % 3 == 0:
        end = x
        while row[end:end + 3] == blue:
            end += 3
        best.append((y, x // 3, end // 3))
if not best:
    sys.exit(1)
wide = max(end - x for _, x, end in best)
rows = [it for it in best if it[2] - it[1] >= wide - 4]
print(rows[0][1] + 1, rows[0][0] + 1, rows[-1][0], (wide - 2) / 150)') || return 1
    read -r CELL_LEFT CELL_TOP CELL_BOTTOM MM <<<"$found"
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
