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
# shellcheck source=window.sh
source "$(dirname "$0")/window.sh"
# shellcheck source=pages.sh
source "$HERE/pages.sh"
# shellcheck source=cups.sh
source "$HERE/cups.sh"

begin "$2"
ENDS=(cut_power end_cups end_session)

# to_print: until what lies there to be printed is laid out, and the printers are found.
to_print() {
    says 20 '打印 * 页' '打印机 *' || bad "可以打印了"
    settle || true
}
# comes NAME FILE [SECONDS]: a verdict: one more print comes out of the printer; PRINTED is its PDF, kept under that name.
JOBS=0
comes() {
    JOBS=$((JOBS + 1))
    step "$1" until_true "${3:-60}" printed_is $JOBS
    PRINTED=$OUT/$2-printed.pdf
    cp "$(last_printed)" "$PRINTED" || true
    settle || true
}
# fill NAME WORDS: into the field of this name.
fill() { press "$1"; keys ctrl+a; type_latin "$2"; settle || true; }

# noted: how many prints the book knows of.
noted() {
    python3 -c '
import sqlite3, sys
book = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
print(book.execute("SELECT count(*) FROM fact WHERE kind = ?", ("printed",)).fetchone()[0])' "$BOOK"
}
noted_so_often() { [ "$(noted)" = "$1" ]; }
# cups-pdf draws letters as pictures, so that no text comes back: ink is looked for where a word has to stand.
# ink PDF X Y WIDTH HEIGHT: how many dots of the first page are dark there, at 100 dots an inch.
ink() {
    pdftoppm -r 100 -gray -png -f 1 -l 1 -singlefile "$1" "$HOME/ink" 2>/dev/null
    convert "$HOME/ink.png" -crop "$4x$5+$2+$3" +repage -threshold 60% -negate -format '%[fx:round(mean*w*h)]' info:
}
has_ink() { [ "$(ink "$@")" -gt 50 ]; }
no_ink() { [ "$(ink "$@")" = 0 ]; }
# Where 重印 stands, in the margin over the form.
MARGIN=(330 35 180 30)

start_session "$OUT"
start_reader "$OUT"
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
NUMBER=$(entry -1 number)

APP_PATH=$HOME/bin:$PATH TMPDIR=$HOME open_window "$BOOK" || { bad "窗口打开"; exit 1; }
keys ctrl+2
settle || true

# ---- a. a slip, both copies: Ctrl+P and Enter

keys ctrl+p
to_print
shot a1-slip
keys Return
comes "处置单印出来了" slip
SLIP=$PRINTED
step "台帐里记下两联" until_true 10 noted_so_often 2
shot a2-printed
"$BIN" export slip --book "$BOOK" --no "$NUMBER" --out "$OUT/slip.pdf"
step "处置单两联，与 PDF 一页一页相同" same_pages "$SLIP" "$OUT/slip.pdf"
# The comparison itself: what is not the same is found.
moved() { ! same_page "$SLIP" 1 "$OUT/slip.pdf" 1 3 2>/dev/null; }
step "移动 0.6 毫米，比得出来" moved
other() { ! same_page "$SLIP" 1 "$OUT/slip.pdf" 2 2>/dev/null; }
step "另一联，比得出来" other

# ---- b. the same slip once more: 重印

keys ctrl+p
to_print
shot b1-again
keys Return
comes "又印了一次" again
AGAIN=$PRINTED
step "第二次在表格外印上“重印”" has_ink "$AGAIN" "${MARGIN[@]}"
step "第一次没有“重印”" no_ink "$SLIP" "${MARGIN[@]}"

# ---- c. the ledger, which lies

keys ctrl+3
settle || true
keys ctrl+p
to_print
shot c1-ledger
keys Return
comes "台帐印出来了" ledger
"$BIN" export ledger --book "$BOOK" --year "$(date +%Y)" --out "$OUT/ledger.pdf"
step "横向的台帐，与 PDF 一页一页相同" same_pages "$PRINTED" "$OUT/ledger.pdf"

# ---- d. all blank forms in one job; then two of each, 3 mm to the right

qpdf --empty --pages "$HOME"/demo/空白_*.pdf -- "$OUT/blanks.pdf"
before=$(noted)
by_name 打印全部空白表
to_print
shot d1-blanks
keys Return
comes "全部空白表一次印出来了" blanks
step "空白表，与 PDF 一页一页相同" same_pages "$PRINTED" "$OUT/blanks.pdf"
once=$(pages_of "$PRINTED")
by_name 打印全部空白表
to_print
fill "右移 毫米" 3
fill 份数 2
shot d2-blanks-moved
press "打印 $((once * 2)) 页"
comes "印两份，右移 3 毫米" blanks-moved 120
step "两份就是两倍的页数（$once，$(pages_of "$PRINTED")）" test "$(pages_of "$PRINTED")" = $((once * 2))
step "纸上右移了 3 毫米" same_page "$PRINTED" 1 "$OUT/blanks.pdf" 1 15
step "第二份也是" same_page "$PRINTED" $((once + 1)) "$OUT/blanks.pdf" 1 15
unmoved() { ! same_page "$PRINTED" 1 "$OUT/blanks.pdf" 1 2>/dev/null; }
step "没有右移的，比得出来" unmoved
step "空白表不记成单据的打印" noted_so_often "$before"
# This printer is on its place again.
by_name 打印全部空白表
to_print
remembers() { reads 5 '右移 毫米' | grep -F '“右移 毫米”：3' >/dev/null; }
step "记得这台打印机右移 3 毫米" remembers
fill "右移 毫米" 0
press "打印 $once 页"
comes "又印在原处" blanks-again
step "右移的毫米数擦去，就印在原处" same_page "$PRINTED" 1 "$OUT/blanks.pdf" 1

# ---- e. only what was filled in, two of each, first copy only: by the keyboard alone

keys ctrl+2
settle || true
before=$(noted)
keys ctrl+p
to_print
# From the button back over 签名栏 to 套打; from there to the second copy, and to how many.
keys shift+Tab shift+Tab space
keys shift+Tab shift+Tab shift+Tab shift+Tab space
shot e1-filled
keys Tab Tab Tab Tab Tab Tab
shot e2-filled
keys Return
comes "套打印出来了" filled
step "套打只印第一联" test "$(pages_of "$PRINTED")" = 1
step "套打记下一联" until_true 10 noted_so_often $((before + 1))
step "套打印上编号" has_ink "$PRINTED" 700 140 75 22
# The company and the title, 用户名称, the frame's left side.
for place in "280 75 320 55" "195 172 75 24" "90 300 20 300"; do
    # shellcheck disable=SC2086
    step "整张单在 $place 有表格" has_ink "$AGAIN" $place
    # shellcheck disable=SC2086
    step "套打在 $place 不印表格" no_ink "$PRINTED" $place
done
# Every word of it stands where it stands on the whole sheet: nothing is dark here that is white there.
within() {
    pdftoppm -r 100 -gray -png -f 1 -l 1 -singlefile "$PRINTED" "$HOME/part" 2>/dev/null
    pdftoppm -r 100 -gray -png -f 1 -l 1 -singlefile "$AGAIN" "$HOME/whole" 2>/dev/null
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

# ---- f. a batch on a printer that is never done, stopped

# batch: all slips that the list shows.
batch() {
    press 成批打印
    press '打印列出的 * 份…'
    to_print
}
before=$(noted)
batch
press '打印机 *'
press 慢的
shot f1-batch
press '打印 * 页'
queue_is_full() { ! queue_is_empty; }
step "成批打印在队列里" until_true 20 queue_is_full
shot f2-going
keys Escape
step "停下以后队列是空的" until_true 20 queue_is_empty
step "停下了，窗口说明" says 20 '已停下，没有记成打印*'
shot f3-stopped
step "停下的没有记成打印" noted_so_often "$before"

# The same batch on the printer.
press '打印机 *'
press '办公室*'
press '打印 * 页'
comes "成批印出来了" batch 120
count=$(slips)
step "$count 份单，两联都印了（$(pages_of "$PRINTED") 页）" test "$(pages_of "$PRINTED")" -ge $((count * 2))
step "每一份的每一联都记下了" until_true 20 noted_so_often $((before + count * 2))
first=$(entry 0 number)
"$BIN" export slip --book "$BOOK" --no "$first" --out "$OUT/first.pdf"
step "成批的第一页是 $first 的 PDF" same_page "$PRINTED" 1 "$OUT/first.pdf" 1
shot f4-batch-printed

# ---- g. a printer that is taken away while its name is on the page

before=$(noted)
keys ctrl+p
to_print
press '打印机 *'
press 慢的
lpadmin -x 慢的
press '打印 * 页'
step "打印机拿走了，窗口说明" says 20 '*这台打印机已经不在了，请另选一台*'
shot g-no-printer
step "没有印的没有记成打印" noted_so_often "$before"
step "队列里什么也没有" queue_is_empty
keys Escape

# ---- h. a full spool, no cupsd

stop_cupsd
if mount -t tmpfs -o size=40k,mode=710 tmpfs "$CUPS/spool" 2>/dev/null; then
    chgrp lp "$CUPS/spool"
    mkdir -m 1770 "$CUPS/spool/tmp"
    raise_cupsd "$OUT"
    keys ctrl+p
    to_print
    keys Return
    # cupsd says so, or breaks off what lp is handing it before it has said anything.
    no_room() { says 10 '*打印队列放不下*' || says 10 '*打印系统没有收下*Broken pipe*'; }
    step "队列的磁盘满了，窗口说明" no_room
    shot h1-full-spool
    step "没有印的没有记成打印" noted_so_often "$before"
    stop_cupsd
    umount "$CUPS/spool"
    keys Escape
else
    echo "不许挂载，队列的磁盘满的一步没有做"
fi
keys ctrl+p
step "打印系统没有运行，窗口说明" says 20 '*打印系统（CUPS）没有运行*'
settle || true
shot h2-no-cupsd
keys Return
step "改用看 PDF 的程序打开" until_true 15 test -s "$HOME/viewed.pdf"
settle || true
shot h3-viewed
if [ -s "$HOME/viewed.pdf" ]; then
    cp "$HOME/viewed.pdf" "$OUT/viewed.pdf"
    step "打开的就是这张单" pdf_says "$HOME/viewed.pdf" "$NUMBER"
fi
step "台帐检查无误" "$BIN" check --book "$BOOK"
no_panic
verdict 打印
