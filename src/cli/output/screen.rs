//! What a stream's reader can be shown: the width of a line, colour, and characters beyond ASCII.
//!
//! For the printer, which determines it once, and for everything that lays out text.

use terminal_size::{Height, Width};

use crate::cli::global::environment;

/// The width of a terminal that does not report one.
const USUAL_WIDTH: usize = 80;

/// What can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// The columns of the terminal; `None` if there is none, so that nothing is cut or wrapped.
    pub(crate) width: Option<usize>,
    /// Whether text may be coloured.
    pub(crate) color: bool,
    /// Whether characters beyond ASCII can be shown.
    pub(crate) unicode: bool,
}

impl Screen {
    /// A file or a pipe, and ASCII.
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self { width: None, color: false, unicode: false };

    /// What replaces a part that was cut away.
    pub(crate) fn ellipsis(self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }
}

/// The columns of the terminal on stdout.
pub(crate) fn stdout_width() -> usize {
    columns(terminal_size::terminal_size_of(std::io::stdout()))
}

/// The columns of the terminal on stderr.
pub(crate) fn stderr_width() -> usize {
    columns(terminal_size::terminal_size_of(std::io::stderr()))
}

fn columns(size: Option<(Width, Height)>) -> usize {
    size.map_or(USUAL_WIDTH, |(Width(columns), _)| usize::from(columns).max(1))
}

/// Whether the locale supports more than ASCII: the first of the variables that is set decides, as in POSIX. Windows
/// has no such variables and writes Unicode to its consoles.
pub(crate) fn is_unicode() -> bool {
    let locale = environment::LOCALE.into_iter().find_map(environment::value);
    locale.map_or(cfg!(windows), |locale| names_utf_8(&locale))
}

fn names_utf_8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_determines_the_characters() {
        assert!(["C.UTF-8", "de_DE.utf8", "en_US.UTF-8@euro"].into_iter().all(names_utf_8));
        assert!(!["C", "POSIX", "de_DE.ISO-8859-1", "en_US"].into_iter().any(names_utf_8));
    }
}
