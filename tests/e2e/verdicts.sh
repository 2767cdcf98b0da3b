# What every script here begins and ends with: its folder for results, a verdict a step (通过 / 不通过), what they come to.
# Sourced by window.sh.

HERE=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

# begin OUTDIR: a folder for results without those of an earlier run; whatever functions the script puts into ENDS are
# called, in their order, when it ends, however it ends.
begin() {
    mkdir -p "$1"
    OUT=$(realpath "$1")
    rm -f "$OUT"/*.{png,log,pdf,txt,err,json}
    APP=
    WINDOW=
    FAILED=()
    ENDS=()
    trap finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

finish() {
    local code=$? it
    trap - EXIT INT TERM
    for it in "${ENDS[@]}"; do "$it" || true; done
    exit "$code"
}

shot() { import -silent -window root "$OUT/$1.png" || echo "没有截成图：$1" >&2; }

good() { echo "通过    $1"; }

bad() {
    echo "不通过  $1${2:+：$2}"
    FAILED+=("$1")
    [ -z "${DISPLAY:-}" ] || shot "failed-$(printf %02d "${#FAILED[@]}")"
}

# step NAME COMMAND…: a verdict over a command.
step() {
    local name=$1
    shift
    if "$@"; then good "$name"; else bad "$name"; fi
}

# no_panic [NAME]: a verdict over what the program wrote while it ran.
no_panic() {
    local name=${1:+$1：}程序没有崩溃
    if [ ! -e "$OUT/taizhang.log" ] || grep -nE "panicked|RUST_BACKTRACE" "$OUT/taizhang.log"; then bad "$name"; else good "$name"; fi
}

# verdict NAME: what all the steps come to; the script ends here, with 1 if one failed.
verdict() {
    echo
    if [ ${#FAILED[@]} -gt 0 ]; then
        echo "$1：${#FAILED[@]} 步不通过（$SECONDS 秒）："
        printf '  %s\n' "${FAILED[@]}"
        exit 1
    fi
    echo "$1：全部通过（$SECONDS 秒）"
    exit 0
}
