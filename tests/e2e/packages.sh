#!/bin/bash
# What an office on Linux installs, on systems that have nothing else: a bare Debian 12 and a bare Debian 11, each made in a
# folder of its own. The .deb and the tar.gz are installed, started from the entry in the menu, a book is opened as by a
# double click, Chinese is typed, and all is taken away again; the book stays.
#
#   tests/e2e/packages.sh FOLDER OUTDIR [CODENAME…]        (bookworm bullseye)
#
# FOLDER is what packaging/linux.sh made. The systems come from the mirror that apt is set to here, or from $MIRROR; their
# windows stand on a screen of this machine, whose fcitx5 they are written in with. Debian 10, with glibc 2.28, is on the
# mirrors no more: that the program asks for no newer symbols is seen by packaging/linux.sh.
#
# Has to be root. Needs debootstrap, desktop-file-utils and appstream beside what run.sh needs. One verdict a step (通过 /
# 不通过); pictures and logs stay in OUTDIR, the systems do not; not 0 if a step failed.
set -euo pipefail

[ $# -ge 2 ] || { echo "用法：$0 <安装包所在的文件夹> <结果文件夹> [Debian 代号]…" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "要用 root 运行：系统要装在自己的文件夹里" >&2; exit 2; }
DEB=$(realpath -e "$1"/taizhang_*_amd64.deb)
TAR=$(realpath -e "$1"/taizhang-*-linux-x86_64.tar.gz)
# shellcheck source=window.sh
source "$(dirname "$0")/window.sh"

begin "$2"
shift 2
[ $# -gt 0 ] || set -- bookworm bullseye
ROOT=
ENDS=(cut_power end_root end_session)

# ---- a system of its own

# make_root CODENAME: a bare Debian with one plain user, clerk; sets ROOT.
make_root() {
    ROOT=$(realpath "$(mktemp -d "${TMPDIR:-/tmp}/taizhang-root.XXXXXX")")
    chmod 755 "$ROOT"
    debootstrap --variant=minbase "$1" "$ROOT" "$MIRROR" >"$OUT/debootstrap-$1.log" 2>&1 || return 1
    mkdir -p "$ROOT/tmp/.X11-unix"
    mount -t proc proc "$ROOT/proc" && mount -t tmpfs -o mode=1777 tmpfs "$ROOT/dev/shm" &&
        mount --bind /tmp/.X11-unix "$ROOT/tmp/.X11-unix" || return 1
    # Nothing that is installed starts a service.
    printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
    chmod +x "$ROOT/usr/sbin/policy-rc.d"
    in_root useradd -m -s /bin/sh clerk
    as_clerk mkdir -m 700 run
    cat >"$BIN" <<SCRIPT
#!/bin/sh
exec chroot --userspec=clerk:clerk "$ROOT" env -i HOME=/home/clerk LC_ALL=C.UTF-8 \\
    PATH=/home/clerk/.local/bin:/home/clerk/unpacked/bin:/usr/bin:/bin taizhang "\$@"
SCRIPT
    chmod +x "$BIN"
    FRAMES=$ROOT/home/clerk/frames
}
end_root() {
    local it
    [ -n "$ROOT" ] || return 0
    # Whatever was started in it, by a desktop's way and so by nobody's hand here.
    for it in /proc/[0-9]*; do
        [ "$(readlink "$it/root" 2>/dev/null)" != "$ROOT" ] || kill -9 "${it#/proc/}" 2>/dev/null || true
    done
    for it in tmp/.X11-unix dev/shm proc; do umount "$ROOT/$it" 2>/dev/null || umount -l "$ROOT/$it" 2>/dev/null || true; done
    # What is mounted in it would be deleted, too.
    if grep -qF " $ROOT/" /proc/mounts; then echo "还挂着别的，没有删：$ROOT" >&2; else rm -rf "$ROOT"; fi
    ROOT=
}

in_root() { chroot "$ROOT" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
# logged LOG COMMAND…: what it says is in LOG.log.
logged() { local log=$1; shift; "$@" >>"$OUT/$log.log" 2>&1; }
install() { logged apt in_root apt-get -q -y -o Acquire::Retries=3 install "$@"; }
as_clerk() {
    chroot --userspec=clerk:clerk "$ROOT" env -i -C /home/clerk PATH=/usr/bin:/bin HOME=/home/clerk USER=clerk LC_ALL=C.UTF-8 \
        XDG_RUNTIME_DIR=/home/clerk/run DISPLAY="$DISPLAY" XMODIFIERS="$XMODIFIERS" LIBGL_ALWAYS_SOFTWARE=1 NO_AT_BRIDGE=1 \
        TAIZHANG_FRAMES=/home/clerk/frames "$@"
}

# ---- a clerk at it

# opens COMMAND…: what a desktop does after a click; the program's window is there afterwards.
opens() {
    rm -f "$FRAMES"
    # Some of these stay until the program ends.
    as_clerk "$@" >>"$OUT/taizhang.log" 2>&1 </dev/null &
    until_true 30 has_painted && until_true 30 sees_window || return 1
    APP=$(xdotool getwindowpid "$WINDOW")
    front && settle
}
closes() {
    keys alt+F4
    until_true 15 has_ended && APP=
}
is_of_type() { as_clerk gio info -a standard::content-type "$BOOK" | grep -F application/x-taizhang-book >/dev/null; }
is_opened_by_it() { [ "$(as_clerk xdg-mime query default application/x-taizhang-book)" = taizhang-book.desktop ]; }
hash_of_book() { sha256sum "$ROOT$BOOK" 2>&1 || true; }
# entries SHARE: what a desktop reads is as it has to be.
entries() {
    step "$NAME：桌面入口合规" desktop-file-validate "$1/applications/taizhang.desktop" "$1/applications/taizhang-book.desktop"
    step "$NAME：软件说明合规" logged install appstreamcli validate --no-net "$1/metainfo/cn.taizhang.taizhang.metainfo.xml"
}

# What bears the program's name, but for the folder of its books.
nothing_left() { ! find "$1" -not -type d -name '*taizhang*' -not -path '*/share/taizhang/*' | grep .; }

# by_double_click WORDS: a copy of the book, opened by its type; what is typed is in it.
by_double_click() {
    local own=$BOOK
    BOOK="/home/clerk/拷来的 $1.book"
    as_clerk cp "$own" "$BOOK"
    step "$NAME：台帐文件认得出是台帐" is_of_type
    step "$NAME：台帐文件用它打开" is_opened_by_it
    if opens gio open "$BOOK"; then
        good "$NAME：双击台帐文件，窗口打开"
        pinyin_off
        keys ctrl+n
        settle || true
        type_latin "$1"
        kept 1 用户名称 "$1"
    else
        bad "$NAME：双击台帐文件，窗口打开" "见 taizhang.log"
    fi
    shot "$NAME-$1"
    step "$NAME：关窗口就退出" closes
    cut_power
    BOOK=$own
}

try_deb() {
    local before
    cp "$DEB" "$ROOT/tmp/taizhang.deb"
    step "$NAME：apt-get install 装得上" install /tmp/taizhang.deb
    step "$NAME：不用窗口的命令做得成" logged install "$BIN" --help
    entries "$ROOT/usr/share"
    # What a desktop starts programs and opens files by.
    install --no-install-recommends libgtk-3-bin libglib2.0-bin || bad "$NAME：装得上 gtk-launch、gio" "见 apt.log"
    BOOK=/home/clerk/.local/share/taizhang/我的台帐.book
    if ! opens gtk-launch taizhang; then bad "$NAME：从开始菜单打开" "见 taizhang.log"; return; fi
    good "$NAME：从开始菜单打开"
    shot "$NAME-welcome"
    # The first of the ways to begin is 新建本单位的台帐.
    keys F10 F6 Return
    # The first of the packages, then past the others to the button that makes the book.
    local tabs=()
    for _ in "$(dirname "$0")"/../../assets/procedures/*/; do tabs+=(Tab); done
    keys space "${tabs[@]}" Return
    settle || true
    step "$NAME：新台帐在自己的文件夹里" until_true 10 test -s "$ROOT$BOOK"
    keys ctrl+n
    pinyin_on
    pinyin shanghai
    kept 0 用户名称 上海
    shot "$NAME-typed"
    pinyin_off
    step "$NAME：关窗口就退出" closes
    cut_power
    by_double_click deb
    before=$(hash_of_book)
    step "$NAME：apt-get remove 卸得掉" logged apt in_root apt-get -q -y remove taizhang
    step "$NAME：程序没有了" test ! -e "$ROOT/usr/bin/taizhang" -a ! -e "$ROOT/usr/share/applications/taizhang.desktop"
    step "$NAME：台帐还在，没有改动" test "$before" = "$(hash_of_book)"
}

try_tar() {
    local before home=$ROOT/home/clerk
    cp "$TAR" "$home/taizhang.tar.gz"
    as_clerk mkdir unpacked
    as_clerk tar -xzf taizhang.tar.gz -C unpacked --strip-components 1
    step "$NAME：install.sh 给自己装得上" logged install as_clerk sh unpacked/install.sh
    entries "$home/.local/share"
    if opens gtk-launch taizhang; then good "$NAME：自己装的，从开始菜单打开"; else bad "$NAME：自己装的，从开始菜单打开"; fi
    step "$NAME：开着的是自己装的程序" test "$(readlink "/proc/${APP:-0}/exe")" = "$home/.local/bin/taizhang"
    step "$NAME：关窗口就退出" closes
    cut_power
    by_double_click tar
    before=$(hash_of_book)
    step "$NAME：uninstall.sh 卸得掉" logged install as_clerk sh .local/share/doc/taizhang/uninstall.sh
    step "$NAME：程序、入口都没有了" nothing_left "$home/.local"
    step "$NAME：台帐还在，没有改动" test "$before" = "$(hash_of_book)"
    # Into another folder; what takes it away is told nothing.
    step "$NAME：install.sh 装到别的文件夹" logged install as_clerk env "PREFIX=/home/clerk/我的 程序" sh unpacked/install.sh
    step "$NAME：程序在那里" test -x "$home/我的 程序/bin/taizhang"
    step "$NAME：那里的 uninstall.sh 卸得掉" logged install as_clerk sh "我的 程序/share/doc/taizhang/uninstall.sh"
    step "$NAME：那里没有程序了" test ! -e "$home/我的 程序/bin/taizhang"
    # From the folder it was unpacked to, without being installed.
    kept 0 用户名称 上海
    step "$NAME：台帐检查无误" "$BIN" check --book "$BOOK"
}

MIRROR=${MIRROR:-$(find /etc/apt \( -name '*.list' -o -name '*.sources' \) -exec \
    sed -nE 's/^(deb +(\[[^]]*\] *)?|URIs: *)(https?:[^ ]+\/debian\/*)( .*)?$/\3/p' {} + | sed -n 1p)}
[ -n "$MIRROR" ] || { echo "看不出 apt 用的是哪个 Debian 镜像，请写在 MIRROR 里" >&2; exit 2; }
start_session "$OUT"
BIN=$HOME/taizhang
for NAME; do
    if ! make_root "$NAME"; then bad "$NAME：系统装好了" "见 debootstrap-$NAME.log"; end_root; continue; fi
    good "$NAME：系统装好了（glibc $(in_root ldd --version | sed -nE '1s/.* ([0-9.]+)$/\1/p')，$SECONDS 秒）"
    step "$NAME：apt-get update" logged apt in_root apt-get -q update
    try_deb
    try_tar
    end_root
done
no_panic
verdict 安装包
