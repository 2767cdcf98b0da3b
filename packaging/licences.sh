#!/bin/bash
# Writes assets/licences.zz: the licence of every crate in the program, on Linux and on Windows, and of its faces, with
# their texts, deflated. To be run after Cargo.lock has changed; tests/window/help.rs says when.
#
#   packaging/licences.sh
#
# Needs cargo and python3; texts come from the crates' own sources, which cargo fetches.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."
python3 - <<'PYTHON'
import glob, json, os, re, subprocess, zlib

TARGETS = ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-gnu", "x86_64-pc-windows-msvc"]
# Built by build.rs into the program, though cargo counts it as a tool.
COMPILED_IN = {"sqlite3mc-src"}

packages = {}
for target in TARGETS:
    said = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target],
        check=True, stdout=subprocess.PIPE).stdout
    metadata = json.loads(said)
    by_id = {it["id"]: it for it in metadata["packages"]}
    nodes = {it["id"]: it for it in metadata["resolve"]["nodes"]}
    waiting, seen = [metadata["resolve"]["root"]], set()
    while waiting:
        node = nodes[waiting.pop()]
        if node["id"] in seen:
            continue
        seen.add(node["id"])
        for dep in node["deps"]:
            kinds = {it["kind"] for it in dep["dep_kinds"]}
            if None in kinds or by_id[dep["pkg"]]["name"] in COMPILED_IN:
                waiting.append(dep["pkg"])
    for one in seen - {metadata["resolve"]["root"]}:
        packages[one] = by_id[one]

texts, places = [], {}
def text_of(path):
    text = open(path, encoding="utf-8", errors="replace").read()
    text = "\n".join(it.rstrip().replace("\t", "    ") for it in text.lstrip("\ufeff").splitlines()).strip()
    # Spaced alike, the same licence is kept once.
    key = re.sub(r"\s+", " ", text)
    if key not in places:
        places[key] = len(texts)
        texts.append(text)
    return places[key]

NAMES = re.compile(r"^(licen[cs]e|copying|notice|copyright|unlicense|apache|mit)", re.I)
crates, without = [], []
for one in sorted(packages.values(), key=lambda it: (it["name"], it["version"])):
    folder = os.path.dirname(one["manifest_path"])
    files = [it for it in sorted(os.listdir(folder)) if NAMES.match(it) and os.path.isfile(os.path.join(folder, it))]
    for sub in ("LICENSES", "licenses", "LICENSE"):
        files += [os.path.relpath(it, folder) for it in sorted(glob.glob(os.path.join(folder, sub, "*"))) if os.path.isfile(it)]
    if one["license_file"]:
        files.append(one["license_file"])
    files = [it for it in files if not it.endswith((".rs", ".toml", ".html"))]
    found = sorted({text_of(os.path.join(folder, it)) for it in files if os.path.exists(os.path.join(folder, it))})
    entry = {"name": one["name"], "version": one["version"],
             "terms": one["license"] or "见许可证正文", "from": one["repository"] or "", "texts": found}
    crates.append(entry)
    if not found:
        without.append(entry)
# A crate published without its licence's text is given that of another with the same terms by the same words.
common = {}
for it in crates:
    for place in it["texts"]:
        text = texts[place]
        if "Apache License" in text[:400] and "Version 2.0" in text[:400]:
            common.setdefault("Apache-2.0", place)
        elif "Neither the name" in text and "Redistribution" in text:
            common.setdefault("BSD-3-Clause", place)
        elif text.startswith("Boost Software License"):
            common.setdefault("BSL-1.0", place)
        elif "zlib" in it["terms"].lower() and "without any express or implied warranty" in text.lower() or "'as-is'" in text:
            common.setdefault("Zlib", place)
        elif "Permission is hereby granted, free of charge" in text and len(text) < 1400 and it["terms"].startswith("MIT"):
            common.setdefault("MIT", place)
for it in without:
    terms = [t for t in re.split(r"\s+(?:OR|AND)\s+|/|[() ]+", it["terms"]) if t]
    it["texts"] = sorted({common[t] for t in terms if t in common})
    if not it["texts"]:
        raise SystemExit(f"no licence text for {it['name']} {it['version']} ({it['terms']})")
fonts = [
    ("思源宋体、思源黑体（Noto Serif/Sans CJK SC）", "OFL-1.1", ["fonts/OFL-Noto.txt"], "https://github.com/notofonts/noto-cjk"),
    ("花园明朝 B（HanaMinB）", "OFL-1.1", ["fonts/OFL-HanaMin.txt"], "https://glyphwiki.org/hanazono"),
    ("BabelStone Han", "Arphic Public License", ["fonts/ARPHICPL.txt"], "https://www.babelstone.co.uk/Fonts/Han.html"),
]
faces = [{"name": name, "version": "", "terms": terms, "from": url, "texts": [text_of(it) for it in files]}
         for name, terms, files, url in fonts]
packed = zlib.compress(json.dumps({"faces": faces, "crates": crates, "texts": texts}, ensure_ascii=False).encode(), 9)
temporary = "assets/.licences.zz.new"
with open(temporary, "wb") as file:
    file.write(packed)
os.replace(temporary, "assets/licences.zz")
print(f"{len(crates)} crates, {len(faces)} faces, {len(texts)} texts, {len(packed)} bytes; "
      f"{len(without)} crates came without a text: {', '.join(it['name'] for it in without)}")
PYTHON
