#!/bin/sh
# Installs for this user alone, without root, into ~/.local (or $PREFIX). Runs with any sh, from any folder.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
prefix=${PREFIX:-$HOME/.local}
mkdir -p "$prefix/bin" "$prefix/share"
prefix=$(CDPATH= cd -- "$prefix" && pwd)
# A program that is running cannot be written over; it can be replaced.
cp "$here/bin/taizhang" "$prefix/bin/taizhang.new"
mv -f "$prefix/bin/taizhang.new" "$prefix/bin/taizhang"
cp -R "$here/share/." "$prefix/share/"
# What takes it away again knows from where.
uninstall=$prefix/share/doc/taizhang/uninstall.sh
{
    echo "#!/bin/sh"
    printf "PREFIX='%s'\n" "$(printf %s "$prefix" | sed "s/'/'\\\\''/g")"
    sed 1d "$here/uninstall.sh"
} >"$uninstall"
chmod 755 "$uninstall"
# Desktops do not look for programs in ~/.local/bin: the entries name the whole path.
for entry in taizhang taizhang-book; do
    sed "s|^Exec=taizhang|Exec=\"$prefix/bin/taizhang\"|" "$here/share/applications/$entry.desktop" >"$prefix/share/applications/$entry.desktop"
done
if command -v update-mime-database >/dev/null; then update-mime-database "$prefix/share/mime"; fi
if command -v update-desktop-database >/dev/null; then update-desktop-database -q "$prefix/share/applications"; fi
if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -f -t "$prefix/share/icons/hicolor" || true; fi
echo "装好了：开始菜单 → 办公 → 用户服务台帐；命令是 $prefix/bin/taizhang"
echo "要卸载，运行 sh \"$uninstall\"（台帐不会删）"
