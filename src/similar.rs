//! Complaints like this one (同类投诉): of the same user, about the same product, in like words. What shows whether a
//! fault is general (普遍性) or gathers somewhere (集中性).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use chrono::NaiveDate;

use crate::customers::key;
use crate::record::{RecordId, fold};

/// How many complaints of a kind are shown.
pub const SHOWN: usize = 5;
/// Below this likeness, between nought and one, wording is not alike.
const ALIKE: f32 = 0.25;
/// So many pairs of characters have to be shared, unless the complaint is shorter.
const SHARED: usize = 3;
/// How many shared words are told of each.
const WORDS: usize = 3;
/// Characters that say nothing of the fault.
const STOP: &str = "的了在是我们你您他它贵公司请有一不也就都而及与和或到对为以于上下中这那个各其之已未再又还被把将从由等但并所能可要会没无时后前内外\
                    只很更最自来去出现如因此该给让厂方处年月日号台次第两";

/// The complaint looked from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct This<'a> {
    /// Its slip; `RecordId(0)` while it has no number.
    pub record: RecordId,
    /// 产品名称
    pub product: &'a str,
    /// 投诉内容
    pub complaint: &'a str,
}

/// Slips that are like one, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Of the same user.
    pub customer: Vec<RecordId>,
    /// About the same product.
    pub product: Vec<RecordId>,
    /// In like words, the likest first: at most [`SHOWN`], with the words they share.
    pub wording: Vec<(RecordId, Vec<String>)>,
}

/// A slip as it is shown among those like the one on the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// Which.
    pub record: RecordId,
    /// Its number.
    pub number: String,
    /// The day of the event.
    pub date: Option<NaiveDate>,
    /// What it is about, in a line.
    pub about: String,
}

/// What is like the slip on the desk, ready to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Similar {
    /// Of the same user, newest first: at most [`SHOWN`].
    pub same_customer: Vec<Slip>,
    /// How many there are in all.
    pub customers: usize,
    /// About the same product, newest first: at most [`SHOWN`].
    pub same_product: Vec<Slip>,
    /// How many there are in all.
    pub products: usize,
    /// In like words, the likest first, with the words shared.
    pub same_wording: Vec<(Slip, Vec<String>)>,
    /// Whether every slip was compared; a large book takes some seconds after it was opened.
    pub complete: bool,
}

impl Similar {
    /// Hits told by `describe`.
    pub fn of(hits: Hits, complete: bool, mut describe: impl FnMut(RecordId) -> Option<Slip>) -> Self {
        Self {
            customers: hits.customer.len(),
            products: hits.product.len(),
            same_customer: hits.customer.into_iter().take(SHOWN).filter_map(&mut describe).collect(),
            same_product: hits.product.into_iter().take(SHOWN).filter_map(&mut describe).collect(),
            same_wording: hits
                .wording
                .into_iter()
                .filter_map(|(record, words)| describe(record).map(|it| (it, words)))
                .collect(),
            complete,
        }
    }

    /// Whether nothing is like it.
    pub fn is_empty(&self) -> bool {
        self.customers == 0 && self.products == 0 && self.same_wording.is_empty()
    }
}

/// Every complaint, made ready for comparison.
#[derive(Clone, Debug, Default)]
pub struct Index {
    slips: Vec<Entry>,
    places: HashMap<RecordId, u32>,
    /// Users and products by name, so that equal ones are equal numbers.
    names: HashMap<String, u32>,
    /// In which entries a pair of characters stands.
    pairs: HashMap<Pair, Vec<u32>>,
    /// Words of the trade, two characters each: any complaint may hold them, whatever it is about.
    common: HashSet<Pair>,
}

/// Two characters that stand side by side.
type Pair = (char, char);

#[derive(Clone, Copy, Debug)]
struct Entry {
    record: RecordId,
    customer: Option<u32>,
    product: Option<u32>,
    /// How many different pairs the complaint has.
    pairs: u32,
    /// It was written anew, or is void: it stays where it is and is found no more.
    gone: bool,
}

impl Index {
    /// An empty index. `trade`: words that any complaint may hold ([`crate::procedure::Document::trade`]).
    pub fn new<'a>(trade: impl IntoIterator<Item = &'a str>) -> Self {
        let pairs = trade.into_iter().map(str::chars).filter_map(|mut it| it.next().zip(it.next()));
        Self { common: pairs.collect(), ..Self::default() }
    }

    /// How many complaints it holds.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Takes in a slip, in place of what it held of it.
    pub fn put(&mut self, record: RecordId, customer: &str, product: &str, complaint: &str) {
        self.remove(record);
        let Ok(place) = u32::try_from(self.slips.len()) else { return };
        let (customer, product) = (self.number(key(customer)), self.number(product_name(product)));
        let pairs = pairs(complaint, &self.common);
        for pair in &pairs {
            self.pairs.entry(*pair).or_default().push(place);
        }
        let pairs = u32::try_from(pairs.len()).unwrap_or(u32::MAX);
        self.slips.push(Entry { record, customer, product, pairs, gone: false });
        self.places.insert(record, place);
    }

    /// Forgets a slip: a void one is like none.
    pub fn remove(&mut self, record: RecordId) {
        if let Some(entry) = self.places.remove(&record).and_then(|it| self.slips.get_mut(it as usize)) {
            entry.gone = true;
        }
    }

    /// Gives back the room that was kept for more while very many slips were taken in.
    pub fn settle(&mut self) {
        self.slips.shrink_to_fit();
        self.pairs.values_mut().for_each(Vec::shrink_to_fit);
    }

    fn number(&mut self, name: String) -> Option<u32> {
        if name.is_empty() {
            return None;
        }
        let next = u32::try_from(self.names.len()).ok()?;
        Some(*self.names.entry(name).or_insert(next))
    }

    /// What is like a complaint of the user with these spellings ([`crate::customers::aliases`]).
    pub fn find(&self, this: &This<'_>, aliases: &BTreeSet<String>) -> Hits {
        let customers: Vec<u32> = aliases.iter().filter_map(|it| self.names.get(it)).copied().collect();
        let product = self.names.get(&product_name(this.product)).copied();
        let others = || self.slips.iter().filter(|it| !it.gone && it.record != this.record);
        let newest = |mut found: Vec<RecordId>| {
            found.sort_by(|a, b| b.cmp(a));
            found
        };
        let of_customer = others().filter(|it| it.customer.is_some_and(|it| customers.contains(&it)));
        let of_product = others().filter(|it| product.is_some() && it.product == product);
        Hits {
            customer: newest(of_customer.map(|it| it.record).collect()),
            product: newest(of_product.map(|it| it.record).collect()),
            wording: self.alike(this),
        }
    }

    /// Complaints in like words: what share of the shorter one's pairs of characters the two have in common, the rare
    /// ones weighing more.
    fn alike(&self, this: &This<'_>) -> Vec<(RecordId, Vec<String>)> {
        let mine = pairs(this.complaint, &self.common);
        let all = self.places.len().max(1) as f32;
        let rarity = |pair: &Pair| {
            let having = self.pairs.get(pair).map_or(0, Vec::len) as f32;
            (1.0 + all / (1.0 + having)).ln()
        };
        let whole: f32 = mine.iter().map(rarity).sum();
        if mine.is_empty() || whole <= 0.0 {
            return Vec::new();
        }
        let mut shared = vec![(0.0_f32, 0_u32); self.slips.len()];
        for pair in &mine {
            let weight = rarity(pair);
            for place in self.pairs.get(pair).into_iter().flatten() {
                if let Some(it) = shared.get_mut(*place as usize) {
                    *it = (it.0 + weight, it.1 + 1);
                }
            }
        }
        let mean = whole / mine.len() as f32;
        let enough = u32::try_from(SHARED.min(mine.len())).unwrap_or(1);
        let mut found: Vec<(f32, u32)> = Vec::new();
        for (place, (weight, count)) in (0..).zip(&shared) {
            let entry = &self.slips[place as usize];
            if *count < enough.min(entry.pairs) || *count == 0 || entry.gone || entry.record == this.record {
                continue;
            }
            let likeness = weight / whole.min(mean * entry.pairs as f32);
            if likeness >= ALIKE {
                found.push((likeness, place));
            }
        }
        // Of equally like ones the newer first.
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
        found.truncate(SHOWN);
        let told = found.into_iter().map(|(_, place)| (self.slips[place as usize].record, self.words(this, place)));
        told.collect()
    }

    /// The longest runs of characters a complaint shares with an entry. Words of the trade may stand in them.
    fn words(&self, this: &This<'_>, place: u32) -> Vec<String> {
        let has = |pair: Pair| self.pairs.get(&pair).is_some_and(|it| it.binary_search(&place).is_ok());
        let mut words: Vec<String> = Vec::new();
        let (mut run, mut telling) = (String::new(), false);
        let mut last = None;
        for c in this.complaint.chars().chain(['\n']) {
            match last {
                Some(before) if says(c) && (has((before, c)) || self.common.contains(&(before, c))) => {
                    telling |= has((before, c));
                    if run.is_empty() {
                        run.push(before);
                    }
                    run.push(c);
                }
                _ => {
                    let word = std::mem::take(&mut run);
                    if std::mem::take(&mut telling) && !words.iter().any(|it| it.contains(&word)) {
                        words.push(word);
                    }
                }
            }
            last = says(c).then_some(c);
        }
        words.sort_by_key(|it| std::cmp::Reverse(it.chars().count()));
        words.truncate(WORDS);
        words
    }
}

/// The pairs of characters of a text, each once: those that say something, side by side. Words of the trade do not, nor
/// does what only joins two of them.
fn pairs(text: &str, trade: &HashSet<Pair>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut last = None;
    let (mut common, mut joining) = (false, None::<Pair>);
    for c in text.chars() {
        let said = says(c).then_some(c);
        let pair = last.zip(said);
        let is_common = pair.is_some_and(|it| trade.contains(&it));
        // What stands behind a word of the trade waits for what follows.
        let waited = joining.take();
        pairs.extend(waited.filter(|_| !is_common));
        match pair {
            Some(pair) if !is_common && common => joining = Some(pair),
            Some(pair) if !is_common => pairs.push(pair),
            Some(_) | None => {}
        }
        (last, common) = (said, is_common);
    }
    pairs.extend(joining);
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Whether a character says something of the fault: no figure, letter, sign or stop character.
fn says(c: char) -> bool {
    static STOPPED: LazyLock<HashSet<char>> = LazyLock::new(|| STOP.chars().collect());
    is_ideograph(c) && !STOPPED.contains(&c)
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A product without its tag: 液氯中间贮槽 V-203 and 液氯中间贮槽 V-208 are the same product. One that begins with no word is
/// compared whole.
fn product_name(product: &str) -> String {
    let folded = fold(product.trim());
    let word: String = folded.chars().take_while(|c| is_ideograph(*c)).collect();
    if word.chars().count() >= 2 { word } else { key(&folded) }
}
