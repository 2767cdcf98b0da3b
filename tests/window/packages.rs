//! Packages in the window: which are chosen for a new book, where an office's own lie, and what is told of those that are gone.

use std::path::{Path, PathBuf};

use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use taizhang::app::App;
use taizhang::command::{Command, OfficeCommand, View};
use taizhang::procedure::{Catalog, OFFICE};
use taizhang::store::Store;

use crate::common::{Hands, Window, click, notice, put_file, slip_at, window};

/// A window in which there is no book yet.
fn start(folder: &Path) -> Window {
    let hands = Hands { folder: folder.to_owned(), ..Hands::default() };
    let own = folder.join("我的台帐.book");
    let builder = egui_kittest::Harness::builder().with_size([1440.0, 900.0]).with_max_steps(64);
    let mut window = builder.build_eframe(move |cc| App::at_home(&cc.egui_ctx, Box::new(hands), &own, None));
    window.run();
    window
}

fn kept(book: &Path) -> String {
    Store::open_existing(book).unwrap().setting(OFFICE).unwrap().unwrap_or_default()
}

const DOCUMENT: &str = "code = \"试—2008\"\ntitle = \"甲厂服务程序\"\nedition = \"1\"\ncompany = \"甲厂\"\ndepartments = [\"客服部\"]\n[roles]\n\
     service = { name = \"服务\", department = \"客服部\" }\n[number]\npattern = \"{year}-{sequence}\"\ndigits = 3\n";
const FORM: &str = "form = \"01\"\nedition = \"1\"\nshort = \"服务单\"\ncode = \"试—01\"\ntitle = \"服务单\"\nowner = \"service\"\n\
     identity = { subject = \"customer\", date = \"date\" }\n[[section]]\nrows = [\"h10 用户=customer:customer 85 · 日期=date:date 85\"]\n";

/// An office's own package beside its book.
fn put_package(folder: &Path) -> PathBuf {
    let own = folder.join("procedures/jia");
    std::fs::create_dir_all(&own).unwrap();
    put_file(own.join("procedure.toml"), DOCUMENT);
    put_file(own.join("01.toml"), FORM);
    own
}

#[test]
fn a_new_book_is_worked_by_the_packages_that_are_ticked() {
    let folder = tempfile::tempdir().unwrap();
    put_package(folder.path());
    let mut window = start(folder.path());
    click(&mut window, "新建本单位的台帐");
    let book = folder.path().join("我的台帐.book");
    assert!(!book.exists(), "nothing is made before it is answered");
    // What each brings is said, the office's own among them.
    for words in ["派工单", "投诉处置单", "服务单"] {
        assert!(
            window.query_all_by_role(Role::Label).any(|it| it
                .accesskit_node()
                .value()
                .unwrap_or_default()
                .contains(words)),
            "{words}"
        );
    }
    click(&mut window, "先不新建");
    assert!(window.query_by_label("新建本单位的台帐").is_some() && !book.exists());
    click(&mut window, "新建本单位的台帐");
    click(&mut window, "程序包 sanbao");
    click(&mut window, "程序包 jia");
    click(&mut window, "就用这些，新建台帐");
    assert!(window.query_by_label("这本台帐还是空的").is_some(), "{}", notice(&window));
    drop(window);
    let office = kept(&book);
    assert!(office.contains(r#""chosen":["jia","sanbao"]"#), "{office}");
    assert!(office.contains("客服部") && office.contains("营销部") && !office.contains("技术质安部"), "{office}");
    let window = start(folder.path());
    assert!(window.query_by_label("程序包 jia").is_none(), "a book that is there is not asked");
}

#[test]
fn an_office_s_own_package_goes_into_its_book_and_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let beside = put_package(folder.path());
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::Show(View::Settings));
    window.run();
    click(&mut window, "程序包 jia");
    click(&mut window, "收进台帐 jia");
    // The book alone has it now.
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("b.book");
    drop(window);
    std::fs::copy(folder.path().join("a.book"), &moved).unwrap();
    let (mut there, _) = crate::common::window(elsewhere.path(), "b.book");
    let ctx = there.ctx.clone();
    there.state_mut().run(&ctx, Command::New("jia/01".into()));
    there.run();
    assert!(there.query_all_by_label("用户").next().is_some(), "{}", notice(&there));
    there.state_mut().run(&ctx, Command::Office(OfficeCommand::TakeOut("jia".to_owned())));
    there.run();
    let out = elsewhere.path().join("procedures/jia");
    for name in ["procedure.toml", "01.toml"] {
        assert_eq!(std::fs::read(out.join(name)).unwrap(), std::fs::read(beside.join(name)).unwrap());
    }
    drop(there);
    assert!(!kept(&moved).contains("taken"), "{}", kept(&moved));
    // What says something else is not written over.
    let (mut here, _) = crate::common::window(folder.path(), "a.book");
    put_file(beside.join("01.toml"), FORM.replace("服务单", "别的单"));
    let ctx = here.ctx.clone();
    here.state_mut().run(&ctx, Command::Office(OfficeCommand::TakeOut("jia".to_owned())));
    here.run();
    assert!(notice(&here).contains("内容不一样"), "{}", notice(&here));
    assert!(std::fs::read_to_string(beside.join("01.toml")).unwrap().contains("别的单"));
}

#[test]
fn a_form_that_is_gone_from_beside_its_book_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("forms")).unwrap();
    let file = folder.path().join("forms/repair.toml");
    put_file(&file, include_str!("../language/repair.toml"));
    let (mut window, _) = window(folder.path(), "a.book");
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, Command::New("repair".into()));
    window.run();
    click(&mut window, "换件 第1行 零部件名称/图号");
    window.event(eframe::egui::Event::Text("密封垫".to_owned()));
    window.run();
    window.key_press(eframe::egui::Key::Enter);
    window.run();
    drop(window);
    slip_at(&Store::open(&folder.path().join("a.book")).unwrap(), 0, &[("customer", "甲厂")]);
    std::fs::remove_file(&file).unwrap();
    let (window, _) = crate::common::window(folder.path(), "a.book");
    assert!(notice(&window).contains("表单 repair（"), "{}", notice(&window));
    assert!(notice(&window).contains("不在了"), "{}", notice(&window));
}

#[test]
fn a_book_is_begun_by_keys_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = start(folder.path());
    click(&mut window, "新建本单位的台帐");
    window.key_press(Key::Space);
    window.run();
    // Past the other packages to the button.
    for _ in Catalog::of(&[]).titles() {
        window.key_press(Key::Tab);
        window.run();
    }
    window.key_press(Key::Enter);
    window.run();
    assert!(window.query_by_label("这本台帐还是空的").is_some(), "{}", notice(&window));
    drop(window);
    assert!(kept(&folder.path().join("我的台帐.book")).contains(r#""chosen":["qg-r0309"]"#));
}
