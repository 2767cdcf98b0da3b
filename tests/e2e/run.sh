#!/bin/bash
# The program as a clerk meets it: a real window, Chinese typed through a real input method, the power cut, the PDF.
#
#   tests/e2e/run.sh BINARY OUTDIR
#
# One verdict a step (通过 / 不通过); pictures, logs and PDFs stay in OUTDIR; not 0 if a step failed.
# E2E_FIRST_FRAME_MS (1000): within how many milliseconds of its start the program has to have painted.
set -euo pipefail

[ $# -eq 2 ] || { echo "用法：$0 <程序> <结果文件夹>" >&2; exit 2; }
BIN=$(realpath -e "$1")
FIRST_FRAME=${E2E_FIRST_FRAME_MS:-1000}
YEAR=$(date +%Y)
# shellcheck source=window.sh
source "$(dirname "$0")/window.sh"
# shellcheck source=pages.sh
source "$HERE/pages.sh"

begin "$2"
SMALL=
take_small() { [ -z "$SMALL" ] || umount "$SMALL" 2>/dev/null || umount -l "$SMALL"; SMALL=; }
ENDS=(cut_power take_small end_session)

# ---- what is on a PDF

mupdf_says() { mutool draw -q -F txt "$1" 2>/dev/null | grep -F -- "$2" >/dev/null; }

# The three renderers see the same page: no square of 3.4 mm is darker in one picture than in another.
render_alike() {
    local pdf=$1 name=$2 size apart one
    pdftoppm -r 200 -gray -png -singlefile "$pdf" "$HOME/poppler"
    mutool draw -q -r 200 -c gray -o "$HOME/mupdf.png" "$pdf" 1 2>"$HOME/mupdf.err" || { cat "$HOME/mupdf.err" >&2; return 1; }
    gs -q -dSAFER -dBATCH -dNOPAUSE -dLastPage=1 -dTextAlphaBits=4 -dGraphicsAlphaBits=4 -sDEVICE=pnggray -r200 \
        -sOutputFile="$HOME/gs.png" "$pdf" || return 1
    size=62x88
    if [ "$(identify -format '%[fx:w>h]' "$HOME/poppler.png")" = 1 ]; then size=88x62; fi
    for one in poppler mupdf gs; do
        convert "$HOME/$one.png" -filter box -resize "$size!" "$HOME/$one-squares.png"
    done
    for one in mupdf gs; do
        apart=$(far "$HOME/poppler-squares.png" "$HOME/$one-squares.png")
        is_alike "$apart" 0.08 || { echo "        $name：poppler 与 $one 差 $apart" >&2; return 1; }
    done
}

good_pdf() {
    local pdf=$1 name=$2 word
    shift 2
    for word in "$@"; do
        step "$name 里读得出“$word”（poppler）" pdf_says "$pdf" "$word"
        step "$name 里读得出“$word”（mupdf）" mupdf_says "$pdf" "$word"
    done
    if qpdf --check "$pdf" >"$OUT/$name-qpdf.log" 2>&1; then good "$name 经得起 qpdf --check"; else bad "$name 经得起 qpdf --check" "$(head -3 "$OUT/$name-qpdf.log")"; fi
    step "$name 用 poppler、mupdf、ghostscript 画出来一样" render_alike "$pdf" "$name"
}

echo "程序：$BIN"
echo "结果：$OUT"
start_session "$OUT"
BOOK="$HOME/测试 台帐.book"

# ---- a. an empty book

fast=
for try in 1 2 3; do
    rm -f "$BOOK"*
    if ! open_window "$BOOK"; then bad "窗口打开" "20 秒内没有，见 taizhang.log"; exit 1; fi
    first=$(head -1 "$FRAMES" | cut -d" " -f1)
    echo "        第 $try 次启动：第一帧在 $first 毫秒"
    if [ "$first" -le "$FIRST_FRAME" ]; then fast=yes; break; fi
    [ "$try" = 3 ] || cut_power
done
good "窗口打开"
step "窗口标题是 用户服务台帐" title_is 用户服务台帐
step "第一帧不晚于 $FIRST_FRAME 毫秒" test -n "$fast"
away
step "什么也不变时，3 秒内一帧也不画" still 3
step "台帐文件已建，还没有单" test "$(slips)" = 0
shot a-empty-book

# ---- b. a slip typed with pinyin

keys ctrl+n
pinyin_on
step "新建后还没有取编号" test "$(slips)" = 0
shot b0-new-slip
pinyin shanghai
pinyin huagong
kept 0 用户名称 上海化工
kept 0 number "$YEAR-001"
keys Tab
pinyin zhangsan
keys Return
kept 0 投诉联系人 张三
type_latin 021
keys Return
type_latin 11.20
shot b1-date
keys Return
kept 0 联系电话 021
kept 0 投诉日期 "$YEAR-11-20"

# Now in 投诉内容.
if ! find_cell; then bad "笔在投诉内容里（蓝框）"; exit 1; fi
good "笔在投诉内容里（蓝框，$MM 像素/毫米）"
pinyin nihao
xdotool type --delay 70 shiyan
sleep 0.5
shot b2-candidates
keys 2
xdotool type --delay 70 zhoucheng
sleep 0.4
keys Return
kept_like 0 投诉内容 '你好汉汉zhoucheng'
xdotool type --delay 70 weixiu
sleep 0.4
keys BackSpace BackSpace
shot b3-backspace-in-preedit
step "拼音没上屏时不进台帐" looks 0 投诉内容 '你好汉汉zhoucheng'
keys Escape
sleep 0.3
pinyin gongchang comma
keys period
kept_like 0 投诉内容 '你好汉汉zhoucheng工厂，。'
keys Return
pinyin disan
kept_like 0 投诉内容 $'你好汉汉zhoucheng工厂，。\n第三'
shot b4-complaint
xdotool type --delay 70 wanbi
sleep 0.4
shot b5-composing-before-click
# Where a name is signed more is asked than the cell holds.
on_registrar
shot b6-after-click
kept_like 0 投诉内容 $'你好汉汉zhoucheng工厂，。\n第三(完毕)?'
keys Escape
step "打字停下时，3 秒内一帧也不画" still 3

# Into the telephone once more: Shift+Tab goes back, Ctrl+Z takes back.
pinyin_off
on_phone
keys Tab
keys shift+Tab
type_latin 888
keys ctrl+z
keys Tab
kept 0 联系电话 021

# ---- c. the power is cut

on_complaint
pinyin_on
pinyin yijing
# A second counts from when the word has come from the input method, however slow that is.
settle || true
sleep 1.2
shot c0-before-power-cut
cut_power
step "断电一秒多以前写的字还在" looks 0 投诉内容 $'你好汉汉zhoucheng工厂，。\n第三(完毕)?汉汉'
if open_window "$BOOK"; then good "断电后再打开"; else bad "断电后再打开"; exit 1; fi
away
shot c-after-power-cut
if "$BIN" check --book "$BOOK" >"$OUT/check.txt" 2>&1; then good "断电后台帐检查无误"; else bad "断电后台帐检查无误" "$(head -3 "$OUT/check.txt")"; fi

# ---- c2. signed, section by section, from the keyboard

keys ctrl+2
settle || true
pinyin_off
on_registrar
pinyin_on
pinyin wangwu
shot c1-signing
keys Return
kept_like 0 登记人.姓名 '汉汉'
kept 0 登记人.日期 "$(date +%F)"
# A signed section takes no more writing.
pinyin_off
on_complaint
type_latin more
keys Escape
shot c2-locked
step "登记签署后，投诉内容不能再改" looks 0 投诉内容 $'你好汉汉zhoucheng工厂，。\n第三(完毕)?汉汉'
# Whoever accepts the complaint names department and date, then its reviewer signs.
on_registrar
keys Escape
for one in Tab Escape Tab; do keys "$one"; done
type_latin depot
keys Tab
type_latin "$((YEAR + 1))1201"
keys Return
kept 0 责任部门 depot
kept 0 完成期限 "$((YEAR + 1))-12-01"
# With the input method on, from a cell into what is asked beside the next one: no letter goes past it.
keys shift+Tab
pinyin_on
keys shift+Tab
pinyin lisi
keys Return
kept_like 0 审核人.姓名 '汉汉'
pinyin_off
for one in Tab Tab; do keys "$one"; done
type_latin "cause A"
keys Return
type_latin "measure B"
keys Tab
type_latin handler
keys Return
kept 0 原因与措施 $'cause A\nmeasure B'
kept 0 处理人.姓名 handler
keys Tab
type_latin checker
keys Return
kept 0 审核人2.姓名 checker
keys Tab
type_latin verified
keys Tab
type_latin verifier
# From field to field; egui moves the keyboard once a frame.
for one in Tab Tab space; do keys "$one"; done
shot c3-verdict
for one in Tab Tab Return; do keys "$one"; done
kept 0 验证记录 verified
kept 0 验证人.姓名 verifier
keys Tab
type_latin b
kept 0 用户意见 "B 较满意"
keys Tab
type_latin client
keys Return
kept 0 确认人.姓名 client
kept 0 确认人.日期 "$(date +%F)"
away
settle || true
shot c4-signed

# ---- d. export, through the system's dialog

pinyin_off
pdf="$HOME/chu zhi dan.pdf"
keys ctrl+shift+p
if until_true 10 sees_dialog; then
    good "系统的保存对话框打开"
    sleep 1
    shot d1-dialog
    xdotool windowactivate "$DIALOG"
    sleep 0.5
    keys ctrl+a
    type_latin "$pdf"
    shot d2-dialog-path
    keys Return
    step "对话框关上" until_true 10 no_dialog
    step "PDF 已写" until_true 15 test -s "$pdf"
else
    bad "系统的保存对话框打开"
fi
sleep 0.5
settle || true
shot d3-exported
if [ -s "$pdf" ]; then
    cp "$pdf" "$OUT/slip.pdf"
    complaint=$(entry 0 投诉内容 | sed -n 1p)
    good_pdf "$pdf" 处置单 "$YEAR-001" 上海化工 张三 "${YEAR}年11月20日" "$complaint" '第一联 报技术质安部' '第二联 实施部门留底' \
        '用户投诉(意见)处置记录单' 'QG/R0309—05' '√B:较满意'
    step "处置单 两页，一联一页" test "$(pages_of "$pdf")" = 2
    step "处置单 不大于 120 KB（$(stat -c %s "$pdf") 字节）" test "$(stat -c %s "$pdf")" -le 122880
    pdftoppm -r 110 -png "$pdf" "$OUT/slip"
fi
# A new slip, cut off while its first cell is being written.
keys ctrl+n
pinyin_on
pinyin beijing
settle || true
sleep 1.2
cut_power
step "新单的第一格也在" has 1 用户名称 北京
step "新单取了下一个编号" has 1 number "$YEAR-002"

# ---- d2. export where no dialog is: a PATH without zenity

mkdir -p "$HOME/empty-path"
if APP_PATH=$HOME/empty-path open_window "$BOOK"; then
    pinyin_off
    ls "$HOME" >"$HOME/before.txt"
    shot d0-today
    keys ctrl+2
    keys ctrl+shift+p
    sleep 1.5
    settle || true
    shot d4-own-field
    step "没有系统对话框时也没有 zenity" no_dialog
    keys Return
    new_pdf() { [ -n "$(find "$HOME" -maxdepth 2 -name "*$YEAR-002*.pdf" -size +0)" ]; }
    step "窗口自己问路径，回车就存成所拟的文件" until_true 8 new_pdf
    settle || true
    shot d5-own-field-saved
    if new_pdf; then
        saved=$(find "$HOME" -maxdepth 2 -name "*$YEAR-002*.pdf" | sed -n 1p)
        cp "$saved" "$OUT/slip-2.pdf"
        good_pdf "$saved" 所拟的文件 北京 "$YEAR-002"
    fi
    # What is in hand when the window is closed is kept.
    keys Escape
    keys ctrl+n
    pinyin_on
    pinyin guangzhou
    keys alt+F4
    step "关窗口就退出" until_true 8 has_ended
    if has_ended; then
        code=0
        wait "$APP" || code=$?
        APP=
        step "退出码是 0（$code）" test "$code" = 0
    else
        cut_power
    fi
    step "关窗口前刚写的字还在" has 2 用户名称 广州
else
    bad "没有 zenity 时窗口打开"
    cut_power
fi

# The ledger and the blank forms, without a window, from what was typed in one.
"$BIN" export ledger --book "$BOOK" --year "$YEAR" --out "$HOME/ledger.pdf" || bad "台帐导出"
if [ -s "$HOME/ledger.pdf" ]; then
    cp "$HOME/ledger.pdf" "$OUT/ledger.pdf"
    good_pdf "$HOME/ledger.pdf" 台帐 质量投诉处理台帐 上海化工 'QG/R0309—04'
    pdftoppm -r 80 -png "$HOME/ledger.pdf" "$OUT/ledger"
fi

# ---- e. no display

code=0
env -u DISPLAY -u WAYLAND_DISPLAY timeout 20 "$BIN" >"$OUT/no-display.txt" 2>&1 </dev/null || code=$?
if [ "$code" != 0 ] && [ "$code" != 124 ]; then good "没有显示时退出码不是 0（$code）"; else bad "没有显示时退出码不是 0" "$code"; fi
for word in DISPLAY import list export check demo; do
    step "没有显示时说到 $word" grep -qF -- "$word" "$OUT/no-display.txt"
done

# ---- f. a book that is none

other="$HOME/不是台帐.book"
head -c 20000 /dev/urandom >"$other"
before=$(sha256sum <"$other")
if open_window "$other"; then
    good "文件不是台帐，窗口照样打开"
    away
    shot f-no-book
    dots=$(red "$OUT/f-no-book.png")
    step "窗口里有红字说明（$dots 点）" test "$dots" -gt 20
else
    bad "文件不是台帐，窗口照样打开"
fi
cut_power
step "那个文件没有改动" test "$before" = "$(sha256sum <"$other")"
step "那个文件旁没有留下别的" test "$(find "$HOME" -maxdepth 1 -name '不是台帐.book*' | wc -l)" = 1

# A face beside the program that is none.
mkdir "$HOME/字体"
cp "$BIN" "$HOME/字体/taizhang"
printf '不是字体' >"$HOME/字体/rare-full.ttf"
told=$("$HOME/字体/taizhang" list --book "$HOME/测试 台帐.book" --form 05 2>&1 >/dev/null) || true
step "生僻字字库坏了会说明" grep -F "没有用生僻字字库" <<<"$told"
SOUND=$BIN BIN=$HOME/字体/taizhang BOOK="$HOME/测试 台帐.book"
if open_window "$BOOK"; then good "生僻字字库坏了照样打开"; else bad "生僻字字库坏了照样打开"; fi
shot f-broken-face
dots=$(red "$OUT/f-broken-face.png")
step "窗口里有红字说明（$dots 点）" test "$dots" -gt 60
cut_power
BIN=$SOUND

# ---- g. a full disk: a small one of its own, which only root can have

mkdir -p "$HOME/small"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=600k tmpfs "$HOME/small" 2>/dev/null; then
    SMALL=$HOME/small
    BOOK="$SMALL/小盘.book"
    if open_window "$BOOK"; then
        pinyin_off
        keys ctrl+n
        type_latin first
        kept 0 用户名称 first
        dd if=/dev/zero of="$SMALL/filler" bs=1k count=2000 2>/dev/null || true
        type_latin second
        sleep 2
        shot g-full-disk
        step "磁盘满时台帐里还是原来的" has 0 用户名称 first
        dots=$(red "$OUT/g-full-disk.png")
        step "磁盘满时不用碰就有红字说明（$dots 点）" test "$dots" -gt 60
        rm -f "$SMALL/filler"
        # Nobody touches anything: the window tries again by itself.
        kept 0 用户名称 firstsecond
        shot g-room-again
    else
        bad "小盘上的台帐打开"
    fi
    cut_power
    step "磁盘满过以后台帐检查无误" "$BIN" check --book "$BOOK"
    take_small
else
    echo "没有小盘可用（不是 root，或不许挂载），磁盘满的一步由 cargo test 里的试验代替"
fi

no_panic
verdict 端到端
