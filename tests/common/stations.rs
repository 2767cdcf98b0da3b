//! Every page of the window, every menu, every place where something is asked: for what has to hold on all of them.

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use taizhang::app::Answer;
use taizhang::command::{
    ArchiveCommand, ArchivePart, Command, CustomerCommand, FileCommand, LockCommand, PrintCommand, Question, View,
};
use taizhang::procedure::FormId;
use taizhang::record::RecordId;

use super::{Window, click, fill, put_file, settle, slip_at, window};

fn run(window: &mut Window, command: Command) {
    let ctx = window.ctx.clone();
    window.state_mut().run(&ctx, command);
    settle(window);
}

fn show(window: &mut Window, view: View) {
    run(window, Command::Show(view));
}

/// Takes each station in turn, in a window as large as that, and looks at it.
pub(crate) fn visit(size: [f32; 2], prepare: impl Fn(&mut Window), mut look: impl FnMut(&str, &mut Window)) {
    let folder = tempfile::tempdir().unwrap();
    // A book with nothing in it, and a file that is none.
    put_file(folder.path().join("不是.book"), [7; 4000]);
    for (name, book) in [("空的台帐", "空.book"), ("打不开的台帐", "不是.book")] {
        let (mut window, _) = window(folder.path(), book);
        window.set_size(size.into());
        prepare(&mut window);
        settle(&mut window);
        look(name, &mut window);
    }
    let (slips, void) = {
        let store = super::book(folder.path());
        fill(&store);
        let odd = [("phone", "打不通"), ("date", "那天")];
        let slips: Vec<RecordId> = (0..=6).map(|it| slip_at(&store, it, if it == 0 { &odd } else { &[] })).collect();
        (slips, slip_at(&store, 2, &[]))
    };
    let (mut window, hands) = window(folder.path(), "a.book");
    window.set_size(size.into());
    prepare(&mut window);
    settle(&mut window);
    let window = &mut window;
    let form = |it: &str| FormId::from(it);
    for menu in ["文件", "编辑", "单据", "归档", "查看", "帮助"] {
        // The first of that name stands in the bar.
        window.get_all_by_label(menu).next().unwrap().click();
        window.run();
        look(&format!("菜单 {menu}"), window);
        window.key_press(Key::Escape);
        window.run();
        window.key_press(Key::Escape);
        window.run();
    }
    for view in [View::Today, View::Papers, View::Numbers, View::Settings, View::Backup, View::Customers] {
        show(window, view.clone());
        look(view.name(), window);
    }
    show(window, View::Register(form("04")));
    look("投诉台帐", window);
    run(window, Command::Customer(CustomerCommand::Show("癸厂".to_owned())));
    look("用户 癸厂", window);
    show(window, View::Register(form("4.1")));
    look("登记簿", window);
    for part in ArchivePart::ALL {
        run(window, Command::Archive(ArchiveCommand::Show(part)));
        look(part.name(), window);
    }
    for other in ["01", "02", "03"] {
        show(window, View::Sheets(form(other)));
        look(&format!("单据 {other}"), window);
        run(window, Command::New(form(other)));
        look(&format!("新单 {other}"), window);
        window.key_press(Key::Escape);
        window.run();
    }
    for (stages, slip) in slips.iter().enumerate() {
        run(window, Command::Open(*slip));
        look(&format!("签到第 {stages} 步的处置单"), window);
    }
    for (name, slip, question) in [
        ("签署", slips[0], Question::Sign),
        ("验证签署", slips[4], Question::Sign),
        ("延期", slips[2], Question::PutOff),
        ("作废", slips[0], Question::Void),
    ] {
        run(window, Command::Open(slip));
        run(window, Command::Ask(slip, question));
        look(name, window);
        window.key_press(Key::Escape);
        window.run();
        window.key_press(Key::Escape);
        window.run();
    }
    run(window, Command::Open(slips[2]));
    click(window, "投诉内容");
    look("签过的格子", window);
    run(window, Command::Open(slips[2]));
    click(window, "投诉内容");
    click(window, "划改…");
    look("划改", window);
    window.key_press(Key::Escape);
    window.run();
    run(window, Command::Void { record: void, reason: "重复登记".to_owned(), by: "沈䶮".to_owned() });
    run(window, Command::Open(void));
    look("作废的处置单", window);
    run(window, Command::Open(slips[0]));
    for cell in ["投诉日期", "投诉内容", "用户名称"] {
        click(window, cell);
        look(&format!("笔在{cell}"), window);
        window.key_press(Key::Escape);
        window.run();
        window.key_press(Key::Escape);
        window.run();
    }
    run(window, Command::Search);
    window.get_by_label("查找").type_text("癸厂");
    window.run();
    look("查找", window);
    window.key_press(Key::Escape);
    window.run();
    run(window, Command::Palette);
    look("找命令", window);
    window.key_press(Key::Escape);
    window.run();
    run(window, Command::Check);
    look("检查台帐", window);
    window.key_press(Key::Escape);
    window.run();
    hands.answers.borrow_mut().push(Answer::NoDialog);
    window.key_press_modifiers(Modifiers::COMMAND, Key::O);
    window.run();
    look("问路径", window);
    window.key_press(Key::Escape);
    window.run();
    for (name, command) in [("使用说明", FileCommand::Help), ("关于", FileCommand::About)] {
        run(window, Command::File(command));
        look(name, window);
        window.key_press(Key::Escape);
        window.run();
    }
    run(window, Command::Open(slips[6]));
    run(window, Command::Print(Box::new(Command::ExportSlip(slips[6]))));
    for _ in 0..2000 {
        if window.query_all_by_label_contains("第 1 页，共").next().is_some() {
            break;
        }
        window.step();
        std::thread::yield_now();
    }
    assert!(window.query_all_by_label_contains("第 1 页，共").next().is_some(), "{}", super::notice(window));
    window.run();
    look("打印", window);
    run(window, Command::Printing(PrintCommand::Close));
    run(window, Command::Tell("写入台帐：磁盘满了".to_owned()));
    look("窗口下方的话", window);
    run(window, Command::Lock(LockCommand::Ask));
    look("台帐口令", window);
}
