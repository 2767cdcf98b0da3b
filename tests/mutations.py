#!/usr/bin/env python3
"""Takes out, one at a time, every call by which the program makes what it writes last, and every rule of the book; some
test must fail each time.

    tests/mutations.py [OUTDIR] [WORD…]

In a copy of the tree in OUTDIR (target/mutations) every such call gets a switch, which the variable MUTANT turns off; so
all is built once. Without a switch turned off all tests used here must pass. Then each is turned off in turn (only those
whose name has one of the words), until a test fails. table.md in OUTDIR tells which. Ends with 1 when all pass with a call
taken out, but for those named below, each with the reason why it makes no difference. Takes an hour or two.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

# Taken out, these make no difference, or none that a disk which is made up can show. Looked up in SQLite's own source, and
# seen by counting its fsync: `VACUUM INTO` gives the new file the synchronous of the connection's main database
# (sqlite3RunVacuum: pgflags = safety_level) and syncs it behind its last write, as long as that is not OFF. It is EXTRA
# where a book is open, a rescued one in memory too, and FULL, SQLite's default, where one is only read, restored from,
# brought up to date or given another password; it is OFF nowhere. What is left to `sync_all` is macOS, where the standard
# library asks for more (F_FULLFSYNC) than SQLite does unasked.
EQUIVALENT = {
    "store/file/open.rs make: synchronous": "SQLite 本来就是 FULL（已核对）；改成 OFF 的见下一行",
    "store/file/open.rs ready: foreign_keys": "所用的 SQLite 编译时就已打开（SQLITE_DEFAULT_FOREIGN_KEYS）",
    "store/file/copies.rs copy_beside: sync_all": "VACUUM INTO 按连接的 synchronous（FULL 或 EXTRA）写完已 fsync（已核对）；留着，免得靠它",
    "store/file/copies.rs copy_keyed: sync_all": "同上",
    "store/file/copies.rs copy_whole: sync_all": "同上",
    "store/file/stale.rs put_aside_alone: sync_folder": "断了电旧日志回到原处，下次打开再挪开；写了新日志，SQLite 头一次落盘时连文件夹一起（UNIXFILE_DIRSYNC，已核对）",
}

# Where one is likely to be found: how its name begins, the test program, and what of it is run.
LIKELY = [
    ("rule ", "book", ["triggers"]),
    ("files.rs", "crash", ["chores::an_export", "chores::a_salvage"]),
    ("store/file/copies.rs", "crash", ["chores::a_backup", "chores::an_upgrade"]),
    ("store/file/restore.rs", "crash", ["chores::a_restore"]),
    ("store/file/salvage.rs", "crash", ["chores::a_salvage"]),
    ("store/file/stale.rs", "lib", ["store::file::stale"]),
    ("store/file/opener.rs", "crash", ["chores::a_change", "chores::a_salvage"]),
]
# What is run of every one that was not found there, what is slow last.
RUNS = [
    ("crash", ["power::a_journal", "power::a_power"]),
    ("crash", ["chores::"]),
    ("book", ["store::"]),
    ("book", ["backup::"]),
    ("window", ["check::"]),
    ("book", ["salvage::"]),
    ("paper", ["pdf::"]),
    ("window", ["habits::"]),
    ("lib", ["store::", "habits::", "files::"]),
    ("book", ["migrations::"]),
    ("crash", ["power::a_fault", "days::", "killed::a_killed"]),
]
LONGEST = 900  # seconds for one run

SWITCHES = '''//! Switches for what is taken out.
#![allow(missing_docs, clippy::all, clippy::disallowed_methods)]
use std::fs::File;
use std::io;
use std::path::Path;
use tempfile::{NamedTempFile, PersistError};

pub fn out(name: &str) -> bool {
    std::env::var("MUTANT").is_ok_and(|it| it == name)
}

pub fn rule() -> Option<String> {
    std::env::var("MUTANT").ok()?.strip_prefix("rule ").map(str::to_owned)
}

pub trait Sync {
    fn sync_all_unless(&self, name: &str) -> io::Result<()>;
}

impl Sync for File {
    fn sync_all_unless(&self, name: &str) -> io::Result<()> {
        if out(name) { Ok(()) } else { self.sync_all() }
    }
}

pub trait Persist: Sized {
    fn persist_unless(self, name: &str, path: impl AsRef<Path>) -> Result<File, PersistError>;
    fn persist_noclobber_unless(self, name: &str, path: impl AsRef<Path>) -> Result<File, PersistError>;
}

/// Written under its last name byte by byte.
fn written(file: NamedTempFile, path: &Path) -> Result<File, PersistError> {
    match std::fs::copy(file.path(), path).and_then(|_| File::open(path)) {
        Ok(it) => Ok(it),
        Err(error) => Err(PersistError { error, file }),
    }
}

impl Persist for NamedTempFile {
    fn persist_unless(self, name: &str, path: impl AsRef<Path>) -> Result<File, PersistError> {
        if out(&format!("{name}, written in place")) { written(self, path.as_ref()) } else { self.persist(path) }
    }

    fn persist_noclobber_unless(self, name: &str, path: impl AsRef<Path>) -> Result<File, PersistError> {
        if out(&format!("{name}, written in place")) {
            if path.as_ref().exists() { return self.persist_noclobber(path) }
            return written(self, path.as_ref());
        }
        if out(&format!("{name}, over what is there")) { self.persist(path) } else { self.persist_noclobber(path) }
    }
}
'''


def put_switches(tree):
    """Puts a switch at every call, and tells the names of all."""
    names = []
    seen = {}
    for file in sorted((tree / "src").rglob("*.rs")):
        path = file.relative_to(tree)
        lines = file.read_text().split("\n")
        # What tests do is no part of the program.
        end = next((at for at, it in enumerate(lines) if it.startswith("#[cfg(test)]")), len(lines))
        if path.name == "tests.rs":
            continue
        changed, work = False, ""
        for at in range(end):
            line = lines[at]
            work = (re.match(r"\s*(?:pub(?:\([^)]*\))? )?(?:const )?fn (\w+)", line) or [0, work])[1]
            if line.lstrip().startswith(("//", "use ")) or "make_persistent_id" in line:
                continue
            before = line

            # A call is known by what it stands in and what it says; the second in the same by its number.
            def switched(kinds, text):
                name = f"{path.relative_to('src')} {work}: {text}"
                seen[name] = seen.get(name, 0) + 1
                name += f" ({seen[name]})" if seen[name] > 1 else ""
                names.extend(name + kind for kind in kinds)
                return name

            line = re.sub(
                r"\.sync_all\(\)", lambda m: f'.sync_all_unless("{switched([""], "sync_all")}")', line
            )
            if "fn sync_folder" not in line:
                line = re.sub(
                    r"(?<![\w.])sync_folder\(([^()]*)\)",
                    lambda m: f'(if crate::mutants::out("{switched([""], "sync_folder")}") '
                    f"{{ std::io::Result::Ok(()) }} else {{ sync_folder({m[1]}) }})",
                    line,
                )
            line = re.sub(
                r"\.persist_noclobber\(",
                lambda m: '.persist_noclobber_unless("'
                + switched([", written in place", ", over what is there"], "persist_noclobber")
                + '", ',
                line,
            )
            line = re.sub(
                r"\.persist\(",
                lambda m: f'.persist_unless("{switched([", written in place"], "persist")}", ',
                line,
            )
            line = re.sub(
                r"(?<![\w.:])((?:std::)?fs::rename)\(([^()]*)\)",
                lambda m: f'(if crate::mutants::out("{switched([""], "rename")}") '
                f"{{ std::io::Result::Ok(()) }} else {{ {m[1]}({m[2]}) }})",
                line,
            )
            setting = re.fullmatch(r'(\s*)((?:store\.)?\w+\.pragma_update\(None, "(\w+)", (.*)\)\?;)', line)
            if setting and "store" in path.parts and setting[3] in ("synchronous", "foreign_keys", "secure_delete", "recursive_triggers"):
                name = switched([""], setting[3])
                line = f'{setting[1]}if !crate::mutants::out("{name}") {{ {setting[2]} }}'
                if setting[3] == "synchronous":
                    off = switched([""], "synchronous OFF")
                    line += f' if crate::mutants::out("{off}") {{ connection.pragma_update(None, "synchronous", "OFF")?; }}'
            if line != before:
                lines[at] = line
                changed = True
            elif re.search(r"sync_all|sync_data|persist|synchronous|fs::rename", line):
                sys.exit(f"{path}:{at + 1}: a call that no switch is known for: {line.strip()}")
        if changed:
            lines.append("#[allow(unused_imports)]\nuse crate::mutants::{Persist as _, Sync as _};")
            file.write_text("\n".join(lines) + "\n")
    (tree / "src/mutants.rs").write_text(SWITCHES)
    library = tree / "src/lib.rs"
    library.write_text(library.read_text() + "\n#[allow(missing_docs)]\npub mod mutants;\n")
    steps = tree / "src/store/file/migrate.rs"
    text = steps.read_text()
    assert text.count("transaction.commit()?;") == 1
    text = text.replace(
        "transaction.commit()?;",
        'if let Some(rule) = crate::mutants::rule() { '
        'transaction.execute_batch(&format!("DROP TRIGGER IF EXISTS {rule}"))?; }\n transaction.commit()?;',
    )
    steps.write_text(text)
    return names + [f"rule {it}" for it in rules(tree)]


def rules(tree):
    """The triggers of the newest shape of the book."""
    there = []
    for step in sorted((tree / "src/store/migrations").glob("*.sql")):
        for made, name in re.findall(r"^\s*(CREATE|DROP) TRIGGER (\w+)", step.read_text(), re.M):
            if made == "CREATE":
                there.append(name)
            else:
                there.remove(name)
    return there


def build(tree, target):
    """Builds what is run; where each test program lies."""
    wanted = sorted({it for it, _ in RUNS} | {it for _, it, _ in LIKELY})
    choice = [word for it in wanted for word in (["--lib"] if it == "lib" else ["--test", it])]
    command = ["cargo", "test", "--locked", "--no-run", "--message-format=json", *choice]
    built = subprocess.run(
        command, cwd=tree, env={**os.environ, "CARGO_TARGET_DIR": str(target), "CARGO_PROFILE_DEV_OPT_LEVEL": "2"}, stdout=subprocess.PIPE, text=True
    )
    if built.returncode:
        sys.exit("it does not build")
    programs = {}
    for line in built.stdout.splitlines():
        it = json.loads(line)
        if it.get("executable") and it["profile"]["test"]:
            programs["lib" if "lib" in it["target"]["kind"] else it["target"]["name"]] = it["executable"]
    return programs


def failed(tree, program, filters, mutant):
    """The first test that fails; none where all pass."""
    environment = {**os.environ, "CARGO_MANIFEST_DIR": str(tree), **({"MUTANT": mutant} if mutant else {})}
    command = [program, *filters]
    try:
        run = subprocess.run(
            command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=LONGEST, errors="replace",
        )
    except subprocess.TimeoutExpired:
        return "（没有结束）"
    if run.returncode == 0:
        return None
    names = re.findall(r"^test (.+?) \.\.\. FAILED", run.stdout, re.M)
    return names[0] if names else f"（中断：{run.stdout.strip().splitlines()[-1][:120]}）"


def main():
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "target/mutations").absolute()
    words = sys.argv[2:]
    os.chdir(Path(__file__).resolve().parent.parent)
    tree = out / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for file in subprocess.check_output(["git", "ls-files", "-z", "-co", "--exclude-standard"], text=True).split("\0"):
        if file and Path(file).is_file():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, tree / file)
    names = put_switches(tree)
    unknown = [it for it in EQUIVALENT if it not in names]
    if unknown:
        sys.exit(f"no such call any more: {unknown}")
    programs = build(tree, out / "target")
    for program, filters in RUNS:
        why = failed(tree, programs[program], filters, None)
        if why:
            sys.exit(f"with nothing taken out {program} {filters} fails: {why}")
    survived, lines = 0, ["| 去掉的 | 发现它的测试 |", "|---|---|"]
    for name in names:
        if words and not any(it in name for it in words):
            continue
        began, found = time.monotonic(), None
        if name in EQUIVALENT:
            found = f"没有：{EQUIVALENT[name]}"
        else:
            likely = [(program, filters) for begins, program, filters in LIKELY if name.startswith(begins)]
            for program, filters in likely + RUNS:
                test = failed(tree, programs[program], filters, name)
                if test:
                    found = f"`{program}` {test}"
                    break
        survived += found is None
        lines.append(f"| `{name}` | {found or '**没有**'} |")
        print(f"{lines[-1]} {time.monotonic() - began:.0f} s", flush=True)
        (out / "table.md").write_text("\n".join(lines) + "\n")
    print(f"{len(lines) - 2} taken out, {survived} not found")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
