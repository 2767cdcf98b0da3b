#!/usr/bin/env python3
"""The real program, killed while a clerk types.

    tests/e2e/crash.py ROUNDS BINARY OUTDIR [SEED]

Each round starts the program in a window on a display of its own, types slips into their cells with xdotool, notes the
moment of every key, and kills it (SIGKILL) at a random moment, 0.2 to 4 s after the first key. Then: `check` finds
nothing, `PRAGMA integrity_check` says ok, everything typed more than a second before the kill is in the book, and nothing
is in it that was not typed. A letter is typed when the window has painted a frame after its key: on a machine so busy
that the window comes late, that is later than the key. A round in which something is missing only if counted from the
key is told as late, not as failed. The same book goes through fifty rounds. Two displays work side by side. Not 0 if a
round failed; its book and what was typed stay in OUTDIR.
"""

import os
import random
import shutil
import signal
import sqlite3
import string
import subprocess
import sys
import tempfile
import threading
import time

DISPLAYS = 2
ROUNDS_A_BOOK = 50
# What is typed earlier than this before the kill, in seconds, has to be there.
KEPT_AFTER = 1.0
# The cells of a slip that Tab leads through, as the book calls them; in the date nothing is typed.
CELLS = ["customer", "contact", "phone", None, "complaint"]


class Desktop:
    """A screen, a window manager and a home of its own."""

    # Every one there was: each has to be ended.
    all = []

    def __init__(self, out, number):
        self.started, self.ended = [], False
        self.log = open(os.path.join(out, f"crash-{number}.log"), "w", encoding="utf-8")
        self.home = tempfile.mkdtemp(prefix="taizhang-crash.")
        Desktop.all.append(self)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "WAYLAND_", "DBUS_", "XMODIFIERS"))}
        self.environment |= {"HOME": self.home, "XDG_RUNTIME_DIR": self.home, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "LIBGL_ALWAYS_SOFTWARE": "1"}
        name, told = os.pipe()
        self.beside(["Xvfb", "-displayfd", str(told), "-screen", "0", "1300x900x24", "-nolisten", "tcp"], pass_fds=[told])
        os.close(told)
        with os.fdopen(name) as said:
            self.environment["DISPLAY"] = ":" + said.readline().strip()
        self.beside(["openbox"])

    def beside(self, command, environment={}, **more):
        if self.ended:
            raise RuntimeError("the desktop has ended")
        it = subprocess.Popen(command, env=self.environment | environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **more)
        self.started.append(it)
        return it

    def run(self, *command):
        return subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def end(self):
        self.ended = True
        for it in reversed(self.started):
            it.terminate()
            try:
                it.wait(10)
            except subprocess.TimeoutExpired:
                it.kill()
                it.wait()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)


def wait(for_it, what, seconds=30.0):
    end = time.monotonic() + seconds
    while not for_it():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not come in {seconds} s")
        time.sleep(0.02)


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def start_desktop(out, number):
    """A desktop; where another program takes the same display in the same moment, the next one."""
    for attempt in range(3):
        desktop = Desktop(out, number)
        try:
            wait(lambda: b"0x" in desktop.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"), "openbox", 15)
            return desktop
        except RuntimeError:
            desktop.end()
            if attempt == 2:
                raise


class Frames(threading.Thread):
    """Watches when the window paints: it writes a line of a file for every frame."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.seen, self.going = path, [], True

    def run(self):
        last = -1
        while self.going:
            now = size(self.path)
            if now != last:
                self.seen.append((time.monotonic(), now))
                last = now
            time.sleep(0.004)

    def first_after(self, sent, before):
        """When the first frame was seen that was painted after a key, if ever."""
        return next((at for at, now in self.seen if at >= sent and now > before), float("inf"))


class Office:
    """One display, its book, and what is known to be in it."""

    def __init__(self, desktop, binary, dice):
        self.desktop, self.binary, self.dice = desktop, binary, dice
        self.fresh = 0
        self.books = 0
        self.app = self.watch = None

    def take_fresh_book(self):
        self.books += 1
        self.book = os.path.join(self.desktop.home, f"{self.books}.book")
        self.known = {}

    def open_window(self):
        frames = os.path.join(self.desktop.home, "frames")
        if os.path.exists(frames):
            os.remove(frames)
        self.app = self.desktop.beside([self.binary, "--book", self.book], {"TAIZHANG_FRAMES": frames})
        wait(lambda: size(frames) > 0, "the first frame")
        window = []

        def seen():
            window[:] = self.desktop.run("xdotool", "search", "--onlyvisible", "--class", "taizhang$").split()
            return window

        wait(seen, "the window")
        self.desktop.run("xdotool", "windowactivate", "--sync", window[0])
        wait(lambda: self.desktop.run("xdotool", "getactivewindow").split() == window[:1], "the focus")
        self.frames = frames

    def new_slip(self):
        """Ctrl+N; what is typed comes into the cell once the window has painted it, and come to rest."""
        before, still = size(self.frames), 0
        self.key("ctrl+n")
        wait(lambda: size(self.frames) > before, "the new slip")
        while still < 3:
            time.sleep(0.05)
            still = still + 1 if before == (before := size(self.frames)) else 0

    def key(self, name):
        self.desktop.run("xdotool", "key", name)

    def type_until(self, seconds):
        """Types slips for so long: of each its cells, and of each cell its letters with the moment each was sent."""
        slips, end = [], None
        self.watch = Frames(self.frames)
        self.watch.start()
        while True:
            self.new_slip()
            end = end or time.monotonic() + seconds
            slip = {}
            slips.append(slip)
            for place, cell in enumerate(CELLS):
                if place > 0:
                    self.key("Tab")
                if cell is None:
                    continue
                typed = slip[cell] = []
                for _ in range(self.dice.choice([3, 8, 8, 20]) if cell != "complaint" else self.dice.choice([5, 60])):
                    letter = self.dice.choice(string.ascii_lowercase + string.digits)
                    self.desktop.run("xdotool", "type", "--delay", "0", letter)
                    typed.append((time.monotonic(), size(self.frames), letter))
                    if time.monotonic() > end:
                        return slips
                    time.sleep(self.dice.choice([0, 0.02, 0.05, 0.15]))
                if self.dice.random() < 0.1:
                    time.sleep(self.dice.random() * 1.2)
                if time.monotonic() > end:
                    return slips

    def kill(self):
        moment = time.monotonic()
        self.app.send_signal(signal.SIGKILL)
        self.app.wait()
        self.app = None
        if self.watch:
            self.watch.going = False
            self.watch.join()
        return moment

    def found(self, slips, killed):
        """What is wrong with the book, if anything; and whether something came late, counted from the keys."""
        checked = subprocess.run([self.binary, "check", "--book", self.book], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if checked.returncode != 0:
            return f"check: {checked.stdout.decode()}", False
        with sqlite3.connect(self.book) as book:
            said = book.execute("PRAGMA integrity_check").fetchall()
            rows = book.execute("SELECT number, field, text FROM entry WHERE form = '05' ORDER BY number").fetchall()
        book.close()
        if said != [("ok",)]:
            return f"integrity_check: {said}", False
        there = {}
        for number, field, text in rows:
            there.setdefault(number, {})[field] = text
        for number, before in self.known.items():
            if there.get(number) != before:
                return f"{number} was {before} and is {there.get(number)}", False
        new = [there[number] for number in sorted(there) if number not in self.known]
        self.known = there
        late, due = False, killed - KEPT_AFTER
        # A slip that nothing was kept of has no number; only the last can be such a one.
        for typed in slips:
            may = {cell: "".join(letter for _, _, letter in keys) for cell, keys in typed.items()}
            slip = new.pop(0) if new else {}
            for cell, text in slip.items():
                if not may.get(cell, "").startswith(text):
                    return f"{cell} holds {text!r}, typed was {may}", late
            for cell, keys in typed.items():
                text = slip.get(cell, "")
                must = "".join(letter for at, before, letter in keys if self.watch.first_after(at, before) < due)
                if not text.startswith(must):
                    return f"{cell} holds {text!r}, more than {KEPT_AFTER} s before the kill {must!r} was typed, in all {may}", late
                late |= not text.startswith("".join(letter for at, _, letter in keys if at < due))
        return f"not typed: {new}" if new else None, late

    def round(self):
        if self.fresh == 0:
            self.take_fresh_book()
            self.fresh = ROUNDS_A_BOOK
        self.fresh -= 1
        self.open_window()
        slips = self.type_until(self.dice.uniform(0.2, 4.0))
        killed = self.kill()
        keys = sum(len(keys) for slip in slips for keys in slip.values())
        return *self.found(slips, killed), keys


def work(desktop, number, rounds, binary, out, seed, results):
    office = Office(desktop, binary, random.Random(f"{seed}/{number}"))
    for count in range(rounds):
        try:
            wrong, late, keys = office.round()
        except RuntimeError as error:
            wrong, late, keys = str(error), False, 0
            if office.app:
                office.kill()
        if desktop.ended:
            return
        results.append((wrong is None, late, keys))
        if wrong:
            print(f"不通过  显示 {number} 第 {count + 1} 轮：{wrong}", flush=True)
            for ending in ["", "-wal"]:
                if os.path.exists(office.book + ending):
                    shutil.copy(office.book + ending, os.path.join(out, f"crash-{number}-{count + 1}.book{ending}"))
            # What went wrong once is not told of every round after it.
            office.fresh = 0
        elif (count + 1) % 10 == 0:
            print(f"显示 {number}：{count + 1} 轮", flush=True)


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit(f"用法：{sys.argv[0]} <轮数> <程序> <结果文件夹> [种子]")
    rounds, binary, out = int(sys.argv[1]), os.path.realpath(sys.argv[2]), sys.argv[3]
    seed = sys.argv[4] if len(sys.argv) > 4 else "1"
    os.makedirs(out, exist_ok=True)
    # Whoever ends this ends what it started, too.
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, lambda number, _: sys.exit(128 + number))
    results, began = [], time.monotonic()
    shares = [rounds // DISPLAYS + (it < rounds % DISPLAYS) for it in range(DISPLAYS)]
    try:
        # One after the other: two that start at once may take the same number.
        desktops = [start_desktop(out, it) for it in range(DISPLAYS)]
        threads = [
            threading.Thread(target=work, args=(desktops[it], it, shares[it], binary, out, seed, results), daemon=True)
            for it in range(DISPLAYS)
        ]
        for it in threads:
            it.start()
        for it in threads:
            it.join()
    finally:
        for it in Desktop.all:
            it.end()
    failed, late = sum(not good for good, _, _ in results), sum(late for _, late, _ in results)
    seconds = time.monotonic() - began
    print(f"打字时断电：{len(results)} 轮，{sum(keys for _, _, keys in results)} 次按键，{seconds:.0f} 秒，迟 {late} 轮，不通过 {failed} 轮")
    sys.exit(failed > 0 or len(results) != rounds)


main()
