//! The faces: every name can be written, the optional face adds the rest, what nobody has is told.

use taizhang::face::{Face, File, MISSING, add_rare_face, missing, resolve, width};
use taizhang::units::Mm;

#[test]
fn every_face_can_be_read_and_has_the_labels() {
    for face in Face::ALL {
        for c in "用户投诉(意见)处置记录单—/:;√〓年月日ABC0123".chars() {
            let glyph = resolve(face, c);
            assert!(!glyph.missing && glyph.id != 0 && glyph.advance > 0.0, "{face:?} {c}");
        }
    }
}

#[test]
fn rare_names_come_from_the_rare_faces() {
    assert_eq!(missing("沈䶮何𬭚吴𠮷罗㼆顾燊陆喆秦翀潘龑阿不都热合曼·买买提明"), [] as [char; 0]);
    assert_eq!(resolve(Face::HeiBold, '䶮').shown, '䶮');
}

/// In one test, because the optional face stays for the program's life.
#[test]
fn the_optional_face_adds_the_rest_of_gb18030() {
    let rare = '\u{2A6D6}';
    let before = resolve(Face::Song, rare);
    assert!(!add_rare_face(b"no face".to_vec()), "what is no face is not taken");
    assert_eq!(resolve(Face::Song, rare), before);
    assert!(add_rare_face(std::fs::read("fonts/rare-full.ttf").unwrap()));
    let all = ['\u{20000}', '\u{2A6D6}', '\u{2B740}', '\u{2CEB0}'];
    assert!(all.iter().any(|c| resolve(Face::Song, *c).file == File::RareFull && !resolve(Face::Song, *c).missing));
}

#[test]
fn what_no_face_has_is_drawn_as_a_missing_sort() {
    let glyph = resolve(Face::Song, '😀');
    assert!(glyph.missing && glyph.shown == MISSING);
    assert_eq!(missing("甲😀乙😀🏽"), ['😀', '🏽']);
    // Look-alikes that input methods write are drawn, not missed.
    assert_eq!(missing("⋯〜‑"), [] as [char; 0]);
}

/// ASCII is half an em in Song, as the office's old forms have it.
#[test]
fn widths_are_sums_of_advances() {
    let five = Mm::points(10.5);
    assert!((width(Face::Song, five, "登记人/日期:") - five * 6.0).to_mm().abs() < 1e-9);
    assert!(width(Face::Song, five, "\r\n\u{200D}\u{FE0F}").to_mm().abs() < 1e-9, "joiners take no room");
    assert!((width(Face::Song, five, "\t") - five * 2.0).to_mm().abs() < 1e-9);
}
