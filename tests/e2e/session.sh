# A desktop of its own: a screen, a window manager, a session bus, a real pinyin input method. Sourced by every script that
# opens the window. Nothing of it touches the desktop or the home folder of whoever runs it, and all of it ends with the
# session.

STARTED=()

# Runs a program beside the script; it is ended with the script.
beside() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 </dev/null &
    STARTED+=($!)
}

end_session() {
    local i
    for ((i = ${#STARTED[@]} - 1; i >= 0; i--)); do
        kill "${STARTED[$i]}" 2>/dev/null || true
    done
    for ((i = ${#STARTED[@]} - 1; i >= 0; i--)); do
        wait "${STARTED[$i]}" 2>/dev/null || true
    done
    STARTED=()
    [[ ${HOME:-} != */taizhang-e2e.* ]] || rm -rf "$HOME"
    HOME=${DESK:-$HOME}
    unset DISPLAY
}

# until_true SECONDS COMMAND…: polls; fails when the time is over.
until_true() {
    local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
    shift
    until "$@" >/dev/null 2>&1; do
        ((${EPOCHREALTIME/./} < end)) || return 1
        sleep 0.1
    done
}

input_method_is_up() {
    xprop -root XIM_SERVERS | grep fcitx && fcitx5-remote && fcitx5-remote -q | grep Default
}

ibus_is_up() {
    xprop -root XIM_SERVERS | grep ibus || return 1
    # It says that it failed although it did not.
    ibus engine libpinyin || true
    [ "$(ibus engine)" = libpinyin ]
}

# start_session LOGS [fcitx|ibus [as-it-comes]]: sets HOME, XDG_RUNTIME_DIR, DISPLAY, DBUS_SESSION_BUS_ADDRESS. SCREEN: how
# large the screen is.
start_session() {
    local logs=$1 method=${2:-fcitx}
    DESK=$HOME
    HOME=$(mktemp -d "${TMPDIR:-/tmp}/taizhang-e2e.XXXXXX")
    export HOME XDG_RUNTIME_DIR=$HOME/run LANG=C.UTF-8 LC_ALL=C.UTF-8
    export XMODIFIERS=@im=$method GTK_IM_MODULE=xim LIBGL_ALWAYS_SOFTWARE=1 NO_AT_BRIDGE=1 GTK_A11Y=none
    unset WAYLAND_DISPLAY WAYLAND_SOCKET XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME WINIT_X11_SCALE_FACTOR
    mkdir -m 700 "$XDG_RUNTIME_DIR"

    local number=$HOME/display
    Xvfb -displayfd 3 -screen 0 "${SCREEN:-1500x980}x24" -nolisten tcp 3>"$number" >"$logs/xvfb.log" 2>&1 </dev/null &
    STARTED+=($!)
    until_true 20 test -s "$number" || { echo "Xvfb 没有启动，见 $logs/xvfb.log" >&2; return 1; }
    export DISPLAY=:$(<"$number")

    # A bus that starts nothing by itself: no desktop portal takes the place of zenity, no second fcitx5 comes up.
    cat >"$HOME/bus.conf" <<CONF
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=$XDG_RUNTIME_DIR</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
CONF
    dbus-daemon --config-file="$HOME/bus.conf" --nofork --print-address=3 3>"$HOME/bus" >"$logs/dbus.log" 2>&1 </dev/null &
    STARTED+=($!)
    until_true 20 test -s "$HOME/bus" || { echo "dbus-daemon 没有启动，见 $logs/dbus.log" >&2; return 1; }
    DBUS_SESSION_BUS_ADDRESS=$(<"$HOME/bus")
    export DBUS_SESSION_BUS_ADDRESS

    beside "$logs/openbox.log" openbox
    until_true 20 sh -c 'xprop -root _NET_SUPPORTING_WM_CHECK | grep 0x' ||
        { echo "openbox 没有启动，见 $logs/openbox.log" >&2; return 1; }

    "start_$method" "$logs" "${3:-spot}"
}

# start_fcitx LOGS spot|…: spot has it show what is composed in the program, and not in a window of its own.
start_fcitx() {
    local logs=$1
    mkdir -p "$HOME/.config/fcitx5/conf"
    cat >"$HOME/.config/fcitx5/profile" <<'CONF'
[Groups/0]
Name=Default
Default Layout=us
DefaultIM=pinyin

[Groups/0/Items/0]
Name=keyboard-us
Layout=

[Groups/0/Items/1]
Name=pinyin
Layout=

[GroupOrder]
0=Default
CONF
    [ "$2" != spot ] || echo "UseOnTheSpot=True" >"$HOME/.config/fcitx5/conf/xim.conf"
    printf '[Behavior]\nShareInputState=All\n' >"$HOME/.config/fcitx5/config"
    beside "$logs/fcitx5.log" fcitx5 --disable=wayland,notifications,cloudpinyin
    until_true 30 input_method_is_up || { echo "fcitx5 没有启动，见 $logs/fcitx5.log" >&2; return 1; }
}

# With its own window for candidates; what it remembers stays in this home.
start_ibus() {
    local logs=$1
    beside "$logs/ibus.log" ibus-daemon --xim --replace --cache=none
    until_true 30 ibus_is_up || { echo "ibus 没有启动，见 $logs/ibus.log" >&2; return 1; }
}

# start_reader LOGS: what a screen reader reads the window by, behind start_session; only what starts after it is read.
start_reader() {
    unset NO_AT_BRIDGE GTK_A11Y
    beside "$1/atspi.log" /usr/libexec/at-spi-bus-launcher --launch-immediately --a11y=1 --screen-reader=1
    until_true 20 dbus-send --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner string:org.a11y.Bus ||
        { echo "读屏的总线没有启动，见 $1/atspi.log" >&2; return 1; }
}
