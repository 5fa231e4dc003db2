//! Writes HTML that contains exactly the given content: the names of elements and attributes are
//! the program's own, and every text and every value is escaped when it is written. There is no way
//! to add markup as text.
//!
//! For reports.
//! For reports.

use crate::cli::output::text;

/// A page that is being written.
pub(crate) struct Markup(String);

/// Names and values of an element's attributes.
pub(crate) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Markup {
    /// A new page.
    pub(crate) fn page() -> Self {
        Self("<!DOCTYPE html>\n".to_owned())
    }

    /// The complete page.
    pub(crate) fn finish(self) -> String {
        self.0
    }

    /// An element with its content.
    pub(crate) fn element(&mut self, name: &'static str, attributes: Attributes<'_>, content: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        content(self);
        self.0.extend(["</", name, ">"]);
    }

    /// An element that can't have content.
    pub(crate) fn empty(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.open(name, attributes);
    }

    /// An element of a drawing without content.
    pub(crate) fn closed(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.element(name, attributes, |_| {});
    }

    /// An element with a text.
    pub(crate) fn text_element(&mut self, name: &'static str, attributes: Attributes<'_>, text: &str) {
        self.element(name, attributes, |inside| inside.text(text));
    }

    /// Text in one line: characters that would change the direction of writing or end the line are shown escaped.
    pub(crate) fn text(&mut self, text: &str) {
        self.escaped(&text::one_line(text));
    }

    /// Text in lines, with significant white space.
    pub(crate) fn lines(&mut self, text: &str) {
        self.escaped(&text::lines(text));
    }

    /// A line break between elements.
    pub(crate) fn line_break(&mut self) {
        self.0.push('\n');
    }

    /// Style rules, which are the program's own.
    pub(crate) fn style(&mut self, rules: &'static str) {
        self.0.extend(["<style>", rules, "</style>"]);
    }

    fn open(&mut self, name: &'static str, attributes: Attributes<'_>) {
        self.0.extend(["<", name]);
        // An empty class is omitted.
        for (name, value) in attributes.iter().filter(|attribute| **attribute != ("class", "")) {
            self.0.extend([" ", name, "=\""]);
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                character => self.0.push(character),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_and_no_value_becomes_markup() {
        let evil = "</p><script>\"'&\u{1b}[31m\u{202e}\n";
        let mut page = Markup::page();
        page.element("p", &[("title", evil)], |inside| inside.text(evil));
        let shown = "&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;\\u{1b}[31m\\u{202e}\\n";
        assert_eq!(page.finish(), format!("<!DOCTYPE html>\n<p title=\"{shown}\">{shown}</p>"));
    }
}
