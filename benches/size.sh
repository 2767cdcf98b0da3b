#!/usr/bin/env bash
# How time and file grow with the number of slips: a Markdown table. Needs `cargo build --release --bins --examples`, a screen ($DISPLAY, Xvfb
# will do), sqlite3, and room: a million slips take 12 GB, and as much again for the copy.
#
#     benches/size.sh [FOLDER [NUMBER OF SLIPS...]]
#
# Each figure is the smallest of three runs (making, checking and copying: of one), so that others on the machine count least.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/target/release/taizhang
make=$PWD/target/release/examples/make_book
year=$(($(date +%Y) - 1))
# A home of its own: what the program remembers of these books is nobody's.
export XAUTHORITY=${XAUTHORITY:-$HOME/.Xauthority}
HOME=$(mktemp -d)
export HOME
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME
folder=${1:-$HOME}
mkdir -p "$folder"
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- 1000 10000 100000 1000000
frames=$HOME/frames
# In a file: windows are opened in a shell of their own.
window=$HOME/window
end() {
    [ ! -s "$window" ] || kill "$(<"$window")" 2>/dev/null || true
    rm -rf "$HOME"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

seconds() { { TIMEFORMAT=%R; time "$@" >/dev/null; } 2>&1; }
least() { for _ in 1 2 3; do "$@" || return 1; done | sort -n | sed -n 1p; }

# Opens the window; prints the milliseconds until the first page is there, with all that is owed, and until every sheet is
# read, and the megabytes it holds then.
open_window() {
    local app end=$((SECONDS + 600))
    : >"$frames"
    TAIZHANG_FRAMES=$frames "$program" --book "$1" >/dev/null 2>&1 &
    app=$!
    echo $app >"$window"
    # The first frame is drawn before anything is read: that after it counts.
    until awk 'NR > 1 && NF == 2 { found = 1 } END { exit !found }' "$frames"; do
        if ! kill -0 $app 2>/dev/null || ((SECONDS > end)); then
            echo "the window of $1 did not come, or not within ten minutes" >&2
            return 1
        fi
        sleep 0.05
    done
    sleep 2
    echo "$(awk 'NR > 1 && $3 != "nothing" { print $1; exit }' "$frames")" \
        "$(awk 'NR > 1 && NF == 2 { print $1; exit }' "$frames")" \
        "$(awk '$1 == "VmRSS:" { print int($2 / 1024) }' "/proc/$app/status")"
    kill $app
    wait $app 2>/dev/null || true
    rm "$window"
}

echo "| slips | lines of history | file | made in | first page | every sheet | resident | list to a file | a year's ledger (slips) | looked over (check) | copied |"
echo "|---|---|---|---|---|---|---|---|---|---|---|"
for slips; do
    book=$folder/$slips.book
    rm -f "$book"*
    made=$(seconds "$make" "$slips" 1 "$book")
    lines=$(sqlite3 "$book" 'SELECT count(*) FROM history')
    of_year=$(sqlite3 "$book" "SELECT count(*) FROM record WHERE year = $year")
    size=$(($(stat -c %s "$book") / 1000000))
    opened=$(least open_window "$book")
    read -r first every resident <<<"$opened"
    listed=$(least seconds "$program" list --book "$book")
    ledger=$(least seconds "$program" export ledger --year "$year" --book "$book" --out "$folder/ledger.pdf")
    checked=$(seconds "$program" check --book "$book")
    copied=$(seconds sqlite3 "$book" "VACUUM INTO '$folder/copy.book'")
    rm -f "$folder/copy.book" "$folder/ledger.pdf"
    echo "| $slips | $lines | $size MB | $made s | $first ms | $every ms | $resident MB | $listed s | $ledger s ($of_year) | $checked s | $copied s |"
done
