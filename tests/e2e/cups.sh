# A print system of its own: a cupsd with a folder, a port and printers of its own, and cups-pdf behind them. Sourced by
# print.sh and windows.sh, behind session.sh. The machine's own cupsd, its printers and its queue are not touched; the one file laid
# outside is the configuration of cups-pdf, which it reads nowhere else, under a name of its own.

CUPS=
CUPSD=
# Two runs at once would take each other's prints.
CUPS_PDF=taizhang-e2e-$$
CUPS_PDF_CONF=/etc/cups/cups-pdf-$CUPS_PDF.conf

# start_cups LOGS: sets CUPS (its folder), CUPS_SERVER; what cups-pdf printed lies in $CUPS/out.
start_cups() {
    local logs=$1
    CUPS=$HOME/cups
    mkdir -p "$CUPS"/{root,spool,cache,state,tmp,out}
    # Its filters run as a user of their own.
    chmod 755 "$HOME" "$CUPS"
    chgrp lp "$CUPS/root" "$CUPS/spool"
    chmod 710 "$CUPS/spool"
    chmod 1777 "$CUPS/tmp"
    local port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >"$CUPS/root/cupsd.conf" <<CONF
Listen 127.0.0.1:$port
LogLevel info
Browsing Off
DefaultAuthType None
WebInterface No
DefaultPaperSize A4
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
CONF
    cat >"$CUPS/root/cups-files.conf" <<CONF
ServerRoot $CUPS/root
RequestRoot $CUPS/spool
CacheDir $CUPS/cache
StateDir $CUPS/state
TempDir $CUPS/tmp
ErrorLog $logs/cups.log
AccessLog $logs/cups-access.log
PageLog $CUPS/page.log
SystemGroup root
Sandboxing relaxed
CONF
    printf 'Out %s\nGrp lpadmin\nLogType 1\nLog %s\n' "$CUPS/out" "$CUPS" >"$CUPS_PDF_CONF"
    export CUPS_SERVER=127.0.0.1:$port
    unset PRINTER LPDEST
    raise_cupsd "$logs" || return 1
    # One printer as people have it, and one that takes everything and is never done.
    lpadmin -p 办公室 -E -v "cups-pdf:/$CUPS_PDF" -m lsb/usr/cups-pdf/CUPS-PDF_opt.ppd 2>>"$logs/lpadmin.log"
    SLOW=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    beside "$logs/slow.log" python3 -c '
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
kept = []
while True:
    kept.append(server.accept())' "$SLOW"
    lpadmin -p 慢的 -E -v "socket://127.0.0.1:$SLOW" -m lsb/usr/cupsfilters/Generic-PDF_Printer-PDF.ppd 2>>"$logs/lpadmin.log"
    lpadmin -d 办公室
}

raise_cupsd() {
    /usr/sbin/cupsd -f -c "$CUPS/root/cupsd.conf" -s "$CUPS/root/cups-files.conf" >>"$1/cupsd.log" 2>&1 </dev/null &
    CUPSD=$!
    until_true 20 sh -c 'lpstat -r | grep -q "is running"' || { echo "cupsd 没有启动，见 $1/cupsd.log" >&2; return 1; }
}

stop_cupsd() {
    [ -n "$CUPSD" ] || return 0
    kill "$CUPSD" 2>/dev/null || true
    # With a job on its way it takes its time, more than a test has.
    until_true 5 sh -c "! grep -qs '^State:.[^Z]' /proc/$CUPSD/status" || kill -9 "$CUPSD" 2>/dev/null || true
    wait "$CUPSD" 2>/dev/null || true
    CUPSD=
}

end_cups() {
    stop_cupsd
    rm -f "$CUPS_PDF_CONF"
    if [ -n "$CUPS" ]; then umount "$CUPS/spool" 2>/dev/null || true; fi
}

printed_files() { find "$CUPS/out" -name '*.pdf' -size +0 | wc -l; }
queue_is_empty() { [ -z "$(lpstat -W not-completed -o 2>/dev/null)" ]; }
# printed_is N: N jobs have come out, the last of them whole.
printed_is() { [ "$(printed_files)" = "$1" ] && queue_is_empty; }
last_printed() { find "$CUPS/out" -name '*.pdf' -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-; }
