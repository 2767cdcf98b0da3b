"""Reads a picture (PPM) of the screen: where the cell under the pen is, by its blue frame, and what is written in it.

cell.py [LEFT TOP RIGHT BOTTOM]: a rectangle that hides what lies behind it (the candidates). Prints the cell's and the
writing's left, top, right and bottom; nothing, and 1, where there is no such cell.
"""

import sys

hidden = [int(it) for it in sys.argv[1:5]] or [0] * 4
data = sys.stdin.buffer.read()
head, at = [], 2
while len(head) < 3:
    while data[at:at + 1].isspace():
        at += 1
    end = at
    while not data[end:end + 1].isspace():
        end += 1
    head.append(int(data[at:end]))
    at = end
width, height, _ = head
pixels = data[at + 1:]
blue = bytes((0x24, 0x52, 0x7A))

# The frame's level edges: long runs of blue.
runs = []
for y in range(height):
    row, x = pixels[y * width * 3:(y + 1) * width * 3], 0
    while True:
        x = row.find(blue * 60, x)
        if x < 0:
            break
        if x % 3:
            x += 1
            continue
        end = x
        while row[end:end + 3] == blue:
            end += 3
        runs.append((y, x // 3, end // 3))
        x = end
best = None
for top, left, right in runs:
    for bottom, other, end in runs:
        inside = ((top + 6) * width + left + 6) * 3
        if bottom - top > 12 and abs(other - left) < 4 and abs(end - right) < 4 and pixels[inside:inside + 3] != blue:
            # Its upright edges are blue, too.
            edge = sum(pixels[(y * width + left) * 3:(y * width + left) * 3 + 3] == blue for y in range(top, bottom))
            if edge > (bottom - top) * 0.6 and (best is None or right - left > best[2] - best[0]):
                best = (left, top, right, bottom)
if best is None:
    # The candidates may hide the lower edge: the upper one and the left one are enough.
    for y, left, right in runs:
        down = y
        while down < height and pixels[(down * width + left) * 3:(down * width + left) * 3 + 3] == blue:
            down += 1
        inside = ((y + 6) * width + left + 6) * 3
        if down - y > 12 and right - left > 60 and pixels[inside:inside + 3] != blue:
            best = (left, y, right, down)
            break
if best is None:
    sys.exit(1)
left, top, right, bottom = best
# The frame is as thick as the screen's scale has it.
thick, middle = 0, (top + min(bottom, top + 40)) // 2
while pixels[(middle * width + left + thick) * 3:(middle * width + left + thick) * 3 + 3] == blue:
    thick += 1
dark = []
for y in range(top + thick + 3, bottom - thick - 2):
    for x in range(left + thick + 3, right - thick - 2):
        if hidden[0] <= x < hidden[2] and hidden[1] <= y < hidden[3]:
            continue
        place = (y * width + x) * 3
        if sum(pixels[place:place + 3]) < 330:
            dark.append((x, y))
if not dark:
    print(left, top, right, bottom, left, top, left, top)
else:
    xs, ys = [it[0] for it in dark], [it[1] for it in dark]
    print(left, top, right, bottom, min(xs), min(ys), max(xs) + 1, max(ys) + 1)
