"""Reads the program's window as a screen reader does, through AT-SPI, and says what a screen reader would.

reader.py SECONDS NAME…: waits until every NAME is there, then prints the tree: role, name, value, states. 1 when one is not.
reader.py SECONDS --at NAME: waits for it, and prints its middle: X Y, from the window's corner. In all NAMEs, * stands for
anything.
"""

import fnmatch
import sys
import time

import pyatspi

until = time.time() + float(sys.argv[1])
place = sys.argv[2:3] == ["--at"]
wanted = sys.argv[3:] if place else sys.argv[2:]


def text_of(node):
    try:
        text = node.queryText()
        return text.getText(0, text.characterCount)
    except NotImplementedError:
        return ""


def lines(node, depth, out):
    for child in node:
        if child is None:
            continue
        states = child.getState()
        said = [name for name, state in (
            ("焦点", pyatspi.STATE_FOCUSED), ("选中", pyatspi.STATE_CHECKED), ("只读", pyatspi.STATE_READ_ONLY),
            ("有误", pyatspi.STATE_INVALID_ENTRY)) if states.contains(state)]
        words = text_of(child)
        out.append((depth, child.getRoleName(), child.name, words, child.description, said, child))
        lines(child, depth + 1, out)


def found(wanted, out):
    return next((it for it in out if fnmatch.fnmatchcase(it[2], wanted)), None)


out = []
while time.time() < until:
    desktop = pyatspi.Registry.getDesktop(0)
    out = []
    for program in desktop:
        if program is not None and "taizhang" in program.name:
            try:
                lines(program, 0, out)
            except Exception:  # what is read while it is drawn anew is gone the next moment
                out = []
    if wanted and all(found(one, out) for one in wanted):
        break
    time.sleep(0.3)
if place and found(wanted[0], out):
    box = found(wanted[0], out)[-1].queryComponent().getExtents(pyatspi.WINDOW_COORDS)
    print(box.x + box.width // 2, box.y + box.height // 2)
    sys.exit()
for depth, role, name, words, description, said, _ in out:
    if name or words:
        print("  " * depth + f"{role} “{name}”" + (f"：{words}" if words and words != name else "")
              + (f"（{description}）" if description else "") + (f" [{'、'.join(said)}]" if said else ""))
missing = [one for one in wanted if not found(one, out)]
if missing:
    print("没有：" + "、".join(missing), file=sys.stderr)
    sys.exit(1)
