#!/bin/bash
# The long versions of the tests that throw dice. `cargo test` and .ci/run go through the short ones.
#
#   tests/long.sh [OUTDIR] [PART…]
#
# Every part, or those named; a log of each and summary.txt stay in OUTDIR (target/long). Not 0 if a part failed.
set -euo pipefail
exec </dev/null
cd "$(dirname "$(realpath "$0")")/.."
OUT=${1:-target/long}
[ $# -eq 0 ] || shift
mkdir -p "$OUT"
cargo build --locked --release
cargo test --locked --no-run

# part NAME COMMAND…: its verdict, its seconds, and the last line that says how much was done.
part() {
    local name=$1 began=$SECONDS verdict=通过 said
    shift
    [ ${#WANTED[@]} -eq 0 ] || [[ " ${WANTED[*]} " == *" $name "* ]] || return 0
    "$@" >"$OUT/$name.log" 2>&1 || verdict=不通过
    said=$(grep -E '^test result:|轮' "$OUT/$name.log" | tail -1 || true)
    echo "$verdict  $name：$((SECONDS - began)) 秒；$*；$said" | tee -a "$OUT/summary.txt"
    [ $verdict = 通过 ] || FAILED=1
}

WANTED=("$@")
FAILED=0
: >"$OUT/summary.txt"

# Power cuts and faults below SQLite, in whole days of an office and in work on whole files; the same work killed; the window
# on a disk that fails.
part crash env TAIZHANG_ROUNDS=10000 cargo test --locked --test crash
# The real program, killed while a clerk types.
part typing tests/e2e/crash.py 500 target/release/taizhang "$OUT/typing"
# Everything the program reads, changed at random: each target for an hour, all at once, in bounded memory.
part hostile env TAIZHANG_SECONDS=3600 bash -c \
    'ulimit -v 8000000; exec cargo test --locked --test hostile -- --nocapture --test-threads 32'

# Books made to cost time or memory, against the program as it is handed out: five seconds of the processor each.
part forged env TAIZHANG_BOOKS=500 TAIZHANG_LIMIT=5 TAIZHANG_PROGRAM="$PWD/target/release/taizhang" \
    cargo test --locked --test hostile forged

exit $FAILED
