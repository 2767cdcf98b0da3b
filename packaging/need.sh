# need PACKAGE…: these packages of Debian are there afterwards: what is missing is installed, where root runs this. Sourced.

need() {
    local package log missing=()
    for package; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        echo "all $# are there"
        return
    fi
    [ "$(id -u)" = 0 ] || { echo "error: not root; first run: apt-get install ${missing[*]}" >&2; return 1; }
    echo "installing: ${missing[*]}"
    log=$(mktemp)
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0)
    if ! { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -30 "$log" >&2
        rm -f "$log"
        echo "error: apt-get could not install ${missing[*]}" >&2
        return 1
    fi
    rm -f "$log"
}
