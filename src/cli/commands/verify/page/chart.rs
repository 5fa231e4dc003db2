//! Blocks over time: as a drawing that needs no script, as a row of characters, and in words for
//! people who see neither.

use chrono::{DateTime, TimeDelta, Utc};

use crate::cli::output::markup::Markup;
use crate::cli::output::outline::{self, Ends};
use crate::cli::output::screen::Screen;
use crate::cli::output::text;
use qldb_journal::internal::Timeline;
use qldb_journal::request::time;

/// The dimensions of the drawing, in its own units.
const WIDTH: u64 = 800;
const HEIGHT: u64 = 160;
/// The space below the bars, for the times.
const BELOW: u64 = 36;
/// The space above the bars, for the label of the highest.
const ABOVE: u64 = 36;

/// Blocks over time, with the first and the last time.
pub(super) struct Chart<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) ends: Ends,
}

impl Chart<'_> {
    /// What the drawing shows, in words.
    pub(super) fn words(&self) -> String {
        let counts = self.timeline.counts();
        let blocks = text::count(counts.iter().sum(), "block");
        let [first, last] = [self.ends.0, self.ends.1].map(time::display);
        let bars = text::count(counts.len() as u64, "bar");
        let length = text::length(self.timeline.bin_length());
        let (highest, most) = self.highest();
        let empty = counts.iter().filter(|count| **count == 0).count();
        let empty = match empty {
            0 => String::new(),
            1 => " One bar has none.".to_owned(),
            several => format!(" {several} bars have none."),
        };
        let when = self.begin_of(highest).map(|at| format!(" It begins at {}.", time::display(at))).unwrap_or_default();
        format!("{blocks} from {first} to {last}, in {bars} of {length} each. The highest has {most}.{when}{empty}")
    }

    fn highest(&self) -> (usize, u64) {
        let counts = self.timeline.counts().iter().copied().enumerate();
        // If several are equal, the first.
        counts.rev().max_by_key(|(_, count)| *count).unwrap_or_default()
    }

    fn begin_of(&self, bar: usize) -> Option<DateTime<Utc>> {
        let length = TimeDelta::from_std(self.timeline.bin_length()).ok()?;
        self.timeline.begin()?.checked_add_signed(length.checked_mul(i32::try_from(bar).ok()?)?)
    }

    /// The bars as characters, with the times below.
    pub(super) fn characters(&self, screen: Screen) -> String {
        outline::bars(self.timeline, self.ends, screen).map(|bars| bars.lines).unwrap_or_default()
    }

    /// The bars as a drawing.
    pub(super) fn draw(&self, page: &mut Markup) {
        let box_ = format!("0 0 {WIDTH} {}", ABOVE + HEIGHT + BELOW);
        let attributes = [("viewBox", box_.as_str()), ("role", "img"), ("aria-labelledby", "bars-title bars-words")];
        page.element("svg", &attributes, |page| {
            page.text_element("title", &[("id", "bars-title")], "Blocks over time");
            page.text_element("desc", &[("id", "bars-words")], &self.words());
            self.bars(page);
            self.labels(page);
        });
    }

    fn bars(&self, page: &mut Markup) {
        let counts = self.timeline.counts();
        let (_, most) = self.highest();
        let bars = counts.len().max(1) as u64;
        // In thousandths, so that no bar is lost to rounding.
        let place = |bar: u64| thousandths(u128::from(bar) * u128::from(WIDTH) * 1000 / u128::from(bars));
        let gap = u128::from(bars <= WIDTH / 8);
        let width = thousandths((u128::from(WIDTH) * 1000 / u128::from(bars)).saturating_sub(gap * 1000).max(1000));
        for (bar, count) in (0..).zip(counts).filter(|(_, count)| **count > 0) {
            // Any bar that is not empty is visible, however small.
            let height = (u128::from(*count) * u128::from(HEIGHT)).div_ceil(u128::from(most.max(1)));
            let height = u64::try_from(height).unwrap_or(HEIGHT).max(2);
            let (x, y) = (place(bar), (ABOVE + HEIGHT - height).to_string());
            page.closed("rect", &[("x", &x), ("y", &y), ("width", &width), ("height", &height.to_string())]);
        }
        let floor = (ABOVE + HEIGHT).to_string();
        page.closed("line", &[("x1", "0"), ("x2", &WIDTH.to_string()), ("y1", &floor), ("y2", &floor)]);
    }

    fn labels(&self, page: &mut Markup) {
        let (_, most) = self.highest();
        let day = TimeDelta::days(2) <= self.ends.1 - self.ends.0;
        let format = if day { "%Y-%m-%d" } else { "%Y-%m-%d %H:%MZ" };
        let below = (ABOVE + HEIGHT + BELOW - 8).to_string();
        let [first, last] = [self.ends.0, self.ends.1].map(|time| time.format(format).to_string());
        let length = text::length(self.timeline.bin_length());
        page.text_element("text", &[("x", "0"), ("y", "24")], &format!("at most {most} in {length}"));
        page.text_element("text", &[("x", "0"), ("y", &below)], &first);
        let end = [("x", &*WIDTH.to_string()), ("y", &below), ("text-anchor", "end")];
        page.text_element("text", &end, &last);
    }
}

/// A number of thousandths, in SVG's notation.
fn thousandths(number: u128) -> String {
    format!("{}.{:03}", number / 1000, number % 1000)
}
