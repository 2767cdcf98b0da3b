#!/bin/bash
# The pictures beside the drawing, made from taizhang.svg. Needs librsvg2-bin and imagemagick.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
all=()
for size in 16 20 24 32 40 48 64 128 256; do
    rsvg-convert -w "$size" -h "$size" taizhang.svg -o "$work/$size.png"
    all+=("$work/$size.png")
done
# No picture carries the day on which it was made.
convert "$work/256.png" -strip -define png:exclude-chunks=date,time taizhang-256.png
convert "${all[@]}" taizhang.ico
