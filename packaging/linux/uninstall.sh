#!/bin/sh
# Takes away what install.sh installed. Books stay.
set -eu
{ # Read whole before it takes itself away.
prefix=${PREFIX:-$HOME/.local}
share=$prefix/share
rm -f "$prefix/bin/taizhang" "$share/applications/taizhang.desktop" "$share/applications/taizhang-book.desktop" \
    "$share/mime/packages/taizhang.xml" "$share/metainfo/cn.taizhang.taizhang.metainfo.xml" "$share"/icons/hicolor/*/apps/taizhang.png \
    "$share/icons/hicolor/scalable/apps/taizhang.svg"
if command -v update-mime-database >/dev/null && [ -d "$share/mime/packages" ]; then update-mime-database "$share/mime"; fi
if command -v update-desktop-database >/dev/null; then update-desktop-database -q "$share/applications"; fi
if command -v gtk-update-icon-cache >/dev/null; then gtk-update-icon-cache -q -f -t "$share/icons/hicolor" || true; fi
rm -rf "$share/doc/taizhang"
echo "卸载了。台帐还在 ${XDG_DATA_HOME:-$HOME/.local/share}/taizhang 和您自己存放的地方。"
exit
}
