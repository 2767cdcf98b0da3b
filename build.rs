//! Builds the SQLite that a book (台帐) is kept in: SQLite3 Multiple Ciphers, which is SQLite with encryption of whole
//! files. It needs no other library, so that the program is built with Rust and a C compiler alone. For Windows it also
//! adds what a program says of itself there: icon, version, manifest.

#![expect(clippy::unwrap_used, reason = "a build that lacks something stops")]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

/// SHA-256 of SQLite3 Multiple Ciphers 2.6.1 as its makers released it, on SQLite 3.54.0.
const RELEASED: &str = "9b129d1ceb2c7d5dbf374b833eb29a640ecfa8e4a5af6d48508b429019c707b0";

/// Windows' number for the language.
const SIMPLIFIED_CHINESE: u16 = 0x0804;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    list_procedures();
    let source = sqlite3mc_src::source_dir().join(sqlite3mc_src::SOURCE_FILE);
    let sum = Sha256::digest(fs::read(&source).unwrap()).iter().fold(String::new(), |mut sum, byte| {
        write!(sum, "{byte:02x}").unwrap();
        sum
    });
    assert_eq!(sum, RELEASED, "{} is not the released file", source.display());

    let mut build = cc::Build::new();
    build.file(source).opt_level(2).warnings(false).cargo_metadata(false);
    for (name, value) in [
        ("SQLITE_CORE", "1"),
        ("SQLITE_THREADSAFE", "1"),
        ("SQLITE_DEFAULT_FOREIGN_KEYS", "1"),
        ("SQLITE_DEFAULT_MEMSTATUS", "0"),
        ("SQLITE_DQS", "0"),
        ("SQLITE_ENABLE_API_ARMOR", "1"),
        // A damaged book is read page by page.
        ("SQLITE_ENABLE_DBPAGE_VTAB", "1"),
        ("SQLITE_OMIT_LOAD_EXTENSION", "1"),
        // What an encrypted book holds never goes into a temporary file in the clear.
        ("SQLITE_TEMP_STORE", "2"),
        // One way of encrypting is enough: that of SQLCipher 4 to the byte (“legacy”),
        // which other programs read too.
        ("SQLITE3MC_USE_SQLCIPHER_LEGACY", "1"),
        ("CODEC_TYPE", "CODEC_TYPE_SQLCIPHER"),
        ("HAVE_CIPHER_AES_128_CBC", "0"),
        ("HAVE_CIPHER_AES_256_CBC", "0"),
        ("HAVE_CIPHER_CHACHA20", "0"),
        ("HAVE_CIPHER_RC4", "0"),
        ("HAVE_CIPHER_ASCON128", "0"),
        ("HAVE_CIPHER_AEGIS", "0"),
    ] {
        build.define(name, value);
    }
    if env::var("CARGO_CFG_UNIX").is_ok() {
        build.define("HAVE_USLEEP", "1").define("HAVE_LOCALTIME_R", "1").define("HAVE_ISNAN", "1");
    }
    build.compile("sqlite3");
    // libsqlite3-sys asks the linker for `sqlite3`; this is where it is found.
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    println!("cargo:rustc-link-search=native={}", out.display());
    // Zig's linker looks for shared libraries only, but follows a file of this name that leads elsewhere.
    if build.get_compiler().path().to_string_lossy().contains("zig") {
        let mut script = fs::File::create(out.join("libsqlite3.so")).unwrap();
        writeln!(script, "INPUT({})", out.join("libsqlite3.a").display()).unwrap();
    }

    // Not `cfg!`, which tells of the machine that builds.
    if env::var("CARGO_CFG_WINDOWS").is_ok() {
        println!("cargo:rerun-if-changed=assets/icons/taizhang.ico");
        println!("cargo:rerun-if-changed=packaging/windows/taizhang.manifest");
        winresource::WindowsResource::new()
            .set_icon("assets/icons/taizhang.ico")
            .set_manifest_file("packaging/windows/taizhang.manifest")
            .set_language(SIMPLIFIED_CHINESE)
            .set("ProductName", "用户服务台帐")
            .set("FileDescription", "用户服务台帐")
            .set("OriginalFilename", "taizhang.exe")
            .compile()
            .unwrap();
    }
}

/// Writes the list of the packages' files, so that a package is added by its folder alone.
fn list_procedures() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap()).join("assets/procedures");
    println!("cargo:rerun-if-changed={}", root.display());
    let inside = |folder: &PathBuf| {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let name = |it: &PathBuf| it.file_name().unwrap().to_str().unwrap().to_owned();
    let mut list = fs::File::create(PathBuf::from(env::var("OUT_DIR").unwrap()).join("procedures.rs")).unwrap();
    writeln!(list, "&[").unwrap();
    for folder in inside(&root).iter().filter(|it| it.is_dir()) {
        writeln!(list, "({:?}, &[", name(folder)).unwrap();
        for file in inside(folder).iter().filter(|it| it.is_file()) {
            // Found from where the project lies now: it may have been moved since.
            let path = format!("/assets/procedures/{}/{}", name(folder), name(file));
            writeln!(list, "({:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))),", name(file))
                .unwrap();
        }
        writeln!(list, "]),").unwrap();
    }
    writeln!(list, "]").unwrap();
}
