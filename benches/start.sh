#!/usr/bin/env bash
# How long the program takes to its window, against LibreOffice Writer opening the same slip as a document: a Markdown table.
#
#     benches/start.sh [PROGRAM [RUNS]]        (target/release/taizhang, 5)
#
# Needs Xvfb, openbox, xdotool, soffice (LibreOffice Writer) and python3; cold starts (nothing in the page cache) need root.
# A run ends when the picture on the screen has not changed for 1.5 s; its time is from the start of the process until the
# moment from which 95 of 100 rows of the screen stayed as they are in the end: mapped, painted, and done. (The caret that
# blinks and the clock of a status bar lie in fewer rows.) The two take turns, so that what else the machine does strikes both.
# Not 0 where Writer takes less than five times as long, warm or cold.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/taizhang}")
runs=${2:-5}
work=$(mktemp -d)
started=()
end() {
    for it in "${started[@]}"; do kill "$it" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# until_true WHAT COMMAND...: waits for it, half a minute at most.
until_true() {
    local what=$1 end=$((SECONDS + 30))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || { echo "$what did not come" >&2; exit 1; }
        sleep 0.1
    done
}

export HOME=$work LANG=C.UTF-8 LC_ALL=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1 NO_AT_BRIDGE=1 XDG_RUNTIME_DIR=$work/run
unset WAYLAND_DISPLAY WAYLAND_SOCKET XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME DBUS_SESSION_BUS_ADDRESS XMODIFIERS
mkdir -m 700 "$XDG_RUNTIME_DIR"
# The screen's picture is a file, so that looking at it asks nothing of the X server.
Xvfb -displayfd 3 -screen 0 1500x980x24 -nolisten tcp -fbdir "$work" 3>"$work/display" >/dev/null 2>&1 &
started+=($!)
until_true Xvfb test -s "$work/display"
export DISPLAY=:$(<"$work/display")
openbox >/dev/null 2>&1 &
started+=($!)
until_true openbox xdotool get_desktop

# The same slip twice: on the desk of a book, and as a document with the same texts.
mkdir "$work/demo"
"$program" demo "$work/demo" >/dev/null
book=$work/demo/样本.book
"$program" list --book "$book" --form 05 --json | python3 -c '
import html, json, sys
slip = max(json.load(sys.stdin), key=lambda it: len(str(it)))
def words(it):
    if isinstance(it, dict): return " ".join(words(one) for one in it.values())
    if isinstance(it, list): return " ".join(words(one) for one in it)
    return "" if it is None else str(it)
rows = "".join(f"<tr><td>{html.escape(key)}</td><td>{html.escape(words(it))}</td></tr>" for key, it in slip.items())
print(f"<html><meta charset=utf-8><body><h1>用户投诉(意见)处置记录单</h1><table border=1>{rows}</table></body></html>")' >"$work/slip.html"
writer=(soffice "-env:UserInstallation=file://$work/profile" --norestore --nologo --nofirststartwizard)
"${writer[@]}" --headless --infilter="HTML (StarWriter)" --convert-to odt:writer8 --outdir "$work" "$work/slip.html" >/dev/null 2>&1
[ -s "$work/slip.odt" ] || { echo "LibreOffice did not make the document" >&2; exit 1; }

cat >"$work/watch.py" <<'PYTHON'
import atexit, glob, mmap, os, signal, struct, subprocess, sys, time
screen = open(glob.glob(sys.argv[1] + "/Xvfb_screen0")[0], "rb")
picture = mmap.mmap(screen.fileno(), 0, access=mmap.ACCESS_READ)
head = struct.unpack(">25I", picture[:100])
begin, height, stride = head[0] + head[19] * 12, head[5], head[12]
rows = [begin + y * stride for y in range(0, height, 4)]
look = lambda: [picture[at:at + stride] for at in rows]
empty = look()
begun = time.monotonic()
child = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
def end():
    # What it started goes with it; all of it may be gone.
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()
atexit.register(end)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
seen, last, still = [], empty, 0.0
while True:
    now, rows_now = time.monotonic() - begun, look()
    if sum(a != b for a, b in zip(rows_now, last)) > len(rows) // 20:
        seen.append((now, rows_now))
        last, still = rows_now, now
    # Something has to be there before it can stand still.
    there = sum(a != b for a, b in zip(last, empty)) > len(rows) // 2
    if there and now - still > 1.5:
        break
    if now > 90 or child.poll() is not None:
        sys.exit("no window")
    time.sleep(0.004)
done = next(at for at, it in seen if all(sum(a != b for a, b in zip(later, last)) <= len(rows) // 20 for then, later in seen if then >= at))
print(round(done * 1000))
if sys.argv[2]:
    subprocess.run(["import", "-silent", "-window", "root", sys.argv[2]])
PYTHON

# start KEEP COMMAND...: milliseconds to the finished window.
start() {
    python3 "$work/watch.py" "$work" "$@"
    rm -f "$work"/.~lock.*
    until_true "an empty screen" no_window
}
no_window() { [ -z "$(xdotool search --onlyvisible --name '.+' 2>/dev/null)" ]; }
ours() { start "$1" "$program" --book "$book"; }
writers() { start "$1" "${writer[@]}" --writer "$work/slip.odt"; }

# The last sheet comes back: so lay one on the desk and close the window as a clerk does.
"$program" --book "$book" >/dev/null 2>&1 &
app=$!
started+=($app)
sees_window() { window=$(xdotool search --onlyvisible --class 'taizhang$' 2>/dev/null | sed -n 1p) && [ -n "$window" ]; }
until_true "the window" sees_window
sleep 2
xdotool windowactivate --sync "$window" key ctrl+2
sleep 2
xdotool key alt+F4
until_true "the end of the program" sh -c "! kill -0 $app"
wait $app || true

# No hand is on the mouse: under the pointer things light up, and that later or sooner.
xdotool mousemove 1499 979

# The first run of each makes what it keeps for itself (Writer: its profile), and is not counted.
ours "${PICTURES:+$PICTURES/start-ours.png}" >/dev/null
writers "${PICTURES:+$PICTURES/start-writer.png}" >/dev/null
cold() { if [ "$1" = cold ]; then sync; echo 3 >/proc/sys/vm/drop_caches; fi; }
: >"$work/times"
kinds=(warm)
[ ! -w /proc/sys/vm/drop_caches ] || kinds+=(cold)
for kind in "${kinds[@]}"; do
    for ((run = 0; run < runs; run++)); do
        cold "$kind"; a=$(ours "")
        cold "$kind"; b=$(writers "")
        echo "$kind $a $b" >>"$work/times"
    done
done
echo "| start, $runs times each, least / median / most | this program | Writer | Writer ÷ this, median of pairs |"
echo "|---|---|---|---|"
code=0
python3 - "$work/times" <<'PYTHON' || code=1
import statistics, sys
lines = [line.split() for line in open(sys.argv[1])]
slow = []
for kind in dict.fromkeys(line[0] for line in lines):
    pairs = [(int(a), int(b)) for it, a, b in lines if it == kind]
    cell = lambda all: f"{min(all)} / {round(statistics.median(all))} / {max(all)} ms"
    ratio = statistics.median(b / a for a, b in pairs)
    print(f"| {kind} | {cell([a for a, _ in pairs])} | {cell([b for _, b in pairs])} | {ratio:.1f} |")
    if ratio < 5:
        slow.append(f"{kind}: Writer takes {ratio:.1f} times as long, less than 5")
sys.exit("\n".join(slow) or None)
PYTHON

# Idle: processor time and frames in ten seconds in which nobody touches anything.
TAIZHANG_FRAMES=$work/frames "$program" --book "$book" >/dev/null 2>&1 &
pid=$!
started+=($pid)
sleep 6
spent() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
before="$(spent) $(wc -l <"$work/frames")"
sleep 10
echo
echo "idle for ten seconds: $(($(spent) - ${before% *})) hundredths of a second of processor time, $(($(wc -l <"$work/frames") - ${before#* })) frames"
echo "the program: $(stat -c %s "$program") bytes; resident $(awk '$1 == "VmRSS:" { print int($2 / 1024) }' "/proc/$pid/status") MB"
exit $code
