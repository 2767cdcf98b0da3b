#!/bin/bash
# Printing as a clerk meets it: a real window, Ctrl+P, a real CUPS with cups-pdf behind it; what came out of the printer is
# compared, page by page, with the PDF of the same sheet. Has to be root, as cupsd does.
#
#   tests/e2e/print.sh BINARY OUTDIR
#
# One verdict a step (通过 / 不通过); pictures, logs and what was printed stay in OUTDIR; not 0 if a step failed.
set -euo pipefail

[ $# -eq 2 ] || { echo "用法：$0 <程序> <结果文件夹>" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "要用 root 运行：cupsd 只有 root 能起" >&2; exit 2; }
BIN=$(realpath -e "$1")
mkdir -p "$2"
OUT=$(realpath "$2")
rm -f "$OUT"/*.png "$OUT"/*.log "$OUT"/*.pdf
HERE=$(dirname "$(realpath "$0")")
# shellcheck source=session.sh
source "$HERE/session.sh"
# shellcheck source=cups.sh
source "$HERE/cups.sh"

APP=
FAILED=()
finish() {
    local code=$?
    trap - EXIT INT TERM
    [ -z "$APP" ] || kill -9 "$APP" 2>/dev/null || true
    end_cups
    end_session
    [[ ${HOME:-} != */taizhang-e2e.* ]] || rm -rf "$HOME"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

shot() { import -silent -window root "$OUT/$1.png" || echo "没有截成图：$1" >&2; }
good() { echo "通过    $1"; }
bad() {
    echo "不通过  $1${2:+：$2}"
    FAILED+=("$1")
    shot "failed-$(printf %02d "${#FAILED[@]}")"
}
step() {
    local name=$1
    shift
    if "$@"; then good "$name"; else bad "$name"; fi
}

frames() { if [ -f "$FRAMES" ]; then wc -l <"$FRAMES"; else echo 0; fi; }
has_painted() { [ "$(frames)" -gt 0 ]; }
sees_window() { WINDOW=$(xdotool search --onlyvisible --class 'taizhang$' 2>/dev/null | head -1) && [ -n "$WINDOW" ]; }
is_active() { [ "$(xdotool getactivewindow 2>/dev/null)" = "$WINDOW" ]; }
# Until half a second has gone by without a frame; 15 s at most.
settle() {
    local before=-1 now i
    for ((i = 0; i < 30; i++)); do
        now=$(frames)
        [ "$now" != "$before" ] || return 0
        before=$now
        sleep 0.5
    done
    return 1
}
keys() { xdotool key --delay 60 "$@"; sleep 0.3; }
at() { xdotool mousemove "$1" "$2"; sleep 0.2; xdotool click 1; sleep 0.4; }
# What lies there to be printed: its pages are laid out and the printers found when nothing moves any more.
to_print() { keys "$1"; sleep 1; settle || true; }

# printed: how many prints the book knows of.
printed() {
    python3 -c '
import sqlite3, sys
book = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
print(book.execute("SELECT count(*) FROM fact WHERE kind = ?", ("printed",)).fetchone()[0])' "$BOOK"
}
printed_so_often() { [ "$(printed)" = "$1" ]; }
pages_of() { pdfinfo "$1" 2>/dev/null | sed -n 's/^Pages: *//p'; }
says() { pdftotext -layout "$1" - 2>/dev/null | grep -F -- "$2" >/dev/null; }
# cups-pdf draws letters as pictures, so that no text comes back: ink is looked for where a word has to stand.
# ink PDF X Y WIDTH HEIGHT: how many dots of the first page are dark there, at 100 dots an inch.
ink() {
    pdftoppm -r 100 -gray -png -f 1 -l 1 -singlefile "$1" "$HOME/ink" 2>/dev/null
    convert "$HOME/ink.png" -crop "$4x$5+$2+$3" +repage -threshold 60% -negate -format '%[fx:round(mean*w*h)]' info:
}
has_ink() { [ "$(ink "$@")" -gt 50 ]; }
no_ink() { [ "$(ink "$@")" = 0 ]; }
# Where 重印 stands, in the margin over the form.
AGAIN=(330 35 180 30)

# page PDF N PICTURE: a page as it lies on upright paper, in squares of 1.7 mm.
page() {
    pdftoppm -r 100 -gray -png -f "$2" -l "$2" -singlefile "$1" "${3%.png}" 2>/dev/null
    [ "$(identify -format '%[fx:w>h]' "$3")" = 0 ] || convert "$3" -rotate 90 "$3"
    convert "$3" -filter box -resize 124x176! "$3"
}
# How far two pictures are from each other where they differ most: from 0 to 1.
far() { compare -metric PAE "$1" "$2" null: 2>&1 | sed 's/.*(\(.*\))/\1/'; }
# Two pages printed alike differ by the edges of their letters, 0.17 to 0.22; a page that is moved by half a millimetre, or
# whose other copy was printed, by more than 0.26.
ALIKE=0.24
is_alike() { python3 -c "import sys; sys.exit(not float('$1') < $ALIKE)"; }

# same_page PRINTED N PDF M: a page that came out of the printer is that of the PDF.
same_page() {
    local one two
    page "$1" "$2" "$HOME/one.png"
    page "$3" "$4" "$HOME/two.png"
    one=$(far "$HOME/one.png" "$HOME/two.png") || true
    # One that lies is turned by the printer to one side or the other.
    convert "$HOME/one.png" -rotate 180 "$HOME/turned.png"
    two=$(far "$HOME/turned.png" "$HOME/two.png") || true
    echo "        第 $2 页差 $(python3 -c "print(min($one, $two))")" >&2
    is_alike "$one" || is_alike "$two"
}
same_pages() {
    local count n
    count=$(pages_of "$2")
    [ "$(pages_of "$1")" = "$count" ] || { echo "        $(pages_of "$1") 页，应是 $count 页" >&2; return 1; }
    for ((n = 1; n <= count; n++)); do same_page "$1" "$n" "$2" "$n" || return 1; done
}
red() { convert "$1" -fuzz 12% -fill black +opaque '#B3261E' -fill white -opaque '#B3261E' -format '%[fx:round(mean*w*h)]' info:; }

start_session "$OUT"
start_cups "$OUT"
mkdir -p "$HOME/bin"
# Whatever would show a PDF keeps it.
cat >"$HOME/bin/xdg-open" <<'SH'
#!/bin/sh
cp "$1" "$HOME/viewing" && mv "$HOME/viewing" "$HOME/viewed.pdf"
SH
chmod +x "$HOME/bin/xdg-open"
"$BIN" demo "$HOME/demo" >/dev/null
BOOK="$HOME/测试 台帐.book"
cp "$HOME/demo/样本.book" "$BOOK"
NUMBER=$("$BIN" list --book "$BOOK" --form 05 --json | python3 -c '
import json, sys
print(max(it["number"] for it in json.load(sys.stdin)))')
YEAR=${NUMBER%%-*}

FRAMES=$HOME/frames
TAIZHANG_FRAMES=$FRAMES TMPDIR=$HOME PATH=$HOME/bin:$PATH "$BIN" --book "$BOOK" >>"$OUT/taizhang.log" 2>&1 </dev/null &
APP=$!
until_true 20 has_painted && until_true 20 sees_window || { bad "窗口打开"; exit 1; }
xdotool windowactivate "$WINDOW" windowmove "$WINDOW" 0 0 windowsize "$WINDOW" 1440 900
until_true 10 is_active
settle || true
keys ctrl+2
settle || true

# ---- a. a slip, both copies: Ctrl+P and Enter

to_print ctrl+p
shot a1-slip
keys Return
step "处置单印出来了" until_true 60 printed_is 1
step "台帐里记下两联" until_true 10 printed_so_often 2
settle || true
shot a2-printed
slip=$(last_printed)
cp "$slip" "$OUT/slip-printed.pdf"
"$BIN" export slip --book "$BOOK" --no "$NUMBER" --out "$OUT/slip.pdf"
step "处置单两联，与 PDF 一页一页相同" same_pages "$slip" "$OUT/slip.pdf"
# The comparison itself: what is not the same is found.
moved() {
    page "$slip" 1 "$HOME/one.png"
    pdftoppm -r 100 -gray -png -f 1 -l 1 -singlefile "$OUT/slip.pdf" "$HOME/moved" 2>/dev/null
    convert "$HOME/moved.png" -page +2+0 -background white -flatten -filter box -resize 124x176! "$HOME/moved.png"
    ! is_alike "$(far "$HOME/one.png" "$HOME/moved.png" || true)"
}
step "移动半毫米，比得出来" moved
other() { ! same_page "$slip" 1 "$OUT/slip.pdf" 2 2>/dev/null; }
step "另一联，比得出来" other

# ---- b. the same slip once more: 重印

to_print ctrl+p
shot b1-again
keys Return
step "又印了一次" until_true 60 printed_is 2
cp "$(last_printed)" "$OUT/again-printed.pdf"
step "第二次在表格外印上“重印”" has_ink "$OUT/again-printed.pdf" "${AGAIN[@]}"
step "第一次没有“重印”" no_ink "$slip" "${AGAIN[@]}"
settle || true

# ---- c. the ledger, which lies

keys ctrl+3
settle || true
to_print ctrl+p
shot c1-ledger
keys Return
step "台帐印出来了" until_true 60 printed_is 3
cp "$(last_printed)" "$OUT/ledger-printed.pdf"
"$BIN" export ledger --book "$BOOK" --year "$(date +%Y)" --out "$OUT/ledger.pdf"
step "横向的台帐，与 PDF 一页一页相同" same_pages "$OUT/ledger-printed.pdf" "$OUT/ledger.pdf"
settle || true

# ---- d. only what was filled in, two of each, first copy only: by the keyboard alone

keys ctrl+2
settle || true
before=$(printed)
to_print ctrl+p
# From the button back over 签名栏 to 套打; from there to the second copy, and to how many.
keys shift+Tab shift+Tab space
keys shift+Tab shift+Tab shift+Tab shift+Tab space
shot d1-filled
keys Tab Tab Tab Tab Tab Tab
shot d2-filled
keys Return
step "套打印出来了" until_true 60 printed_is 4
filled=$(last_printed)
cp "$filled" "$OUT/filled-printed.pdf"
step "套打只印第一联" test "$(pages_of "$filled")" = 1
step "套打记下一联" until_true 10 printed_so_often $((before + 1))
step "套打印上编号" has_ink "$filled" 700 140 75 22
# The company and the title, 用户名称, the frame's left side.
for place in "280 75 320 55" "195 172 75 24" "90 300 20 300"; do
    # shellcheck disable=SC2086
    step "整张单在 $place 有表格" has_ink "$OUT/again-printed.pdf" $place
    # shellcheck disable=SC2086
    step "套打在 $place 不印表格" no_ink "$filled" $place
done
# Every word of it stands where it stands on the whole sheet: nothing is dark here that is white there.
within() {
    pdftoppm -r 100 -gray -png -f 1 -l 1 -singlefile "$filled" "$HOME/part" 2>/dev/null
    pdftoppm -r 100 -gray -png -f 1 -l 1 -singlefile "$OUT/again-printed.pdf" "$HOME/whole" 2>/dev/null
    # The count of prints in the margin is another one by now.
    for it in part whole; do convert "$HOME/$it.png" -fill white -draw 'rectangle 300,0 560,130' -threshold 60% "$HOME/$it.png"; done
    convert "$HOME/whole.png" -morphology Erode Disk:1.5 "$HOME/whole.png"
    local ink outside
    ink=$(convert "$HOME/part.png" -negate -format '%[fx:mean*w*h]' info:)
    outside=$(convert "$HOME/part.png" -negate "$HOME/whole.png" -compose multiply -composite -format '%[fx:mean*w*h]' info:)
    echo "        墨 $ink 点，在整张单的墨之外 $outside 点" >&2
    python3 -c "import sys; sys.exit(not ($ink > 1500 and $outside < $ink * 0.01))"
}
step "套打的字都在整张单的原处" within
settle || true

# ---- e. a batch on a printer that is never done, stopped

slow() {
    python3 - "$HOME/.config/taizhang/习惯.json" <<'PY'
import json, sys
path = sys.argv[1]
memory = json.load(open(path))
memory["printer"] = "慢的"
json.dump(memory, open(path, "w"))
PY
}
slow
before=$(printed)
# The list's own menu, and in it what prints all that it shows.
at 368 115
settle || true
shot e1-menu
at 400 209
sleep 2
settle || true
shot e2-batch
keys Return
sleep 3
shot e3-going
step "成批打印在队列里" until_true 20 sh -c '! [ -z "$(lpstat -W not-completed -o)" ]'
keys Escape
step "停下以后队列是空的" until_true 20 queue_is_empty
settle || true
shot e4-stopped
step "停下的没有记成打印" printed_so_often "$before"

# The same batch on the printer.
keys Escape
sed -i 's/慢的",$/办公室",/' "$HOME/.config/taizhang/习惯.json"
at 368 115
settle || true
at 400 209
sleep 2
settle || true
keys Return
step "成批印出来了" until_true 120 printed_is 5
batch=$(last_printed)
slips=$("$BIN" list --book "$BOOK" --form 05 --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)))')
step "$slips 份单，两联都印了（$(pages_of "$batch") 页）" test "$(pages_of "$batch")" -ge $((slips * 2))
step "每一份的每一联都记下了" until_true 20 printed_so_often $((before + slips * 2))
first=$("$BIN" list --book "$BOOK" --form 05 --json | python3 -c '
import json, sys
print(min(it["number"] for it in json.load(sys.stdin)))')
"$BIN" export slip --book "$BOOK" --no "$first" --out "$OUT/first.pdf"
cp "$batch" "$OUT/batch-printed.pdf"
step "成批的第一页是 $first 的 PDF" same_page "$batch" 1 "$OUT/first.pdf" 1
settle || true
shot e5-batch-printed

# ---- f. a full spool, no cupsd

before=$(printed)
stop_cupsd
mount -t tmpfs -o size=40k,mode=710 tmpfs "$CUPS/spool"
chgrp lp "$CUPS/spool"
mkdir -m 1770 "$CUPS/spool/tmp"
raise_cupsd "$OUT"
to_print ctrl+p
keys Return
sleep 3
settle || true
shot f1-full-spool
step "队列的磁盘满了：红字说明（$(red "$OUT/f1-full-spool.png") 点）" test "$(red "$OUT/f1-full-spool.png")" -gt 100
step "没有印的没有记成打印" printed_so_often "$before"
stop_cupsd
umount "$CUPS/spool"
keys Escape
to_print ctrl+p
sleep 1
settle || true
shot f2-no-cupsd
step "打印系统没有运行：红字说明（$(red "$OUT/f2-no-cupsd.png") 点）" test "$(red "$OUT/f2-no-cupsd.png")" -gt 100
keys Return
step "改用看 PDF 的程序打开" until_true 15 test -s "$HOME/viewed.pdf"
settle || true
shot f3-viewed
if [ -s "$HOME/viewed.pdf" ]; then
    cp "$HOME/viewed.pdf" "$OUT/viewed.pdf"
    step "打开的就是这张单" says "$HOME/viewed.pdf" "$NUMBER"
fi
step "台帐检查无误" "$BIN" check --book "$BOOK"

if grep -nE "panicked|RUST_BACKTRACE" "$OUT/taizhang.log"; then bad "程序没有崩溃"; else good "程序没有崩溃"; fi
echo
if [ ${#FAILED[@]} -gt 0 ]; then
    echo "打印：${#FAILED[@]} 步不通过："
    printf '  %s\n' "${FAILED[@]}"
    exit 1
fi
echo "打印：全部通过"
