#!/bin/bash
# The program as an office with Windows meets it: the zip unpacked, the installer run, Chinese typed, the power cut, all of
# it in Wine on a screen of its own.
#
#   tests/e2e/windows.sh FOLDER OUTDIR
#
# FOLDER is what packaging/windows.sh made: the zip and the installer. Installs Wine and what goes with it, and needs what
# run.sh needs. One verdict a step (通过 / 不通过); pictures stay in OUTDIR; not 0 if a step failed. Has to be root, as cupsd
# does.
set -euo pipefail

[ $# -eq 2 ] || { echo "用法：$0 <安装包所在的文件夹> <结果文件夹>" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "要用 root 运行：cupsd 只有 root 能起" >&2; exit 2; }
ZIP=$(realpath -e "$1"/taizhang-*-windows.zip)
SETUP=$(realpath -e "$1"/taizhang-*-setup.exe)
# shellcheck source=window.sh
source "$(dirname "$0")/window.sh"
# shellcheck source=pages.sh
source "$HERE/pages.sh"
# shellcheck source=cups.sh
source "$HERE/cups.sh"
# shellcheck source=../../packaging/need.sh
source "$HERE/../../packaging/need.sh"

need wine wine64 unzip xclip gcc-mingw-w64-x86-64-posix fonts-wqy-microhei
begin "$2"
ENDS=(end_windows end_cups end_session)
YEAR=$(date +%Y)

# ---- Windows, as Wine has it

# windows_path PATH: as Windows names a file of this machine.
windows_path() { winepath -w "$1"; }
# What Windows' registry says at a key.
registry() { wine reg query "$@" 2>/dev/null | tr -d '\r'; }
is_no_key() { ! wine reg query "$1" >/dev/null 2>&1; }

end_windows() { [[ ${WINEPREFIX:-} != "$HOME"/* ]] || wineserver -k 2>/dev/null || true; }

start_windows() {
    export WINEPREFIX=$HOME/prefix WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d"
    wine wineboot -i >"$OUT/wineboot.log" 2>&1
    wineserver -w
    C=$WINEPREFIX/drive_c
    # Wine 8 lacks a library that every Windows since 8 has: the one function of it that Rust asks for.
    cat >"$HOME/random.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE place, SIZE_T count) { return SystemFunction036(place, (ULONG)count); }
C
    x86_64-w64-mingw32-gcc-posix -shared -o "$C/windows/system32/bcryptprimitives.dll" "$HOME/random.c" -ladvapi32
    # Chinese in Wine's own dialogs.
    {
        printf 'Windows Registry Editor Version 5.00\n\n[HKEY_CURRENT_USER\\Software\\Wine\\Fonts\\Replacements]\n'
        for face in Tahoma "MS Shell Dlg" "MS Shell Dlg 2" "Segoe UI" "Microsoft YaHei" SimSun; do
            printf '"%s"="WenQuanYi Micro Hei"\n' "$face"
        done
    } >"$HOME/fonts.reg"
    wine regedit /S "$HOME/fonts.reg"
    for face in 宋体 "Microsoft YaHei UI"; do
        wine reg add 'HKCU\Software\Wine\Fonts\Replacements' /v "$face" /d "WenQuanYi Micro Hei" /f >/dev/null 2>&1
    done
    APPDATA=$(winepath -u "$(wine cmd /c 'echo %APPDATA%' 2>/dev/null | tr -d '\r')")
}

# ---- the program and its window

# From here on the script's own words stand for those of window.sh.

# installed_at FOLDER: that program is worked from now on.
installed_at() {
    EXE=$1/taizhang.exe
    cat >"$HOME/taizhang" <<SH
#!/bin/bash
[ -z "\${TAIZHANG_FRAMES:-}" ] || export TAIZHANG_FRAMES=\$(winepath -w "\$TAIZHANG_FRAMES")
exec wine "$EXE" "\$@"
SH
    chmod +x "$HOME/taizhang"
    BIN=$HOME/taizhang
}
sees_window() { WINDOW=$(xdotool search --onlyvisible --class 'taizhang.exe$' 2>/dev/null | sed -n 1p) && [ -n "$WINDOW" ]; }
# sees NAME: a window with this in its title.
sees() { WINDOW=$(xdotool search --onlyvisible --name "$1" 2>/dev/null | sed -n 1p) && [ -n "$WINDOW" ]; }
gone() { ! xdotool search --onlyvisible --name "$1" >/dev/null 2>&1; }
close_window() {
    keys alt+F4
    until_true 15 has_ended || return 1
    wait "$APP"
    APP=
}

# Wine tells what is pressed beside a key only while the window is quick to ask: so every key is held as by a slow hand.
keys() { xdotool key --delay 200 "$@"; sleep 0.3; }
paste() { printf %s "$1" | xclip -selection clipboard -i; sleep 0.3; keys ctrl+v; }

# widest_blue PICTURE: how wide the widest blue thing of the window is, a button; in pixels.
widest_blue() {
    convert "$1" -depth 8 rgb:- | python3 -c '
import sys
data, blue, wide = sys.stdin.buffer.read(), bytes((0x24, 0x52, 0x7A)), 0
while blue * (wide + 1) in data:
    wide += 1
print(wide)'
}

echo "程序：$SETUP"
echo "结果：$OUT"
start_session "$OUT"
start_cups "$OUT"
start_windows
echo "        $(wine --version 2>/dev/null) 准备好了，$SECONDS 秒"

# ---- a. the zip, unpacked where an office unpacks: a path with Chinese characters and blanks

DESK="$C/质安部 办公室"
mkdir -p "$DESK" "$HOME/Desktop"
unzip -q "$ZIP" -d "$DESK"
find "$DESK" -type f -printf '%P\n' | sort >"$OUT/zip.txt"
installed_at "$DESK/用户服务台帐"
step "压缩包解开就有程序、说明和许可证" test -s "$EXE" -a -s "$DESK/用户服务台帐/说明.txt" -a -d "$DESK/用户服务台帐/许可证"
step "没有随带任何 DLL" test "$(find "$DESK" -iname '*.dll' | wc -l)" = 0
FILE="$DESK/测试 台帐.book"
BOOK="C:\\质安部 办公室\\测试 台帐.book"

if ! open_window "$BOOK"; then bad "窗口打开" "见 taizhang.log"; exit 1; fi
good "窗口打开，第一帧在 $(head -1 "$FRAMES" | cut -d' ' -f1) 毫秒"
away
shot a-empty-book
step "台帐文件已建，名字里有汉字和空格" test -s "$FILE"
step "命令的回答写得出来" test "$("$BIN" list --book "$BOOK" --form 05 --json | tr -d '[:space:]')" = "[]"

# ---- b. typed: Chinese through fcitx5, as Wine hands it on, and from the clipboard

keys ctrl+n
pinyin_on
pinyin shanghai
shot b1-typed
kept 0 用户名称 上海
kept 0 number "$YEAR-001"
xdotool type --delay 100 huagong
sleep 0.8
shot b2-composing
keys Escape
pinyin_off
keys Tab
paste 张三丰
kept 0 投诉联系人 张三丰
keys Return
type_latin 021-5566
keys Return
type_latin 11.20
keys Return
kept 0 联系电话 021-5566
kept 0 投诉日期 "$YEAR-11-20"
paste "减速机轴承有异响（温度偏高），请尽快处理。"
keys Return
pinyin_on
pinyin zhoucheng
pinyin_off
settle || true
shot b3-typed
sleep 1.2
cut_power
step "断电前一秒写的字在" has 0 投诉内容 $'减速机轴承有异响（温度偏高），请尽快处理。\n轴承'

# ---- c. opened again; the PDF through Windows' dialog; closed

if open_window "$BOOK"; then good "断电后再打开"; else bad "断电后再打开"; exit 1; fi
step "断电后台帐检查无误" "$BIN" check --book "$BOOK"
keys ctrl+2
settle || true
shot c1-again

PDF="$DESK/处置单 一.pdf"
keys ctrl+shift+p
if until_true 20 sees 存到哪里; then
    good "Windows 的保存对话框打开"
    sleep 1
    shot c2-dialog
    keys ctrl+a
    paste "C:\\质安部 办公室\\处置单 一.pdf"
    keys Return
    step "PDF 已写" until_true 20 test -s "$PDF"
else
    bad "Windows 的保存对话框打开"
fi
settle || true
shot c3-exported
if [ -s "$PDF" ]; then
    cp "$PDF" "$OUT/slip.pdf"
    for word in "$YEAR-001" 上海 张三丰 021-5566 "${YEAR}年11月20日" 温度偏高 轴承 用户投诉; do
        step "PDF 里读得出“$word”" pdf_says "$PDF" "$word"
    done
    step "PDF 经得起 qpdf --check" sh -c 'qpdf --check "$1" >"$2"' - "$PDF" "$OUT/qpdf.log"
    pdftoppm -r 100 -png "$PDF" "$OUT/slip"
fi

# ---- d. printed through Windows' own way, into a real queue

keys ctrl+p
sleep 2
settle || true
shot d1-to-print
keys Return
step "处置单印出来了" until_true 60 printed_is 1
settle || true
shot d2-printed
PRINTED=$(last_printed)
if [ -s "$PRINTED" ] && [ -s "$PDF" ]; then
    cp "$PRINTED" "$OUT/printed.pdf"
    step "印出来的两联与 PDF 一模一样" same_pages "$PRINTED" "$PDF"
    pdftoppm -r 100 -png "$PRINTED" "$OUT/printed"
else
    bad "有印出来的和 PDF 可比"
fi
keys Escape
step "关窗口就退出，退出码是 0" close_window
step "关了以后，台帐旁边只有备份" test "$(find "$DESK" -maxdepth 1 -name '测试*' | wc -l)" = 1

# A path longer than Windows once allowed.

DEEP=$DESK
for _ in 1 2 3 4 5 6; do DEEP=$DEEP/二〇二六年度用户投诉与质量信息反馈处置资料汇编之一车间二车间三车间四车间; done
mkdir -p "$DEEP"
# Not by winepath, which cuts it off.
if LONG=${DEEP#"$C"/} && open_window "C:\\${LONG//\//\\}\\长路径.book"; then
    step "路径有 $(($(wc -m <<<"$DEEP") + 11)) 个字的台帐也开得了" test -s "$DEEP/长路径.book"
    step "关窗口" close_window
else
    bad "路径很长的台帐也开得了"
fi

# ---- e. the installer, page by page

WRITTEN="$APPDATA/taizhang/data/我的台帐.book"
PROGRAM=$(dirname "$(dirname "$APPDATA")")/AppData/Local/Programs/用户服务台帐
MENU="$APPDATA/Microsoft/Windows/Start Menu/Programs/用户服务台帐.lnk"
FRAMES=$HOME/frames
rm -f "$FRAMES"
# A computer on which it never ran.
rm -rf "$APPDATA/taizhang"
TAIZHANG_FRAMES=$(windows_path "$FRAMES") wine "$SETUP" >>"$OUT/setup.log" 2>&1 </dev/null &
if until_true 60 sees '用户服务台帐.*安装'; then good "安装程序打开"; else bad "安装程序打开"; exit 1; fi
xdotool windowactivate "$WINDOW"
sleep 1
shot e1-setup
keys Return
sleep 1
shot e2-folder
keys Return
step "程序已装好" until_true 60 test -s "$PROGRAM/uninstall.exe"
sleep 2
shot e3-installed
step "开始菜单里有" test -s "$MENU"
step "桌面上有" test -s "$(dirname "$(dirname "$APPDATA")")/Desktop/用户服务台帐.lnk"
step "“应用”里有它" sh -c 'case $1 in *taizhang.exe*) ;; *) exit 1 ;; esac' - \
    "$(registry 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Taizhang' /v DisplayIcon)"
# The last page starts the program.
keys Return
step "装好就打开" until_true 60 has_painted
until_true 20 sees '用户服务台帐$' || true
xdotool windowactivate "$WINDOW" windowmove "$WINDOW" 0 0 windowsize "$WINDOW" 1440 900
settle || true
shot e4-first-run
# Behind the two menus, the first thing offered is a book of the office's own.
keys Tab Tab Tab Return
step "第一次用，先建本单位的台帐" until_true 20 test -s "$WRITTEN"
settle || true
keys ctrl+n
paste 北京重型
settle || true
sleep 1.5
shot e5-runs
installed_at "$PROGRAM"
step "程序开着时不能换它" sh -c 'timeout 60 wine "$1" /S; [ $? = 1 ]' - "$SETUP"
step "程序还在" test -s "$EXE"
keys alt+F4
step "关窗口" until_true 15 gone '用户服务台帐$'
BOOK=$(windows_path "$WRITTEN")
kept 0 用户名称 北京重型

# A double click on a book. Wine looks only at what is set for the whole machine, Windows at the user's own first.
wine reg export 'HKCU\Software\Classes' "$(windows_path "$HOME/classes.reg")" /y >/dev/null 2>&1
iconv -f UTF-16 -t UTF-8 "$HOME/classes.reg" | sed 's/HKEY_CURRENT_USER/HKEY_LOCAL_MACHINE/' |
    iconv -f UTF-8 -t UTF-16 >"$HOME/machine.reg"
wine regedit /S "$(windows_path "$HOME/machine.reg")"
rm -f "$FRAMES"
TAIZHANG_FRAMES=$(windows_path "$FRAMES") wine start "C:\\质安部 办公室\\测试 台帐.book" >>"$OUT/taizhang.log" 2>&1 </dev/null || true
step "双击台帐文件就用它打开" until_true 60 has_painted
until_true 20 sees '用户服务台帐$' || true
xdotool windowactivate "$WINDOW" windowmove "$WINDOW" 0 0 windowsize "$WINDOW" 1440 900
settle || true
keys ctrl+2
settle || true
shot e6-by-double-click
keys alt+F4
step "关窗口" until_true 15 gone '用户服务台帐$'

# Over the old one.
step "再装一次，不问什么" timeout 120 wine "$SETUP" /S
step "台帐里 用户名称 还是“北京重型”" has 0 用户名称 北京重型

# ---- f. on a screen of 150 %

wine reg add 'HKCU\Control Panel\Desktop' /v LogPixels /t REG_DWORD /d 144 /f >/dev/null 2>&1
wineserver -k
wineserver -w
if open_window "C:\\质安部 办公室\\测试 台帐.book"; then
    keys ctrl+2
    away
    settle || true
    shot f-150
    step "150% 的屏幕上，按钮宽一半" test "$(widest_blue "$OUT/f-150.png")" -gt $(($(widest_blue "$OUT/c1-again.png") * 14 / 10))
    step "关窗口" close_window
else
    bad "150% 的屏幕上打开"
fi
wine reg add 'HKCU\Control Panel\Desktop' /v LogPixels /t REG_DWORD /d 96 /f >/dev/null 2>&1
wineserver -k
wineserver -w

# ---- g. uninstalled; the book stays

wine "$PROGRAM/uninstall.exe" >>"$OUT/setup.log" 2>&1 </dev/null &
until_true 60 sees '用户服务台帐.*卸载' || bad "卸载程序打开"
xdotool windowactivate "$WINDOW"
sleep 1
shot g1-uninstall
keys Return
step "程序已卸载" until_true 60 test ! -e "$EXE"
sleep 2
shot g2-uninstalled
keys Return
until_true 20 test ! -d "$PROGRAM" || true
step "它的文件夹、开始菜单里的都没有了" test ! -e "$PROGRAM" -a ! -e "$MENU"
for key in 'Classes\Taizhang.Book' 'Classes\.book' Taizhang 'Microsoft\Windows\CurrentVersion\Uninstall\Taizhang'; do
    step "注册表里没有 $key 了" is_no_key "HKCU\Software\$key"
done
installed_at "$DESK/用户服务台帐"
step "台帐还在，写过的都在" has 0 用户名称 北京重型

no_panic
verdict Windows
