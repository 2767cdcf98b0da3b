#!/usr/bin/env bash
# How time and file grow with the number of slips: a Markdown table. Needs `cargo build --release`, a screen ($DISPLAY, Xvfb
# will do), sqlite3, and room: a million slips take 12 GB, and as much again for the copy.
#
#     benches/size.sh [FOLDER [NUMBER OF SLIPS...]]
#
# Each figure is the smallest of three runs (making, checking and copying: of one), so that others on the machine count least.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$PWD/target/release/taizhang
folder=${1:-$(mktemp -d)}
shift || true
year=$(($(date +%Y) - 1))
frames=$(mktemp)
window=
trap 'rm -f "$frames"; [ -z "$window" ] || kill "$window" 2>/dev/null || true' EXIT

seconds() { { TIMEFORMAT=%R; time "$@" >/dev/null; } 2>&1; }
least() { for _ in 1 2 3; do "$@"; done | sort -n | head -1; }
field() { awk -v name="$1:" '$1 == name { print int($2 / 1024) }' "/proc/$window/status"; }

# Opens the window; prints the milliseconds until the first page is there, with all that is owed, and until every sheet is
# read, and the megabytes it holds then.
open_window() {
    : >"$frames"
    TAIZHANG_FRAMES=$frames "$program" --book "$1" >/dev/null 2>&1 &
    window=$!
    # The first frame is drawn before anything is read: that after it counts.
    until awk 'NR > 1 && NF == 2 { found = 1 } END { exit !found }' "$frames" 2>/dev/null; do sleep 0.05; done
    sleep 2
    echo "$(awk 'NR > 1 && $3 != "nothing" { print $1; exit }' "$frames")" \
        "$(awk 'NR > 1 && NF == 2 { print $1; exit }' "$frames") $(field VmRSS)"
    kill "$window"
    wait "$window" 2>/dev/null || true
    window=
}

echo "| slips | lines of history | file | made in | first page | every sheet | resident | list to a file | a year's ledger (slips) | looked over (check) | copied |"
echo "|---|---|---|---|---|---|---|---|---|---|---|"
[ $# -gt 0 ] || set -- 1000 10000 100000 1000000
for slips; do
    book=$folder/$slips.book
    rm -f "$book"*
    made=$(seconds "$program" make-book --slips "$slips" --book "$book")
    lines=$(sqlite3 "$book" 'SELECT count(*) FROM history')
    of_year=$(sqlite3 "$book" "SELECT count(*) FROM record WHERE year = $year")
    size=$(($(stat -c %s "$book") / 1000000))
    read -r first every resident < <(least open_window "$book")
    listed=$(least seconds "$program" list --book "$book")
    ledger=$(least seconds "$program" export ledger --year "$year" --book "$book" --out "$folder/ledger.pdf")
    checked=$(seconds "$program" check --book "$book")
    copied=$(seconds sqlite3 "$book" "VACUUM INTO '$folder/copy.book'")
    rm -f "$folder/copy.book" "$folder/ledger.pdf"
    echo "| $slips | $lines | $size MB | $made s | $first ms | $every ms | $resident MB | $listed s | $ledger s ($of_year) | $checked s | $copied s |"
done
