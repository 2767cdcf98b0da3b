# What is on the pages of PDFs and in pictures of the screen, and how alike two pages are. Keeps its own pictures in
# HOME.

pages_of() { pdfinfo "$1" 2>/dev/null | sed -n 's/^Pages: *//p'; }
# Read to the end: a reader that is cut off counts as a failure.
pdf_says() { pdftotext -layout "$1" - 2>/dev/null | grep -F -- "$2" >/dev/null; }

# page PDF N PICTURE [RIGHT]: a page as it lies on upright paper, moved to the right by so many fifths of a millimetre, in
# squares of 1.7 mm.
page() {
    pdftoppm -r 127 -gray -png -f "$2" -l "$2" -singlefile "$1" "${3%.png}" 2>/dev/null
    convert "$3" -roll "+${4:-0}+0" -rotate '90>' -filter box -resize 124x176! "$3"
}
# How far two pictures are from each other where they differ most: from 0 to 1.
far() { compare -metric PAE "$1" "$2" null: 2>&1 | sed 's/.*(\(.*\))/\1/' || true; }
# Two pages printed alike differ by the edges of their letters, 0.15 to 0.22; a page that is moved by 0.6 mm, or whose other
# copy was printed, by more than 0.26.
ALIKE=0.24
# is_alike FAR [MOST]
is_alike() { python3 -c "import sys; sys.exit(not 0 <= float('$1') < ${2:-$ALIKE})"; }

# same_page PRINTED N PDF M [RIGHT]: a page that came out of the printer is that of the PDF, so far to the right.
same_page() {
    local one two
    page "$1" "$2" "$HOME/one.png"
    page "$3" "$4" "$HOME/two.png" "${5:-0}"
    one=$(far "$HOME/one.png" "$HOME/two.png")
    # One that lies is turned by the printer to one side or the other.
    convert "$HOME/one.png" -rotate 180 "$HOME/turned.png"
    two=$(far "$HOME/turned.png" "$HOME/two.png")
    echo "        第 $2 页差 $(python3 -c "print(min($one, $two))")" >&2
    is_alike "$one" || is_alike "$two"
}
same_pages() {
    local count n
    count=$(pages_of "$2")
    [ "$(pages_of "$1")" = "$count" ] || { echo "        $(pages_of "$1") 页，应是 $count 页" >&2; return 1; }
    for ((n = 1; n <= count; n++)); do same_page "$1" "$n" "$2" "$n" || return 1; done
}

# red PICTURE: how many dots have the colour in which the window says what is wrong.
red() { convert "$1" -fuzz 12% -fill black +opaque '#B3261E' -fill white -opaque '#B3261E' -format '%[fx:round(mean*w*h)]' info:; }
